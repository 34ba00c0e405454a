/* Calling provider functions with arguments as JSON, for their tests. */
#pragma once

#include "resources/function.h"
#include "tests/resources/data.h"

/* Calls NAME with ARGUMENTS, a JSON array; NULL where that fails. */
static inline json_t *function_call(const char *name, const char *arguments)
{
    const struct function *function = registry_find_function(str_of(name));
    ck_assert_ptr_nonnull(function);
    const struct value *values[4];
    json_t *list = json_try_parse(&arena, str_of(arguments));
    ck_assert_uint_eq(json_array_size(list), function_parameter_count(function));
    call = (struct call){ .arena = &arena };
    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct type *type = function->parameters[i].type;
        struct str text = json_print(&arena, json_array_get(list, i));
        /* The JSON form of a dynamic value names its type; these tests give it as an object. */
        values[i] = value_from_json(&call, type, text, /* ignore_unknown_members */ false);
        ck_assert_ptr_nonnull(values[i]);
    }
    const struct value *result = function->run(&call, values);
    ck_assert_uint_eq(call.errors != 0, result == NULL);
    if (!result)
        return NULL;
    struct buf bytes = buf_make(&arena, BUF_LIMIT);
    value_to_msgpack(&bytes, function->result, result);
    result = value_from_msgpack(&call, function->result, buf_str(&bytes));
    ck_assert_ptr_nonnull(result);
    struct buf text = buf_make(&arena, BUF_LIMIT);
    value_to_json(&text, function->result, result);
    struct str wrapped = str_print(&arena, "{\"result\": %s}", buf_str(&text).at);
    return json_at(json_try_parse(&arena, wrapped), "result");
}

/* Whether one of the problems of RESULT says PART. */
static inline bool function_has_problem(const json_t *result, const char *part)
{
    size_t i;
    json_t *problem;
    json_array_foreach (json_at(result, "problems"), i, problem)
        if (str_contains(json_str_at(problem, "sentence"), part))
            return true;
    return false;
}
