/* Clients by region and by cluster, made on first use and kept. */
#include "resources/connections.h"

#include <pthread.h>

#include "clients/eks.h"
#include "clients/eks_token.h"
#include "clients/kubernetes.h"

struct region_connection {
    struct region_connection *next;
    struct aws_client client;
};

struct cluster_connection {
    struct cluster_connection *next;
    bool forgotten; /* its endpoint or CA proved wrong: ask EKS again */
    struct str name, region, subject;
    const struct aws_client *aws;
    struct kubernetes_client client;
};

struct connections {
    pthread_mutex_t mutex;
    struct arena *arena; /* kept by the process; only touched under the mutex */
    bool has_kubernetes;
    struct kubernetes_settings kubernetes;
    const struct kubernetes_client *direct; /* of the kubernetes block */
    struct aws_config aws;
    struct region_connection *regions;
    struct cluster_connection *clusters;
};

/* The mutex, released at the latest with the call's arena: an out-of-memory jump passes by our
 * unlock. */
struct hold {
    struct connections *connections;
    bool held;
};

static void release(void *argument)
{
    struct hold *hold = argument;
    if (!hold->held)
        return;
    hold->held = false;
    hold->connections->arena->on_out_of_memory = NULL;
    pthread_mutex_unlock(&hold->connections->mutex);
}

static struct hold *acquire(struct call *call, struct connections *connections)
{
    struct hold *hold = ARENA_NEW(call->arena, struct hold);
    hold->connections = connections;
    arena_defer(call->arena, release, hold);
    pthread_mutex_lock(&connections->mutex);
    hold->held = true;
    connections->arena->on_out_of_memory = call->arena->on_out_of_memory;
    return hold;
}

/* CALL with the memory of the process; its diagnostics come back by `give_back`. */
static struct call lasting_call(const struct call *call, struct connections *connections)
{
    struct call lasting = *call;
    lasting.arena = connections->arena;
    return lasting;
}

static void give_back(struct call *call, const struct call *lasting)
{
    call->first = lasting->first;
    call->last = lasting->last;
    call->errors = lasting->errors;
}

struct connections *connections_make(struct call *call, const struct connections_options *options,
                                     struct str *region)
{
    struct arena *arena = arena_make_kept(call->arena->on_out_of_memory);
    if (!arena)
        return fail_null(call, NULL, "Out of memory", "The configuration could not be kept.");
    struct connections *connections = ARENA_NEW(arena, struct connections);
    pthread_mutex_init(&connections->mutex, NULL);
    connections->arena = arena;
    connections->has_kubernetes = options->has_kubernetes;
    connections->kubernetes = options->kubernetes;
    struct call lasting = lasting_call(call, connections);
    bool ok = aws_config_resolve(&lasting, NULL, &options->aws, &connections->aws);
    connections->arena->on_out_of_memory = NULL;
    give_back(call, &lasting);
    *region = connections->aws.region.text;
    return ok ? connections : NULL;
}

static const struct aws_client *find_region(struct call *call, struct connections *connections,
                                            struct str region)
{
    for (struct region_connection *known = connections->regions; known; known = known->next)
        if (str_equal(known->client.region, region))
            return &known->client;
    struct call lasting = lasting_call(call, connections);
    struct region_connection *made = ARENA_NEW(lasting.arena, struct region_connection);
    struct str kept = region.at ? str_copy(lasting.arena, region) : region;
    bool ok = aws_client_make(&lasting, NULL, &connections->aws, kept, &made->client);
    give_back(call, &lasting);
    if (!ok)
        return NULL;
    made->client.user_agent = "terraform-provider-gpushare/" PROVIDER_VERSION;
    made->next = connections->regions;
    connections->regions = made;
    return &made->client;
}

const struct aws_client *context_aws(struct call *call, const struct context *context,
                                     struct str region)
{
    if (!context->connections)
        return fail_null(call, NULL, "Provider not configured",
                         "This needs the provider's configuration, which has not arrived.");
    struct hold *hold = acquire(call, context->connections);
    const struct aws_client *client = find_region(call, context->connections, region);
    release(hold);
    return client;
}

static bool token_of_cluster(struct call *call, void *argument, bool renew, struct str *out)
{
    const struct cluster_connection *cluster = argument;
    struct eks_token token;
    if (renew)
        eks_token_drop(cluster->aws, cluster->subject);
    if (!eks_token_get(call, NULL, cluster->aws, cluster->subject, &token))
        return false;
    *out = token.text;
    return true;
}

static struct cluster_connection *find_cluster(struct connections *connections, struct str name,
                                               struct str region)
{
    for (struct cluster_connection *known = connections->clusters; known; known = known->next)
        if (!known->forgotten && str_equal(known->name, name) && str_equal(known->region, region))
            return known;
    return NULL;
}

static struct cluster_connection *keep_cluster(struct connections *connections,
                                               const struct aws_client *aws, struct str region,
                                               const struct eks_cluster *found)
{
    struct arena *arena = connections->arena;
    struct cluster_connection *made = ARENA_NEW(arena, struct cluster_connection);
    made->name = str_copy(arena, found->name);
    made->region = str_copy(arena, region);
    made->subject = str_copy(arena, eks_token_subject(found));
    made->aws = aws;
    made->client = (struct kubernetes_client){
        .server = str_copy(arena, found->endpoint),
        .tls = { .ca_pem = str_copy(arena, found->ca_pem) },
        .token = token_of_cluster,
        .token_context = made,
        .name = str_print(arena, "the EKS cluster %.*s", STR_ARG(found->name)),
        .credential = STR("the EKS token made from the provider's AWS credentials"),
        .advice_401 =
            STR("Give the provider's identity an access entry of the cluster, and check that "
                "this machine's clock is right."),
    };
    made->next = connections->clusters;
    connections->clusters = made;
    return made;
}

static enum reach ask_eks(struct call *call, struct connections *connections, struct str name,
                          struct str region, const struct kubernetes_client **client)
{
    const struct aws_client *aws = find_region(call, connections, region);
    if (!aws)
        return NOT_REACHED;
    struct eks_cluster found;
    switch (eks_describe_cluster(call, PATH_AT_ATTRIBUTE(NULL, STR("cluster_name")), aws, name,
                                 &found)) {
    case EKS_ABSENT:
        return NO_SUCH_CLUSTER;
    case EKS_FAILED:
        return NOT_REACHED;
    case EKS_FOUND:
        break;
    }
    if (!found.endpoint.at || !found.ca_pem.at) {
        fail(call, PATH_AT_ATTRIBUTE(NULL, STR("cluster_name")), "The cluster is not ready",
             "The EKS cluster `%.*s` is %.*s and has no endpoint yet. Let this depend on what "
             "waits for the "
             "cluster to become ACTIVE.",
             STR_ARG(name), STR_ARG(found.status));
        return NOT_REACHED;
    }
    *client = &keep_cluster(connections, aws, region, &found)->client;
    return REACHED;
}

static enum reach reach_directly(struct call *call, struct connections *connections,
                                 const struct kubernetes_client **client)
{
    if (!connections->direct) {
        struct call lasting = lasting_call(call, connections);
        struct kubernetes_endpoint *endpoint = ARENA_NEW(lasting.arena, struct kubernetes_endpoint);
        bool ok = kubeconfig_read(&lasting, &connections->kubernetes, endpoint);
        give_back(call, &lasting);
        if (!ok)
            return NOT_REACHED;
        struct kubernetes_client *made = ARENA_NEW(connections->arena, struct kubernetes_client);
        *made = kubernetes_connect(endpoint);
        connections->direct = made;
    }
    *client = connections->direct;
    return REACHED;
}

enum reach context_kubernetes(struct call *call, const struct context *context,
                              struct str cluster_name, struct str region,
                              const struct kubernetes_client **client)
{
    if (!context->connections) {
        fail(call, NULL, "Provider not configured",
             "This needs the provider's configuration, which has not arrived.");
        return NOT_REACHED;
    }
    if (!cluster_name.len && !context->has_kubernetes) {
        fail(call, PATH_AT_ATTRIBUTE(NULL, STR("cluster_name")), "Missing cluster",
             "Neither this object nor the provider says which cluster is meant. Set `cluster_name` "
             "in the "
             "provider block.");
        return NOT_REACHED;
    }
    struct connections *connections = context->connections;
    struct hold *hold = acquire(call, connections);
    enum reach reach = REACHED;
    if (!cluster_name.len) {
        reach = reach_directly(call, connections, client);
    } else {
        struct str where = region.at ? region : context->region;
        struct cluster_connection *known = find_cluster(connections, cluster_name, where);
        if (known)
            *client = &known->client;
        else
            reach = ask_eks(call, connections, cluster_name, where, client);
    }
    release(hold);
    return reach;
}

void context_forget_cluster(const struct context *context, struct str cluster_name,
                            struct str region)
{
    struct connections *connections = context->connections;
    pthread_mutex_lock(&connections->mutex);
    struct str where = region.at ? region : context->region;
    struct cluster_connection *known = find_cluster(connections, cluster_name, where);
    if (known)
        known->forgotten = true;
    pthread_mutex_unlock(&connections->mutex);
}
