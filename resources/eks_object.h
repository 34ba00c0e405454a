/* The driver of resources that live in the EKS API: one create, several update calls, waits.
 *
 * Which call carries a change stands in the rows (`call`, `form`); an update makes only the calls
 * that something changed for, in the order of their numbers, and follows each to its end. */
#pragma once

#include "resources/operation.h"

#define EKS_CALLS 4

/* Paths name attributes of the object in braces. */
struct eks_object {
    const char *collection;         /* POST creates */
    const char *item;               /* GET and DELETE */
    const char *member;             /* of answers: "nodegroup" */
    const char *updates[EKS_CALLS]; /* POST, by a row's call */
    unsigned tags_call;             /* the call that TagResource and UntagResource stand for */
    const char *update_item;        /* GET; {update_id} is the id that an update call answered */
    const char *update_query;
};

extern const struct driver eks_object_driver;
