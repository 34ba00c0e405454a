/* Parsing and printing import ids from a resource's identity. */
#include "resources/import_id.h"

static size_t count_parts(const struct resource *resource)
{
    struct str names = str_of(resource->identity);
    struct str name;
    size_t count = 0;
    while (attr_next_name(&names, &name))
        count++;
    return count;
}

struct str import_id_form(struct arena *arena, const struct resource *resource)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, resource->needs_cluster ? "CLUSTER:" : "[CLUSTER:]");
    struct str names = str_of(resource->identity);
    struct str name;
    for (bool first = true; attr_next_name(&names, &name); first = false) {
        buf_add_text(&out, first ? "" : "/");
        for (size_t i = 0; i < name.len; i++)
            buf_add_byte(&out, name.at[i] >= 'a' && name.at[i] <= 'z' ? (char)(name.at[i] - 32)
                                                                      : name.at[i]);
    }
    buf_add_text(&out, "[@REGION]");
    return buf_str(&out);
}

static const struct value *malformed(struct call *call, const struct resource *resource,
                                     struct str id)
{
    struct str form = import_id_form(call->arena, resource);
    return fail_null(call, NULL, "Malformed import id",
                     "Expected %.*s (what stands in brackets may be left out), found `%.*s`.",
                     STR_ARG(form), STR_ARG(id));
}

static const struct value *with_text(struct call *call, const struct value *object,
                                     const char *name, struct str text)
{
    return value_with(call->arena, object, str_of(name), value_string(call->arena, text));
}

const struct value *import_id_parse(struct call *call, const struct context *context,
                                    const struct resource *resource, struct str id)
{
    const struct value *object = attr_empty(call->arena, resource->rows);
    struct str rest = id;
    size_t at = str_find_last(rest, '@');
    struct str region = at < rest.len ? str_slice(rest, at + 1, rest.len) : context->region;
    rest = str_slice(rest, 0, at);
    size_t colon = str_find(rest, ':', 0);
    bool names_cluster = colon < rest.len;
    struct str cluster = names_cluster ? str_slice(rest, 0, colon) : context->cluster_name;
    if (names_cluster)
        rest = str_slice(rest, colon + 1, rest.len);
    if ((resource->needs_cluster || names_cluster) && cluster.len == 0)
        return malformed(call, resource, id);
    if (at < id.len && region.len == 0)
        return malformed(call, resource, id);
    if (cluster.len)
        object = with_text(call, object, "cluster_name", cluster);
    if (region.len)
        object = with_text(call, object, "region", region);
    struct str names = str_of(resource->identity);
    struct str name;
    size_t found = 0;
    struct str part;
    while (attr_next_name(&names, &name) && str_split(&rest, '/', &part)) {
        if (part.len == 0)
            return malformed(call, resource, id);
        object = value_with(call->arena, object, name, value_string(call->arena, part));
        found++;
    }
    if (found != count_parts(resource) || rest.at)
        return malformed(call, resource, id);
    return object;
}

struct str import_id_print(struct arena *arena, const struct resource *resource,
                           const struct value *object)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    struct str cluster = value_text(value_at(object, "cluster_name"));
    struct str region = value_text(value_at(object, "region"));
    if (cluster.len)
        buf_print(&out, "%.*s:", STR_ARG(cluster));
    struct str names = str_of(resource->identity);
    struct str name;
    for (bool first = true; attr_next_name(&names, &name); first = false)
        buf_print(&out, "%s%.*s", first ? "" : "/",
                  STR_ARG(value_text(value_at_str(object, name))));
    if (cluster.len && region.len)
        buf_print(&out, "@%.*s", STR_ARG(region));
    return buf_str(&out);
}
