/* bottlerocket_user_data: sharing on Bottlerocket, as TOML for a launch template. */
#include "resources/bottlerocket_block.h"
#include "resources/function.h"

static const struct function_parameter parameters[] = {
    { "settings", &type_dynamic, false,
      "An object with the members of `bottlerocket_settings` of "
      "`gpushare_karpenter_ec2_node_class`, like `{ time_slicing = { replicas = 10 } }`." },
    { 0 },
};

static const struct value *object_of(struct call *call, const struct path *at,
                                     const struct attr *rows, const struct value *given);

/* VALUE as a member of ROW; NULL with an error added where it is of another kind. */
static const struct value *member_of(struct call *call, const struct path *at,
                                     const struct attr *row, const struct value *value)
{
    static const enum value_kind kinds[] = {
        [TYPE_STRING] = VALUE_STRING, [TYPE_NUMBER] = VALUE_NUMBER, [TYPE_BOOL] = VALUE_BOOL,
        [TYPE_LIST] = VALUE_SEQUENCE, [TYPE_MAP] = VALUE_MEMBERS,
    };
    if (value_is_null(value))
        return value;
    if (row->nesting != NOT_A_BLOCK)
        return object_of(call, at, row->rows, value);
    if (value->kind != kinds[row->type->kind])
        return fail_null(call, at, "Wrong type", "`%s` must be a %s.", row->name,
                         type_name(call->arena, row->type).at);
    for (size_t i = 0; value->kind == VALUE_SEQUENCE && i < value->count; i++)
        if (!value_text(value->items[i]).at)
            return fail_null(call, at, "Wrong type", "`%s` must be a list of strings.", row->name);
    if (value->kind != VALUE_MEMBERS)
        return value;
    struct value_member *texts = ARENA_NEW_ARRAY(call->arena, struct value_member, value->count);
    for (size_t i = 0; i < value->count; i++) {
        struct str text = value_text(value->members[i].value);
        if (!text.at)
            return fail_null(call, at, "Wrong type", "`%s` must be a map of strings.", row->name);
        texts[i] = (struct value_member){ value->members[i].name, value_string(call->arena, text) };
    }
    return value_members(call->arena, texts, value->count);
}

static const char *nearest_row(const struct attr *rows, struct str name)
{
    const char *names[32];
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        if (count < sizeof names / sizeof *names)
            names[count++] = row->name;
    return str_nearest(name, names, count);
}

/* An object of ROWS, complete; what ROWS lack is an error, where core would drop it in silence. */
static const struct value *object_of(struct call *call, const struct path *at,
                                     const struct attr *rows, const struct value *given)
{
    const struct value *object = attr_empty(call->arena, rows);
    if (given->kind != VALUE_MEMBERS)
        return fail_null(call, at, "Wrong type", "Expected an object.");
    for (size_t i = 0; i < given->count; i++) {
        struct str name = given->members[i].name;
        const struct attr *row = attr_find(rows, name);
        const char *nearest = nearest_row(rows, name);
        if (!row)
            return fail_null(call, PATH_AT_ATTRIBUTE(at, name), "Unknown setting",
                             "There is no setting `%.*s`.%s%s%s", STR_ARG(name),
                             nearest ? " Did you mean `" : "", nearest ? nearest : "",
                             nearest ? "`?" : "");
        const struct value *member =
            member_of(call, PATH_AT_ATTRIBUTE(at, name), row, given->members[i].value);
        if (!member)
            return NULL;
        object = value_with(call->arena, object, name, member);
    }
    return object;
}

static const struct value *run(struct call *call, const struct value *const *arguments)
{
    const struct path *at = PATH_AT_INDEX(NULL, 0);
    const struct value *object = object_of(call, at, bottlerocket_rows, arguments[0]);
    if (!object || !bottlerocket_block_check(call, at, object))
        return NULL;
    struct bottlerocket_settings settings = bottlerocket_settings_of(call->arena, object);
    return value_string(call->arena, bottlerocket_settings_render(call->arena, &settings));
}

const struct function function_bottlerocket_user_data = {
    .name = "bottlerocket_user_data",
    .summary = "Bottlerocket's user data for sharing GPUs",
    .doc = "The TOML that makes Bottlerocket's built-in device plugin share GPUs or divide them by "
           "MIG, for the user data of a node group's launch template. Settings that Bottlerocket "
           "would refuse are errors.",
    .parameters = parameters,
    .result = &type_string,
    .run = run,
};
