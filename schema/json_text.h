/* JSON text read token by token, for what jansson cannot hold: numbers of any length. */
#pragma once

#include "base/buf.h"
#include "base/call.h"

struct json_text {
    struct call *call;
    struct str text;
    size_t at;        /* offset of the next byte */
    const char *what; /* names the origin in messages */
};

/* Adds an error that EXPECTED was not found at the current offset; always false. */
bool json_text_fail(const struct json_text *text, const struct path *at, const char *expected);

/* The next byte that is no blank, which stays; '\0' at the end. */
char json_text_peek(struct json_text *text);

/* Takes TOKEN, a punctuation mark or null, true, false, where it comes next. */
bool json_text_take(struct json_text *text, const char *token);

/* As `json_text_take`, but its absence is an error. */
MUST_CHECK bool json_text_expect(struct json_text *text, const struct path *at, const char *token);

/* Takes the comma between two members or the mark CLOSE after the last.  FIRST: before the first
 * member, where no comma stands.  *MORE: whether a member follows. */
MUST_CHECK bool json_text_next(struct json_text *text, const struct path *at, const char *close,
                               bool first, bool *more);

/* Takes a string: UTF-8, escapes resolved, half surrogate pairs refused.  OUT may be a view into
 * the text. */
MUST_CHECK bool json_text_string(struct json_text *text, const struct path *at, struct str *out);

/* Takes a string and the colon after it. */
MUST_CHECK bool json_text_name(struct json_text *text, const struct path *at, struct str *out);

/* Takes a number; OUT is a view of its text. */
MUST_CHECK bool json_text_number(struct json_text *text, const struct path *at, struct str *out);

/* Takes any value that nests at most DEPTH levels. */
MUST_CHECK bool json_text_skip(struct json_text *text, const struct path *at, unsigned depth);

/* Nothing but blanks may follow. */
MUST_CHECK bool json_text_end(struct json_text *text, const struct path *at);

/* Appends S, UTF-8, as a JSON string. */
void json_text_add_string(struct buf *out, struct str s);
