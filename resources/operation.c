/* Names and common errors of operations. */
#include "resources/operation.h"

#include "resources/import_id.h"
#include "resources/kubernetes_object.h"

const struct value *operation_object(const struct operation *operation)
{
    return value_is_set(operation->planned) ? operation->planned : operation->prior;
}

static struct str kind_of(const struct resource *resource)
{
    return resource->kubernetes ? str_of(resource->kubernetes->kind) : STR("node group");
}

struct str operation_title(const struct operation *operation)
{
    const struct value *object = operation_object(operation);
    struct buf out = buf_make(operation->call->arena, BUF_LIMIT);
    buf_print(&out, "the %.*s ", STR_ARG(kind_of(operation->resource)));
    if (operation->member.at) {
        struct str namespace = value_text(value_at(object, "namespace"));
        buf_print(&out, "%.*s%s%.*s", STR_ARG(namespace), namespace.len ? "/" : "",
                  STR_ARG(operation->member));
        return buf_str(&out);
    }
    struct str names = str_of(operation->resource->identity);
    struct str name;
    for (bool first = true; attr_next_name(&names, &name); first = false)
        buf_print(&out, "%s%.*s", first ? "" : "/",
                  STR_ARG(value_text(value_at_str(object, name))));
    return buf_str(&out);
}

struct str operation_import_id(const struct operation *operation)
{
    return import_id_print(operation->call->arena, operation->resource,
                           operation_object(operation));
}

bool operation_fail_exists(const struct operation *operation)
{
    struct str id = operation_import_id(operation);
    const char *adopt = attr_find(operation->resource->rows, STR("adopt"))
                            ? " Or set `adopt = true` to take it over and overwrite what differs."
                            : "";
    return fail(
        operation->call, NULL, "It exists already",
        "Found %.*s, which this configuration was about to create; nothing was changed. Bring it "
        "under Terraform's care with\n\n    terraform import ADDRESS '%.*s'\n\nwhere ADDRESS is "
        "this "
        "resource's address, or with an import block.%s",
        STR_ARG(operation_title(operation)), STR_ARG(id), adopt);
}
