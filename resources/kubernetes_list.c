/* Lists and discovery. */
#include "resources/kubernetes_list.h"

#include "clients/kubernetes_error.h"

bool kubernetes_list_kind(struct call *call, const struct kubernetes_client *client,
                          const struct kubernetes_kind *kind, struct str version,
                          struct str namespace, const json_t **items)
{
    struct str path = kubernetes_path(call->arena, str_of(kind->group),
                                      version.at ? version : str_of(kind->version),
                                      str_of(kind->plural), namespace, STR(""));
    struct kubernetes_reply reply;
    *items = NULL;
    if (!kubernetes_list(call, client, path, NULL, &reply))
        return false;
    if (reply.status == 404)
        return true;
    if (!kubernetes_ok(&reply))
        return kubernetes_fail(call, NULL, str_print(call->arena, "listing %s", kind->plural).at,
                               client, &reply);
    *items = json_object_get(reply.body, "items");
    return true;
}

json_t *kubernetes_list_find(const json_t *items, struct str name)
{
    for (size_t i = 0; i < json_array_size(items); i++)
        if (str_equal(json_str_at(json_array_get(items, i), "metadata.name"), name))
            return json_array_get(items, i);
    return NULL;
}

enum served { SERVED, NOT_SERVED, NOT_KNOWN };

/* Discovery is open to everyone, so that any other answer than 404 is an error. */
static enum served look(struct call *call, const struct kubernetes_client *client, struct str path,
                        struct kubernetes_reply *reply)
{
    if (!kubernetes_get(call, client, path, reply))
        return NOT_KNOWN;
    if (kubernetes_ok(reply))
        return SERVED;
    if (reply->status == 404)
        return NOT_SERVED;
    kubernetes_fail(call, NULL, "asking which APIs there are", client, reply);
    return NOT_KNOWN;
}

static enum served serves(struct call *call, const struct kubernetes_client *client,
                          const struct kubernetes_kind *kind, struct str version)
{
    struct kubernetes_reply reply;
    struct str path = str_print(call->arena, "/apis/%s/%.*s", kind->group, STR_ARG(version));
    enum served group = look(call, client, path, &reply);
    if (group != SERVED)
        return group;
    const json_t *resources = json_object_get(reply.body, "resources");
    for (size_t i = 0; i < json_array_size(resources); i++)
        if (str_is(json_str_at(json_array_get(resources, i), "name"), kind->plural))
            return SERVED;
    return NOT_SERVED;
}

static struct str fail_missing(struct call *call, const struct kubernetes_kind *kind)
{
    fail(
        call, NULL, "The cluster has no such kind",
        "The API server knows no %s of the group %s. Its custom resource definition comes with the "
        "component that acts on it; install that first, and let this resource depend on it.",
        kind->kind, kind->group);
    return (struct str){ 0 };
}

struct str kubernetes_list_version(struct call *call, const struct kubernetes_client *client,
                                   const struct kubernetes_kind *kind)
{
    struct str own = str_of(kind->version);
    enum served found = serves(call, client, kind, own);
    if (found != NOT_SERVED)
        return found == SERVED ? own : (struct str){ 0 };
    struct kubernetes_reply reply;
    struct str path = str_print(call->arena, "/apis/%s", kind->group);
    found = look(call, client, path, &reply);
    if (found == NOT_KNOWN)
        return (struct str){ 0 };
    const json_t *versions = found == SERVED ? json_object_get(reply.body, "versions") : NULL;
    for (size_t i = 0; i < json_array_size(versions); i++) {
        struct str version = json_str_at(json_array_get(versions, i), "version");
        if (!version.len || str_equal(version, own))
            continue;
        found = serves(call, client, kind, version);
        if (found != NOT_SERVED)
            return found == SERVED ? version : (struct str){ 0 };
    }
    return fail_missing(call, kind);
}
