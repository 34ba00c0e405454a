/* Reading small files whole: kubeconfigs, tokens, certificates, AWS profiles.
 *
 * Every file that a configuration or the environment names is read here, so that each kind of
 * trouble (missing, a folder, unreadable, too large) is told in the same words. */
#pragma once

#include "base/call.h"

enum file_outcome {
    FILE_READ,
    FILE_MISSING,   /* nothing is there, or a folder on the way is missing */
    FILE_REFUSED,   /* not readable for this user, or no regular file */
    FILE_TOO_LARGE, /* passes the limit */
    FILE_BROKEN,    /* reading failed half-way */
};

/* PATH with a leading "~/" (or "~" alone) replaced by HOME, where HOME is unset by the home folder
 * in the user database.  A copy of PATH otherwise; "~name/" is left alone. */
struct str file_expand(struct arena *arena, struct str path);

/* PATH as the file OF means it: absolute paths and "~/" stay what they are, others start at the
 * folder that holds OF. */
struct str file_beside(struct arena *arena, struct str of, struct str path);

/* Reads PATH (expanded as by `file_expand`) into ARENA, at most LIMIT bytes, without a diagnostic.
 * *TEXT is NUL-terminated behind its length; *FAILURE says in a few words what went wrong ("No such
 * file or directory").  Regular files and character devices (/dev/null) only; never blocks on a
 * pipe. */
enum file_outcome file_try_read(struct arena *arena, struct str path, size_t limit,
                                struct str *text, struct str *failure);

/* As `file_try_read`; anything but FILE_READ adds an error at AT and gives at == NULL.  WHAT names
 * the file's purpose in it ("kubeconfig").  An empty file gives at != NULL and len == 0. */
MUST_CHECK struct str file_read(struct call *call, const struct path *at, struct str path,
                                size_t limit, const char *what);
