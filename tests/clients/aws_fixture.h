/* What tests of AWS share: an empty environment, a home of its own, one call. */
#pragma once

#include "clients/aws_config.h"

/* The call of the running test; aws_begin makes it anew. */
extern struct arena aws_arena;
extern struct call aws_call;

/* Unsets all that AWS reads from the environment and makes HOME an empty folder. */
void aws_begin(void);
/* Removes that folder and forgets cached credentials. */
void aws_end(void);

/* Writes TEXT to NAME in the home folder, and gives its path. */
struct str aws_write(const char *name, const char *text);

/* Resolves SETTINGS, which must work. */
struct aws_config aws_resolve(const struct aws_settings *settings);

/* Resolved settings of region eu-west-1 with the keys AKIDTEST and secret/test+key. */
struct aws_config aws_resolve_static(void);

/* Fails unless the last diagnostic holds WORDS in summary or detail; forgets all of them. */
void aws_expect_error(const char *words);
