/* Making and reading single values. */
#include "resources/values.h"

#include <math.h>
#include <stdlib.h>

#include "schema/codec.h"

const struct value *values_text(struct arena *arena, struct str s)
{
    return s.at ? value_string(arena, s) : &value_null;
}

const struct value *values_number(struct arena *arena, double number)
{
    if (!isfinite(number))
        return &value_null;
    return value_number(arena, number_canonical(arena, str_print(arena, "%.6f", number)));
}

const struct value *values_number_or_null(struct arena *arena, double number)
{
    return number > 0 || number < 0 ? values_number(arena, number) : &value_null;
}

const struct value *values_int_or_null(struct arena *arena, int64_t number)
{
    return number ? value_int(arena, number) : &value_null;
}

double values_double(const struct value *v, double fallback)
{
    return v->kind == VALUE_NUMBER ? strtod(v->text.at, NULL) : fallback;
}

int64_t values_int(const struct value *v, int64_t fallback)
{
    int64_t number;
    return value_to_int(v, &number) ? number : fallback;
}

struct str *values_texts(struct arena *arena, const struct value *list, size_t *count)
{
    size_t room = list->kind == VALUE_SEQUENCE ? list->count : 0;
    struct str *texts = ARENA_NEW_ARRAY(arena, struct str, room);
    *count = 0;
    for (size_t i = 0; i < room; i++)
        if (value_text(list->items[i]).at)
            texts[(*count)++] = value_text(list->items[i]);
    return texts;
}

const struct value *values_text_list(struct arena *arena, const struct str *texts, size_t count)
{
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(arena, texts[i]);
    return value_sequence(arena, items, count);
}

const struct value *values_with_defaults(struct call *call, const struct attr *rows,
                                         const struct value *config)
{
    FOR_EACH_ROW (row, rows) {
        if (!row->default_json || !value_is_null(value_at(config, row->name)))
            continue;
        const struct value *standard = attr_default(call, row);
        if (!standard)
            return NULL;
        config = value_with(call->arena, config, str_of(row->name), standard);
    }
    return config;
}

const struct value *values_with(struct arena *arena, const struct value *object,
                                const struct value_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        object = value_with(arena, object, members[i].name, members[i].value);
    return object;
}

const struct instance_type *values_instance_type(struct call *call, const struct path *at,
                                                 struct str name)
{
    const struct instance_type *type = instance_type_find(name);
    const char *nearest = instance_type_nearest(name);
    if (type)
        return type;
    return fail_null(call, at, "Unknown instance type",
                     "`%.*s` is no instance type with a GPU that this provider knows.%s%s%s",
                     STR_ARG(name), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                     nearest ? "`?" : "");
}

static const struct type_member problem_members[] = {
    TYPE_MEMBER("path", &type_string),
    TYPE_MEMBER("sentence", &type_string),
    TYPE_MEMBER("severity", &type_string),
};
static const struct type problem_type = OBJECT_TYPE(problem_members);
const struct type values_problem_list = { .kind = TYPE_LIST, .element = &problem_type };

const struct value *values_problems(struct arena *arena, const struct problems *problems)
{
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, problems->count);
    size_t count = 0;
    for (const struct problem *problem = problems->first; problem; problem = problem->next) {
        const struct value_member members[] = {
            { STR("path"), value_string(arena, problem->path.at ? problem->path : STR("")) },
            { STR("sentence"), value_string(arena, problem->sentence) },
            { STR("severity"),
              value_string(arena, str_of(problem_severity_name(problem->severity))) },
        };
        items[count++] = value_members(arena, members, sizeof members / sizeof *members);
    }
    return value_sequence(arena, items, count);
}
