/* The format of ~/.aws/config and ~/.aws/credentials.
 *
 * Sections in brackets, "name = value", comments by # or ;, and nested values as indented lines
 * under a name without a value.  As in the SDK for Go, " #" or " ;" within a value starts a
 * comment. */
#pragma once

#include "base/call.h"

struct ini_entry {
    struct ini_entry *next;
    struct str name; /* lower case */
    struct str value;
    struct ini_entry *nested; /* indented "name = value" lines */
    unsigned line;
};

struct ini_section {
    struct ini_section *next;
    struct str name; /* blanks within made one, quotes gone: "profile dev" */
    struct ini_entry *entries;
    unsigned line;
};

struct ini {
    struct str file; /* where it came from, for messages */
    struct ini_section *sections;
};

/* The largest file that is read. */
#define INI_LIMIT ((size_t)4 * 1024 * 1024)

/* Parses TEXT, which came from FILE; views into TEXT.  NULL where it is anything else; *WHY then is
 * a sentence with the line.  A section that comes twice is merged, of an entry the last one counts.
 */
const struct ini *ini_parse(struct arena *arena, struct str text, struct str file, struct str *why);

/* The section NAME, or NULL. */
const struct ini_section *ini_section_find(const struct ini *ini, struct str name);

/* The entry NAME (lower case) of a list, or NULL; SECTION may be NULL. */
const struct ini_entry *ini_entry_find(const struct ini_section *section, const char *name);

/* Its value; at == NULL where there is none. */
struct str ini_value(const struct ini_section *section, const char *name);
struct str ini_nested_value(const struct ini_section *section, const char *name,
                            const char *nested);
