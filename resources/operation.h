/* One read, create, update or delete of one object: what a driver works on. */
#pragma once

#include "resources/private_state.h"
#include "resources/resource.h"

struct operation {
    struct call *call;
    const struct context *context;
    const struct resource *resource;
    const struct value *prior;   /* the state before, null on create and import */
    const struct value *planned; /* what is to be, null on read and delete */
    struct private_state *private;

    json_t *answer; /* out: the object as the API has it now; NULL: it does not exist */

    /* Of a set (resources/kubernetes_set.h), the one object that is meant; at == NULL: there is one
     * only. */
    struct str member;
    struct str
        version; /* of the API, where the server has another than the kind says; else at == NULL */
};

/* The object's own words: `ConfigMap kube-system/nvidia-device-plugin`, for messages. */
struct str operation_title(const struct operation *operation);

/* The value that names the object: planned, else prior. */
const struct value *operation_object(const struct operation *operation);

/* The import id of the object, as `import_id_parse` reads it. */
struct str operation_import_id(const struct operation *operation);

/* Adds the error that the object exists already, with the ways to take it over. */
bool operation_fail_exists(const struct operation *operation);
