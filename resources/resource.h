/* What a resource is: a table, the API it lives in, and at most two hooks.
 *
 * A resource is one file of rows.  The functions of resources/lifecycle.h plan, read and apply any
 * of them; which requests that takes is the business of a driver (resources/kubernetes_object.h,
 * resources/eks_object.h), which reads the rows too. */
#pragma once

#include "resources/context.h"
#include "schema/attr.h"
#include "schema/plan.h"

struct operation;

/* Each returns false with an error added.  What exists afterwards is in operation->answer, also
 * where it failed half-way: state must describe what exists. */
struct driver {
    bool (*read)(struct operation *operation); /* answer stays NULL: the object is gone */
    /* Called once after an import with the STATE made of the answer; NULL: nothing to do. */
    void (*hold)(struct operation *operation, const struct value *state);
    bool (*create)(struct operation *operation);
    bool (*update)(struct operation *operation);
    bool (*remove)(struct operation *operation); /* waits until it is gone */
};

struct timeouts {
    int create_s, read_s, update_s, delete_s;
};

struct resource {
    const char *name; /* without the provider's prefix: "node_group" */
    const char *doc;  /* what it is, in one or two sentences */
    int64_t version;  /* of the state's schema */
    const struct attr *rows;
    const struct rule *rules; /* NULL: none */

    const struct driver *driver;
    const struct kubernetes_kind *kubernetes; /* one of the two */
    const struct eks_object *eks;
    const struct kubernetes_set
        *set; /* with the driver of sets: what only this one knows; else NULL */

    /* The root attributes that name the object within its cluster, in the order of the import id,
     * separated by blanks: "namespace name".  Identity is cluster_name, region and these. */
    const char *identity;
    bool needs_cluster; /* an import id must name the cluster */
    const char
        *generated_name; /* an attribute made from its _prefix sibling when both are left out */
    struct timeouts timeouts; /* defaults, in seconds */
    const struct kubernetes_kind *const
        *lists; /* what it lists besides, up to NULL, for its page; or NULL */

    bool (*validate)(struct call *call, const struct context *context, const struct value *config);
    bool (*plan)(struct call *call, const struct context *context, struct plan *plan);
};

struct data_source {
    const char *name;
    const char *doc;
    const struct attr *rows;
    const struct rule *rules;
    const struct kubernetes_kind *const *lists; /* what `read` lists, up to NULL, for its page */
    /* The whole object from CONFIG, or NULL with an error added. */
    const struct value *(*read)(struct call *call, const struct context *context,
                                const struct value *config);
};

/* Everything that the provider offers, ended by NULL. */
extern const struct resource *const registry_resources[];
extern const struct data_source *const registry_data_sources[];

/* By full type name ("gpushare_node_group"), or NULL. */
const struct resource *registry_find_resource(struct str type_name);
const struct data_source *registry_find_data_source(struct str type_name);

#define TYPE_PREFIX "gpushare_"
