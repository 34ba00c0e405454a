/* When to ask AWS again, and after how long: the standard mode of the SDKs since November 2026. */
#pragma once

#include <stdatomic.h>

#include "clients/http.h"

#define RETRY_ATTEMPTS 3          /* unless the configuration says otherwise */
#define RETRY_POLLING_ATTEMPTS 25 /* of a call that waits for something anyway */
#define RETRY_QUOTA 500
#define RETRY_COST 14
#define RETRY_THROTTLED_COST 5
#define RETRY_BASE_MS 50
#define RETRY_THROTTLED_BASE_MS 1000
#define RETRY_CAP_MS 20000
#define RETRY_HINT_SPAN_MS 5000

/* Tokens that all calls of a client share, so that an outage is not answered with a flood. */
struct retry_quota {
    atomic_int tokens;
};

void retry_quota_init(struct retry_quota *quota);

enum retry_kind {
    RETRY_NEVER,
    RETRY_TRANSIENT,
    RETRY_THROTTLED,
};

/* What kind of failure this is.  CODE is AWS's error code, empty where there is none. */
enum retry_kind retry_classify(enum http_outcome outcome, int status, struct str code);

struct retry_question {
    enum retry_kind kind;
    unsigned attempt; /* that has just failed, from 1 */
    unsigned max_attempts;
    struct str hint; /* header x-amz-retry-after in milliseconds, or at == NULL */
    uint64_t random; /* any 64 bits */
    bool polling;    /* does not draw on the quota */
};

struct retry_answer {
    int64_t delay_ms;
    int cost; /* what was taken from the quota; given back by `retry_succeeded` */
};

/* Whether to try again; *ANSWER says after how long.  Takes the cost from QUOTA. */
bool retry_decide(const struct retry_question *question, struct retry_quota *quota,
                  struct retry_answer *answer);

/* A success: COST of the last retry comes back, or one token where there was none (COST 0). */
void retry_succeeded(struct retry_quota *quota, int cost);

/* 64 random bits. */
uint64_t retry_random(void);
