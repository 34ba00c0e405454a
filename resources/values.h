/* Short ways between C's values and Terraform's, for data sources and functions. */
#pragma once

#include "gpu/instance_types.h"
#include "schema/attr.h"

/* A member of a static object type; members stand sorted by name. */
#define TYPE_MEMBER(name, type)                                                                    \
    {                                                                                              \
        { "" name, sizeof(name) - 1 }, (type)                                                      \
    }
#define OBJECT_TYPE(rows)                                                                          \
    {                                                                                              \
        .kind = TYPE_OBJECT, .members = (rows), .member_count = sizeof(rows) / sizeof *(rows)      \
    }

/* Null where S has at == NULL. */
NEVER_NULL const struct value *values_text(struct arena *arena, struct str s);
/* NUMBER rounded to six decimals; null where it is not finite. */
NEVER_NULL const struct value *values_number(struct arena *arena, double number);
/* As `values_number`, with 0 for what is not known: null. */
NEVER_NULL const struct value *values_number_or_null(struct arena *arena, double number);
NEVER_NULL const struct value *values_int_or_null(struct arena *arena, int64_t number);

/* What a number V is as a double; FALLBACK where it is none. */
double values_double(const struct value *v, double fallback);
int64_t values_int(const struct value *v, int64_t fallback);

/* The texts of a list or set of strings, null members left out; their number in *COUNT. */
struct str *values_texts(struct arena *arena, const struct value *list, size_t *count);

/* A list of strings made of COUNT texts. */
NEVER_NULL const struct value *values_text_list(struct arena *arena, const struct str *texts,
                                                size_t count);

/* CONFIG with the defaults of ROWS where it is null; NULL with an error added. */
const struct value *values_with_defaults(struct call *call, const struct attr *rows,
                                         const struct value *config);

/* OBJECT with MEMBERS (COUNT) in it. */
NEVER_NULL const struct value *values_with(struct arena *arena, const struct value *object,
                                           const struct value_member *members, size_t count);

/* The row of the instance type NAME; NULL with an error added AT, which offers the nearest. */
MUST_CHECK const struct instance_type *values_instance_type(struct call *call,
                                                            const struct path *at, struct str name);

/* Objects with severity, path and sentence: what a function says is wrong. */
extern const struct type values_problem_list;
NEVER_NULL const struct value *values_problems(struct arena *arena,
                                               const struct problems *problems);
