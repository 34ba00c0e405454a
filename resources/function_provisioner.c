/* node_pool_from_provisioner: Karpenter's old objects as what took their place. */
#include "gpu/manifests.h"
#include "gpu/provisioner.h"
#include "resources/function.h"
#include "resources/hcl.h"
#include "resources/resource.h"
#include "resources/values.h"
#include "schema/decode.h"

static const struct type_member result_members[] = {
    TYPE_MEMBER("hcl", &type_string),
    TYPE_MEMBER("name", &type_string),
    TYPE_MEMBER("node_class", &type_string),
    TYPE_MEMBER("node_pool", &type_string),
    TYPE_MEMBER("problems", &values_problem_list),
    TYPE_MEMBER("valid", &type_bool),
};
static const struct type result_type = OBJECT_TYPE(result_members);

static const struct function_parameter parameters[] = {
    { "yaml", &type_string, false,
      "A `Provisioner` of `karpenter.sh/v1alpha5` as YAML, with the `AWSNodeTemplate` it refers to "
      "behind it, if it does." },
    { 0 },
};

static const struct value *yaml_of(struct arena *arena, const json_t *object)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    if (!object)
        return &value_null;
    manifest_print(&out, object);
    return value_string(arena, buf_str(&out));
}

/* OBJECT as the resource NAME; what our rows cannot hold is a problem. */
static void add_hcl(struct arena *arena, struct buf *out, const char *name, const json_t *object,
                    struct problems *problems)
{
    struct str full = str_print(arena, TYPE_PREFIX "%s", name);
    const struct resource *resource = registry_find_resource(full);
    struct call inner = { .arena = arena };
    const struct decode_options options = { &value_null, NULL };
    const struct value *decoded =
        object && resource ? decode_answer(&inner, resource->rows, object, &options) : NULL;
    for (const struct diagnostic *d = inner.first; d; d = d->next)
        problem_add(problems, PROBLEM_FATAL, STR(""), "%.*s", STR_ARG(d->detail));
    if (!decoded)
        return;
    buf_add_text(out, out->len ? "\n" : "");
    hcl_resource(out, full.at, hcl_label(arena, json_str_at(object, "metadata.name")),
                 resource->rows, decoded);
}

static const struct value *run(struct call *call, const struct value *const *arguments)
{
    struct arena *arena = call->arena;
    struct problems problems = problems_make(arena);
    struct provisioner provisioner;
    struct buf hcl = buf_make(arena, BUF_LIMIT);
    provisioner_convert(call, value_text(arguments[0]), &provisioner, &problems);
    add_hcl(arena, &hcl, "karpenter_ec2_node_class", provisioner.node_class, &problems);
    add_hcl(arena, &hcl, "karpenter_node_pool", provisioner.node_pool, &problems);
    const struct value_member members[] = {
        { STR("name"), values_text(arena, provisioner.name) },
        { STR("hcl"), value_string(arena, buf_str(&hcl)) },
        { STR("node_class"), yaml_of(arena, provisioner.node_class) },
        { STR("node_pool"), yaml_of(arena, provisioner.node_pool) },
        { STR("problems"), values_problems(arena, &problems) },
        { STR("valid"), value_bool(problems_count(&problems, PROBLEM_FATAL) == 0) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct function function_node_pool_from_provisioner = {
    .name = "node_pool_from_provisioner",
    .summary = "A Karpenter Provisioner as a NodePool and an EC2NodeClass",
    .doc =
        "Converts Karpenter's objects from before v1: an object with `hcl`, the resources of this "
        "provider; `node_pool` and `node_class`, the same as YAML, null where the text holds "
        "nothing to make it of; `name`; `valid`, whether nothing is missing; and `problems`, "
        "objects with `severity` (`fatal`: the API requires something that is missing, `ignored`: "
        "it has no successor, `suspicious`: it was changed, or a default was written out), `path` "
        "and `sentence`.",
    .parameters = parameters,
    .result = &result_type,
    .run = run,
};
