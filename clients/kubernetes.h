/* Requests to a Kubernetes API server: get, list, server-side apply, delete, wait until gone.
 *
 * Functions return false only where they added an error themselves: no token could be had, or a
 * wait was cut.  In all other cases they return true and *REPLY says what came, an answer of any
 * status or none; the caller decides what a 404 or a 409 means and hands the rest to
 * `kubernetes_fail` (clients/kubernetes_status.h).  *REPLY is filled in both cases, so that after a
 * write `maybe_sent` tells whether its outcome has to be asked for.
 *
 * What is repeated: 401 once with a renewed token; 429 and 5xx that carry Retry-After up to 10
 * times (the rule of client-go); lost connections a few times, since every request here is
 * idempotent. */
#pragma once

#include "base/json.h"
#include "clients/http.h"
#include "clients/kubeconfig.h"

/* Gives a bearer token in the call's arena.  RENEW: the server refused the last one, so that a
 * cached one must not be given again; a source that has no other may.  False with an error added.
 */
typedef bool (*kubernetes_token_fn)(struct call *call, void *context, bool renew, struct str *out);

struct kubernetes_client {
    struct str server; /* "https://host:port/prefix", no slash at the end */
    struct http_tls tls;
    kubernetes_token_fn token; /* NULL: the client certificate, or nobody */
    void *token_context;
    struct str name;       /* the cluster in messages: the EKS cluster "gpu" */
    struct str credential; /* in messages: the EKS token of arn:aws:iam::1:role/x */
    struct str advice_401; /* what to do when the credential is refused, or at == NULL */
    const struct path *at; /* where errors of the token point; may be NULL */
};

struct kubernetes_cause {
    struct str reason, message, field; /* unset members have at == NULL */
};

struct kubernetes_reply {
    enum http_outcome outcome;
    int status;           /* 0: no answer came */
    json_t *body;         /* NULL where the answer is not JSON */
    struct str body_text; /* the answer as it came */
    struct str reason;    /* of a Status: "NotFound", "Conflict", ... */
    struct str message;
    struct str kind, object; /* of its details: "configmaps", "x" */
    int64_t retry_after_s;   /* of the header Retry-After; -1: none */
    struct kubernetes_cause *causes;
    size_t cause_count;
    struct str *warnings; /* texts of Warning headers, each once */
    size_t warning_count;
    struct str audit_id; /* the server's id of the request, or at == NULL */
    struct str failure;  /* where no answer came: why */
    bool maybe_sent;     /* some attempt may have reached the server */
    bool repeated;       /* an earlier attempt may have, and its answer was lost */
};

/* A client for ENDPOINT with its fixed token or token file.  Both must outlive it. */
struct kubernetes_client kubernetes_connect(const struct kubernetes_endpoint *endpoint);

/* The path of an object or, without NAME, of a collection: /api/v1/namespaces/n/configmaps/x for
 * the empty GROUP, else /apis/group/version/...  Empty NAMESPACE: cluster-wide. */
struct str kubernetes_path(struct arena *arena, struct str group, struct str version,
                           struct str plural, struct str namespace, struct str name);

/* Whether the answer is a success with a JSON object in it. */
bool kubernetes_ok(const struct kubernetes_reply *reply);

MUST_CHECK bool kubernetes_get(struct call *call, const struct kubernetes_client *client,
                               struct str path, struct kubernetes_reply *reply);

struct kubernetes_list_options {
    struct str label_selector; /* unset: all */
    struct str field_selector;
};

/* Reads a collection in pages of 500.  Where the server answers 410 because a continue token grew
 * old, the list is read anew in one piece.  On success reply->body is the last page with all items
 * in its `items`.  OPTIONS may be NULL. */
MUST_CHECK bool kubernetes_list(struct call *call, const struct kubernetes_client *client,
                                struct str path, const struct kubernetes_list_options *options,
                                struct kubernetes_reply *reply);

struct kubernetes_apply_options {
    struct str manager;
    bool force;
    bool dry_run;
    /* Put into metadata.resourceVersion of a copy of the body, or unset.  "1" makes the apply a
     * create: 201 where the object is absent, 409 where it exists. */
    struct str resource_version;
};

/* Server-side apply of BODY at PATH with fieldValidation=Strict. */
MUST_CHECK bool kubernetes_apply(struct call *call, const struct kubernetes_client *client,
                                 struct str path, const json_t *body,
                                 const struct kubernetes_apply_options *options,
                                 struct kubernetes_reply *reply);

/* Deletes the object at PATH: only the one with UID, where UID is set.  PROPAGATION is
 * "Foreground", "Background" or "Orphan".  404 is an answer like others. */
MUST_CHECK bool kubernetes_delete(struct call *call, const struct kubernetes_client *client,
                                  struct str path, struct str uid, const char *propagation,
                                  struct kubernetes_reply *reply);

/* Waits until PATH answers 404 or holds an object with another uid.  Polls at once, then after 0.1
 * s and at doubling steps up to 30 s.  WHAT names the object ("the ConfigMap kube-system/x"). False
 * with an error added at the call's deadline (it names the finalizers left), on a cancel, and where
 * the server refuses or stays away. */
MUST_CHECK bool kubernetes_wait_gone(struct call *call, const struct kubernetes_client *client,
                                     struct str path, struct str uid, const char *what);
