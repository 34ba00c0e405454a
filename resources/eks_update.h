/* What has to be sent so that an EKS object becomes what is planned: the bodies of its update
 * calls. */
#pragma once

#include "clients/http.h"
#include "resources/eks_object.h"

/* The path TEMPLATE with the object's attributes, and UPDATE_ID, percent-encoded in it. */
struct str eks_path(const struct operation *operation, const char *template, struct str update_id);

/* The body of call NUMBER: what its rows changed, each in its form; empty where nothing did.  What
 * is planned to be null goes back to the row's `server_default`. */
json_t *eks_update_body(const struct operation *operation, unsigned number);

/* Adds the client-only arguments that go along with call NUMBER (force). */
void eks_update_add_arguments(const struct operation *operation, unsigned number, json_t *body);

struct eks_tag_change {
    json_t *added;                     /* {"tags": {...}} */
    const struct http_header *removed; /* tagKeys, one for each */
    size_t removed_count;
};

struct eks_tag_change eks_update_tags(const struct operation *operation);
