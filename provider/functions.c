/* Signatures, arguments and errors of functions. */
#include "provider/functions.h"

static ProtobufCBinaryData type_bytes(struct arena *arena, const struct type *type)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    type_print(&out, type);
    return exchange_binary(buf_str(&out));
}

static Tfplugin6__Function__Parameter *emit_parameter(struct arena *arena,
                                                      const struct function_parameter *parameter)
{
    Tfplugin6__Function__Parameter *message = ARENA_NEW(arena, Tfplugin6__Function__Parameter);
    tfplugin6__function__parameter__init(message);
    message->name = (char *)parameter->name;
    message->type = type_bytes(arena, parameter->type);
    message->allow_null_value = parameter->nullable;
    message->description = (char *)parameter->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

Tfplugin6__Function *functions_emit(struct arena *arena, const struct function *function)
{
    Tfplugin6__Function *message = ARENA_NEW(arena, Tfplugin6__Function);
    tfplugin6__function__init(message);
    size_t count = function_parameter_count(function);
    message->parameters = ARENA_NEW_ARRAY(arena, Tfplugin6__Function__Parameter *, count);
    message->n_parameters = count;
    for (size_t i = 0; i < count; i++)
        message->parameters[i] = emit_parameter(arena, &function->parameters[i]);
    message->return_ = ARENA_NEW(arena, Tfplugin6__Function__Return);
    tfplugin6__function__return__init(message->return_);
    message->return_->type = type_bytes(arena, function->result);
    message->summary = (char *)function->summary;
    message->description = (char *)function->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

/* The step that names the argument, and in *INNER whether there are steps behind it. */
static const struct path *first_step(const struct path *path, bool *inner)
{
    *inner = path && path->up;
    while (path && path->up)
        path = path->up;
    return path;
}

/* PATH without its first step, which only counts the arguments. */
static struct str place_in_argument(struct arena *arena, const struct path *path)
{
    struct str whole = path_print(arena, path);
    size_t end = str_find(whole, ']', 0);
    struct str rest = str_slice(whole, end < whole.len ? end + 1 : 0, whole.len);
    return str_starts(rest, ".") ? str_slice(rest, 1, rest.len) : rest;
}

Tfplugin6__FunctionError *functions_error(const struct call *call)
{
    struct buf text = buf_make(call->arena, BUF_LIMIT);
    Tfplugin6__FunctionError *error = ARENA_NEW(call->arena, Tfplugin6__FunctionError);
    tfplugin6__function_error__init(error);
    for (const struct diagnostic *d = call->first; d; d = d->next) {
        bool inner;
        const struct path *step = first_step(d->at, &inner);
        if (d->severity != SEVERITY_ERROR)
            continue;
        if (!text.len && step && step->step == PATH_INDEX) {
            error->function_argument_presence_case =
                TFPLUGIN6__FUNCTION_ERROR__FUNCTION_ARGUMENT_PRESENCE_FUNCTION_ARGUMENT;
            error->function_argument = step->index;
        }
        buf_print(&text, "%s%.*s: ", text.len ? "\n" : "", STR_ARG(d->summary));
        if (inner)
            buf_print(&text, "%s: ", place_in_argument(call->arena, d->at).at);
        buf_add_str(&text, d->detail);
    }
    /* Core puts its own full stop behind it. */
    struct str said = buf_str(&text);
    if (str_ends(said, "."))
        said = str_copy(call->arena, str_slice(said, 0, said.len - 1));
    error->text = (char *)said.at;
    return error;
}

/* Core does not call a function with unknown arguments, but other clients may. */
static const struct value *decode(struct call *call, const struct function_parameter *parameter,
                                  int64_t index, const Tfplugin6__DynamicValue *message)
{
    const struct path *at = PATH_AT_INDEX(NULL, index);
    const struct value *argument = exchange_decode(call, parameter->type, message);
    if (!argument)
        return NULL;
    if (!value_is_wholly_known(argument))
        return fail_null(call, at, "Unknown argument", "`%s` is not known yet.", parameter->name);
    if (value_is_null(argument) && !parameter->nullable)
        return fail_null(call, at, "Missing argument", "`%s` must not be null.", parameter->name);
    for (size_t i = 0; argument->kind == VALUE_MEMBERS && i < argument->count; i++)
        if (parameter->type->kind == TYPE_MAP && value_is_null(argument->members[i].value))
            return fail_null(call, PATH_AT_KEY(at, argument->members[i].name), "Missing value",
                             "The member must not be null.");
    return argument;
}

const struct value *functions_run(struct call *call, const struct function *function,
                                  Tfplugin6__DynamicValue *const *arguments, size_t count)
{
    size_t expected = function_parameter_count(function);
    const struct value **values = ARENA_NEW_ARRAY(call->arena, const struct value *, expected);
    if (count != expected)
        return fail_null(call, NULL, "Wrong number of arguments", "%s takes %zu, found %zu.",
                         function->name, expected, count);
    for (size_t i = 0; i < count; i++) {
        values[i] = decode(call, &function->parameters[i], (int64_t)i, arguments[i]);
        if (!values[i])
            return NULL;
    }
    return function->run(call, values);
}
