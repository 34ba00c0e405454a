/* Refusals of an API server, and missing answers, told to the user: what failed, what the server
 * said, what to do about it. */
#pragma once

#include "clients/kubernetes.h"

/* Adds one error at AT: what failed, what the server said, what to do.  DOING starts with a
 * lower-case letter: "creating the ConfigMap kube-system/x".  Returns false. */
bool kubernetes_fail(struct call *call, const struct path *at, const char *doing,
                     const struct kubernetes_client *client, const struct kubernetes_reply *reply);
