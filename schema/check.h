/* The checks of a configuration that follow from its rows. */
#pragma once

#include "schema/attr.h"

/* Checks the object CONFIG (as core sends it: unknown values may be anywhere) against ROWS and
 * RULES (NULL: none).  Adds an error for each thing that is wrong; false where there is one. */
bool check_config(struct call *call, const struct attr *rows, const struct rule *rules,
                  const struct value *config);

/* The ready-made checks that rows point at; each needs only its parameters.
 *   { check_words, .words = W, .doc = ... }   one of W, else an error with the nearest word
 *   { check_known_words, .words = W }         as above, but a warning: the API may know more
 *   { check_length, .min, .max }              a string's length in characters
 *   { check_range, .min, .max }               a whole number
 *   { check_valid, .valid = f, .doc = ... }   a string for which f holds */
bool check_words(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v);
bool check_known_words(struct call *call, const struct check *self, const struct path *at,
                       const struct value *v);
bool check_length(struct call *call, const struct check *self, const struct path *at,
                  const struct value *v);
bool check_range(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v);
bool check_valid(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v);
