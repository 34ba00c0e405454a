/* Making pages of tables and examples, and putting them into files. */
#include "provider/docs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "provider/config.h"
#include "resources/eks_object.h"
#include "resources/import_id.h"
#include "resources/kubernetes_object.h"
#include "resources/lifecycle.h"
#include "schema/page.h"

#define EXAMPLE_LIMIT ((size_t)64 * 1024)

static const char provider_notes[] =
    "`cluster_name` is all that it needs: EKS is asked for the cluster's endpoint and certificate "
    "authority, and the token is made from the same credentials. It may be unknown at plan, so "
    "that one apply creates the cluster and what shares its GPUs.\n"
    "\n"
    "Credentials are looked for in this order: the arguments `access_key`, `secret_key` and "
    "`token`; the profile that `profile` names; the environment variables `AWS_ACCESS_KEY_ID`, "
    "`AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; the profile of `AWS_PROFILE`, else "
    "`default`, in the shared config and credentials files. An error names each source that was "
    "tried and what it gave.\n";

/* The dash-separated form of a name, for objects in examples. */
static struct str with_dashes(struct arena *arena, const char *name)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (const char *at = name; *at; at++)
        buf_add_byte(&out, *at == '_' ? '-' : *at);
    return buf_str(&out);
}

static void add_rule(struct buf *out, const struct kubernetes_kind *kind, const char *verbs)
{
    buf_print(out, "- apiGroups: [\"%s\"]\n  resources: [\"%s\"]\n  verbs: [%s]\n", kind->group,
              kind->plural, verbs);
}

/* The text that a row is given where the configuration has none, without its quotation marks. */
static struct str default_text(const struct attr *rows, const char *name)
{
    const struct attr *row = attr_find(rows, str_of(name));
    struct str text = str_of(row && row->default_json ? row->default_json : "");
    return str_slice(text, 1, text.len ? text.len - 1 : 0);
}

static void add_statement(struct buf *out, const char *const *actions, const char *const *resources,
                          bool last)
{
    buf_add_text(out, "    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n");
    for (size_t i = 0; actions[i]; i++)
        buf_print(out, "        \"%s\"%s\n", actions[i], actions[i + 1] ? "," : "");
    buf_add_text(out, "      ],\n      \"Resource\": [\n");
    for (size_t i = 0; resources[i]; i++)
        buf_print(out, "        \"%s\"%s\n", resources[i], resources[i + 1] ? "," : "");
    buf_print(out, "      ]\n    }%s\n", last ? "" : ",");
}

static void begin_policy(struct buf *out)
{
    buf_add_text(out, "\n```json\n{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n");
}

static void end_policy(struct buf *out)
{
    buf_add_text(out, "  ]\n}\n```\n");
}

#define CLUSTER_ARN "arn:aws:eks:REGION:ACCOUNT:cluster/CLUSTER"

static void add_way_to_the_cluster(struct buf *out)
{
    static const char *const actions[] = { "eks:DescribeCluster", NULL };
    static const char *const resources[] = { CLUSTER_ARN, NULL };
    buf_add_text(out, "\nThe way to the cluster takes one IAM action, unless the provider has a "
                      "`kubernetes` block, and an access entry of the cluster that puts the IAM "
                      "role into a group with the rules above:\n");
    begin_policy(out);
    add_statement(out, actions, resources, /* last */ true);
    end_policy(out);
}

static void begin_role(struct buf *out, const char *name, struct str namespace)
{
    buf_print(out,
              "\n```yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: %s\nmetadata:\n"
              "  name: gpushare-%s\n",
              namespace.len ? "Role" : "ClusterRole", with_dashes(out->arena, name).at);
    if (namespace.len)
        buf_print(out, "  namespace: %.*s\n", STR_ARG(namespace));
    buf_add_text(out, "rules:\n");
}

static void add_kubernetes(struct buf *out, const struct resource *resource)
{
    const struct kubernetes_kind *kind = resource->kubernetes;
    begin_role(out, resource->name, default_text(resource->rows, "namespace"));
    add_rule(out, kind,
             kind->part      ? "\"get\", \"patch\""
             : kind->members ? "\"get\", \"list\", \"create\", \"patch\", \"delete\""
                             : "\"get\", \"create\", \"patch\", \"delete\"");
    if (kind->dependents)
        add_rule(out, kind->dependents, "\"list\"");
    for (const struct kubernetes_kind *const *other = resource->lists; other && *other; other++)
        add_rule(out, *other, "\"list\"");
    buf_add_text(out, "```\n");
    add_way_to_the_cluster(out);
}

/* The actions behind the driver's requests; those of update calls stand in the table. */
static void add_eks(struct buf *out, const struct eks_object *eks)
{
    static const char *const resources[] = { CLUSTER_ARN,
                                             "arn:aws:eks:REGION:ACCOUNT:nodegroup/CLUSTER/*/*",
                                             NULL };
    static const char *const pass[] = { "iam:PassRole", NULL };
    static const char *const roles[] = { "arn:aws:iam::ACCOUNT:role/NODE_ROLE", NULL };
    const char *actions[8 + EKS_CALLS] = { "eks:CreateNodegroup", "eks:DescribeNodegroup",
                                           "eks:DeleteNodegroup", "eks:DescribeUpdate" };
    size_t count = 4;
    for (unsigned i = 0; i < EKS_CALLS; i++)
        if (eks->updates[i])
            actions[count++] = str_ends(str_of(eks->updates[i]), "version")
                                   ? "eks:UpdateNodegroupVersion"
                                   : "eks:UpdateNodegroupConfig";
    if (eks->tags_call) {
        actions[count++] = "eks:TagResource";
        actions[count++] = "eks:UntagResource";
    }
    begin_policy(out);
    add_statement(out, actions, resources, /* last */ false);
    add_statement(out, pass, roles, /* last */ true);
    end_policy(out);
}

struct str docs_resource_permissions(struct arena *arena, const struct resource *resource)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, "The least that the provider's identity needs for this resource:\n");
    if (resource->kubernetes)
        add_kubernetes(&out, resource);
    if (resource->eks)
        add_eks(&out, resource->eks);
    return buf_str(&out);
}

struct str docs_data_source_permissions(struct arena *arena, const struct data_source *source)
{
    if (!source->lists)
        return (struct str){ 0 };
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, "The least that the provider's identity needs for this data source:\n");
    begin_role(&out, source->name, (struct str){ 0 });
    for (const struct kubernetes_kind *const *kind = source->lists; *kind; kind++)
        add_rule(&out, *kind, "\"list\"");
    buf_add_text(&out, "```\n");
    add_way_to_the_cluster(&out);
    return buf_str(&out);
}

struct str docs_import_form(struct arena *arena, const struct resource *resource)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_print(&out,
              "The id is `%s`; what stands in brackets is taken from the provider when left out. "
              "Where the core knows resource identities (Terraform and OpenTofu from 1.12 on), an "
              "`import` block may have an `identity` instead, with ",
              import_id_form(arena, resource).at);
    struct str names = str_of(resource->identity);
    struct str name;
    while (attr_next_name(&names, &name))
        buf_print(&out, "`%.*s`, ", STR_ARG(name));
    buf_add_text(&out, "and `cluster_name` and `region` where they are not the provider's.\n");
    return buf_str(&out);
}

static struct str example(struct call *call, const char *kind, const char *name, const char *file)
{
    struct str path = str_print(call->arena, "examples/%s/" TYPE_PREFIX "%s/%s", kind, name, file);
    return file_read(call, NULL, path, EXAMPLE_LIMIT, "example");
}

/* DONE is a participle: "opened". */
static bool fail_file(struct call *call, const char *path, const char *done)
{
    char text[128];
    return fail(call, NULL, "Pages not written", "%s cannot be %s: %s.", path, done,
                strerror_r(errno, text, sizeof text));
}

static bool make_directory(struct call *call, const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    return fail_file(call, path, "made");
}

static bool write_text(struct call *call, struct str directory, const char *name, struct str text)
{
    struct str path = str_print(call->arena, "%.*s/%s.md", STR_ARG(directory), name);
    FILE *file = fopen(path.at, "w");
    if (!file)
        return fail_file(call, path.at, "opened");
    bool ok = fwrite(text.at, 1, text.len, file) == text.len;
    ok = fclose(file) == 0 && ok;
    return ok || fail_file(call, path.at, "written");
}

static bool write_page(struct call *call, struct str directory, const char *name,
                       const struct page *page)
{
    struct buf out = buf_make(call->arena, BUF_LIMIT);
    page_write(&out, page);
    return write_text(call, directory, name, buf_str(&out));
}

static bool write_provider(struct call *call, struct str directory)
{
    const struct page page = {
        .kind = PAGE_PROVIDER,
        .name = "gpushare",
        .doc = config_doc,
        .rows = config_rows,
        .notes = str_of(provider_notes),
        .example =
            file_read(call, NULL, STR("examples/provider/provider.tf"), EXAMPLE_LIMIT, "example"),
    };
    return page.example.at && write_page(call, directory, "index", &page);
}

static bool write_resource(struct call *call, struct str directory, const struct resource *resource)
{
    struct page page = {
        .kind = PAGE_RESOURCE,
        .name = str_print(call->arena, TYPE_PREFIX "%s", resource->name).at,
        .doc = resource->doc,
        .rows = resource->rows,
        .example = example(call, "resources", resource->name, "resource.tf"),
        .permissions = docs_resource_permissions(call->arena, resource),
    };
    if (!page.example.at)
        return false;
    if (resource->identity) {
        page.import_form = docs_import_form(call->arena, resource);
        page.import_example = example(call, "resources", resource->name, "import.sh");
        if (!page.import_example.at)
            return false;
    }
    return write_page(call, str_print(call->arena, "%.*s/resources", STR_ARG(directory)),
                      resource->name, &page);
}

static bool write_data_source(struct call *call, struct str directory,
                              const struct data_source *source)
{
    const struct page page = {
        .kind = PAGE_DATA_SOURCE,
        .name = str_print(call->arena, TYPE_PREFIX "%s", source->name).at,
        .doc = source->doc,
        .rows = source->rows,
        .example = example(call, "data-sources", source->name, "data-source.tf"),
        .permissions = docs_data_source_permissions(call->arena, source),
    };
    return page.example.at &&
           write_page(call, str_print(call->arena, "%.*s/data-sources", STR_ARG(directory)),
                      source->name, &page);
}

static void add_arguments(struct buf *out, const struct function *function)
{
    size_t number = 0;
    buf_add_text(out, "\n## Arguments\n\n");
    for (const struct function_parameter *at = function->parameters; at->name; at++)
        buf_print(out, "%zu. `%s` (%s%s) %s\n", ++number, at->name,
                  type_name(out->arena, at->type).at, at->nullable ? ", Nullable" : "", at->doc);
}

struct str docs_function_page(struct arena *arena, const struct function *function,
                              struct str example_text)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_print(&out,
              "---\npage_title: \"%s function - gpushare\"\nsubcategory: \"\"\ndescription: |-\n"
              "  %s\n---\n\n# function: %s\n\n%s\n\n## Example Usage\n\n```terraform\n%.*s```\n",
              function->name, function->summary, function->name, function->doc,
              STR_ARG(example_text));
    buf_print(&out, "\n## Signature\n\n```text\n%s\n```\n", function_signature(arena, function).at);
    add_arguments(&out, function);
    return buf_str(&out);
}

static bool write_function(struct call *call, struct str directory, const struct function *function)
{
    struct str path = str_print(call->arena, "examples/functions/%s/function.tf", function->name);
    struct str text = file_read(call, NULL, path, EXAMPLE_LIMIT, "example");
    return text.at && write_text(call, str_print(call->arena, "%.*s/functions", STR_ARG(directory)),
                                 function->name, docs_function_page(call->arena, function, text));
}

bool docs_write(struct call *call, struct str directory)
{
    struct arena *arena = call->arena;
    if (!make_directory(call, str_copy(arena, directory).at) ||
        !make_directory(call, str_print(arena, "%.*s/resources", STR_ARG(directory)).at) ||
        !make_directory(call, str_print(arena, "%.*s/data-sources", STR_ARG(directory)).at) ||
        !make_directory(call, str_print(arena, "%.*s/functions", STR_ARG(directory)).at) ||
        !write_provider(call, directory))
        return false;
    for (size_t i = 0; registry_resources[i]; i++)
        if (!write_resource(call, directory, registry_resources[i]))
            return false;
    for (size_t i = 0; registry_data_sources[i]; i++)
        if (!write_data_source(call, directory, registry_data_sources[i]))
            return false;
    for (size_t i = 0; registry_functions[i]; i++)
        if (!write_function(call, directory, registry_functions[i]))
            return false;
    return true;
}
