/* Bearer tokens for EKS clusters: a presigned request to STS that the cluster sends on our behalf.
 *
 * Made without asking anybody.  A token is good for 15 minutes from its date, whatever it says; 14
 * are used, less where the credentials end earlier. */
#pragma once

#include "clients/aws_api.h"

#define EKS_TOKEN_LIFE_MS (14 * 60 * 1000)
/* With less left a new one is made. */
#define EKS_TOKEN_MARGIN_MS (60 * 1000)
/* The verifier refuses longer ones. */
#define EKS_TOKEN_LIMIT ((size_t)4096)

struct eks_token {
    struct str text;    /* a secret */
    int64_t expires_ms; /* wall clock */
};

/* A token for the cluster SUBJECT (`eks_token_subject`) in the client's region; from the cache
 * where one is left.  In CALL's arena.  False with an error added. */
MUST_CHECK bool eks_token_get(struct call *call, const struct path *at,
                              const struct aws_client *client, struct str subject,
                              struct eks_token *out);

/* Forgets the cached one: the cluster answered 401. */
void eks_token_drop(const struct aws_client *client, struct str subject);

/* Forgets all of them. */
void eks_token_close(void);

/* A token made now, by CREDENTIALS at TIME_MS. */
struct str eks_token_make(struct arena *arena, const struct aws_credentials *credentials,
                          struct str region, struct str subject, int64_t time_ms);
