/* What an API server's answer means: Status objects, conflicts, warnings, and messages for users.
 *
 * The form of a Status is that of k8s.io/apimachinery (meta/v1); conflicts of server-side apply
 * carry one cause for each field, warnings come as `Warning: 299` headers (RFC 7234, 5.5). */
#pragma once

#include "clients/kubernetes.h"

/* Fills *REPLY from HTTP: status, JSON body, the members of a Status, warnings. */
void kubernetes_status_decode(struct arena *arena, const struct http_reply *http,
                              struct kubernetes_reply *reply);

/* A field that another manager owns with another value. */
struct kubernetes_conflict {
    struct str manager;     /* "kubectl-edit"; where the cause is unreadable its whole message */
    struct str subresource; /* at == NULL: none */
    struct str time;        /* RFC 3339, or at == NULL: the manager applied, it did not update */
    struct str field;       /* ".data.any" */
};

/* The causes of a refused apply with reason FieldManagerConflict, sorted by field, in *OUT (in
 * ARENA); their number. 0 where REPLY is something else.  Where it is reply->cause_count, every
 * cause is a field. */
size_t kubernetes_status_conflicts(struct arena *arena, const struct kubernetes_reply *reply,
                                   struct kubernetes_conflict **out);

/* Whether a create ("resourceVersion 1") was refused because the object exists. */
bool kubernetes_status_exists(const struct kubernetes_reply *reply);

/* Whether the API server itself says that the object is not there; a 404 of something before it,
 * such as a proxy, is no such word. */
bool kubernetes_status_absent(const struct kubernetes_reply *reply);

/* Whether a 404 says that the kind is unknown (no CRD), and not that an object is missing. */
bool kubernetes_status_unknown_kind(const struct kubernetes_reply *reply);

/* Whether the server could not be trusted, or did not trust our certificate: the moment to read the
 * cluster's certificate authority again. */
bool kubernetes_status_is_tls(const struct kubernetes_reply *reply);

/* How much of a server's text a message quotes, in bytes. */
#define KUBERNETES_STATUS_PRINTED ((size_t)4096)

/* TEXT as a message may quote it: line ends and control characters become blanks, what is no UTF-8
 * becomes "?", and it is cut after KUBERNETES_STATUS_PRINTED bytes. */
struct str kubernetes_status_printable(struct arena *arena, struct str text);

/* Adds each warning of REPLY at AT, unless the call has the same one already. */
void kubernetes_warn(struct call *call, const struct path *at,
                     const struct kubernetes_reply *reply);
