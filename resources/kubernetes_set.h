/* The driver of resources that are several Kubernetes objects of one kind: what a plan says in a
 * row, by name.
 *
 * The row that the kind's `members` names is a map: object name -> text, the JSON of what we set in
 * that object, without apiVersion, kind and metadata.name.  It derives from the other rows, so that
 * the plan shows what changes, and Read puts the live values there, so that it shows drift.  Each
 * object is written by `kubernetes_object_driver`; here stands only what a set adds: which objects
 * come and go, what is looked at before the first write, and the condition that is waited for after
 * the last one.
 *
 * The user's rows are UNSENT; on import their `parse` reads them from the texts. */
#pragma once

#include "clients/kubernetes.h"
#include "resources/operation.h"

struct kubernetes_set {
    /* On import: whether the live OBJECT is a member of the set NAME. */
    bool (*owns)(struct str name, const json_t *object);
    /* Before the first write: adds an error and returns false where the cluster does not allow it.
     * OTHERS are the live objects of the kind that the set neither has nor makes.  NULL: nothing to
     * look at. */
    bool (*check)(const struct operation *operation, const struct kubernetes_client *client,
                  const json_t *others);
    const char *condition; /* what each object must have after a write: "Ready"; NULL: no wait */
    /* What it means where nobody ever set a condition: a summary, and whole sentences. */
    const char *silence_summary, *silence;
};

extern const struct driver kubernetes_set_driver;

/* The body of OPERATION's member as OBJECT's texts have it, or an empty one. */
json_t *kubernetes_set_body(const struct operation *operation, const struct value *object);

/* The text of a member whose body is BODY. */
struct str kubernetes_set_text(struct arena *arena, const json_t *body);

/* LIVE cut down to what BODY has: null where LIVE has nothing, a list as a whole unless it is as
 * long as BODY's, in which case its elements are cut down too. */
json_t *kubernetes_set_cut(struct arena *arena, const json_t *body, const json_t *live);
