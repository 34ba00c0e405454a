/* The list of functions, and what can be said of any of them. */
#include "resources/function.h"

#include "base/buf.h"

extern const struct function function_advertised, function_bottlerocket_user_data,
    function_lint_workload, function_mig_fits, function_mig_layouts,
    function_node_pool_from_provisioner, function_parse_device_plugin_config,
    function_shared_resource_name;

const struct function *const registry_functions[] = {
    &function_advertised,
    &function_bottlerocket_user_data,
    &function_lint_workload,
    &function_mig_fits,
    &function_mig_layouts,
    &function_node_pool_from_provisioner,
    &function_parse_device_plugin_config,
    &function_shared_resource_name,
    NULL,
};

const struct function *registry_find_function(struct str name)
{
    for (size_t i = 0; registry_functions[i]; i++)
        if (str_is(name, registry_functions[i]->name))
            return registry_functions[i];
    return NULL;
}

size_t function_parameter_count(const struct function *function)
{
    size_t count = 0;
    while (function->parameters[count].name)
        count++;
    return count;
}

struct str function_signature(struct arena *arena, const struct function *function)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_print(&out, "%s(", function->name);
    for (const struct function_parameter *at = function->parameters; at->name; at++)
        buf_print(&out, "%s%s %s", at == function->parameters ? "" : ", ", at->name,
                  type_name(arena, at->type).at);
    buf_print(&out, ") %s", type_name(arena, function->result).at);
    return buf_str(&out);
}
