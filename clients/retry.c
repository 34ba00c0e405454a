/* Classes of failures, exponential delays with full jitter, and the shared quota. */
#include "clients/retry.h"

#include <unistd.h>

static const char *const throttling_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
};

void retry_quota_init(struct retry_quota *quota)
{
    atomic_init(&quota->tokens, RETRY_QUOTA);
}

static bool is_throttling(int status, struct str code)
{
    for (size_t i = 0; i < sizeof throttling_codes / sizeof *throttling_codes; i++)
        if (str_is(code, throttling_codes[i]))
            return true;
    return status == 429;
}

static bool is_transient(int status, struct str code)
{
    return status == 500 || status == 502 || status == 503 || status == 504 ||
           str_is(code, "RequestTimeout") || str_is(code, "RequestTimeoutException");
}

enum retry_kind retry_classify(enum http_outcome outcome, int status, struct str code)
{
    switch (outcome) {
    case HTTP_ANSWERED:
        if (status >= 200 && status < 300)
            return RETRY_NEVER;
        if (is_throttling(status, code))
            return RETRY_THROTTLED;
        return is_transient(status, code) ? RETRY_TRANSIENT : RETRY_NEVER;
    case HTTP_UNREACHED:
    case HTTP_BROKEN:
    case HTTP_TIMED_OUT:
        return RETRY_TRANSIENT;
    default:
        return RETRY_NEVER;
    }
}

static bool take(struct retry_quota *quota, int cost)
{
    int tokens = atomic_load(&quota->tokens);
    while (tokens >= cost)
        if (atomic_compare_exchange_weak(&quota->tokens, &tokens, tokens - cost))
            return true;
    return false;
}

static int64_t backoff_ms(const struct retry_question *question)
{
    int64_t longest = question->kind == RETRY_THROTTLED ? RETRY_THROTTLED_BASE_MS : RETRY_BASE_MS;
    for (unsigned i = 1; i < question->attempt && longest < RETRY_CAP_MS; i++)
        longest *= 2;
    if (longest > RETRY_CAP_MS)
        longest = RETRY_CAP_MS;
    double fraction = (double)(question->random >> 11) * 0x1p-53;
    return (int64_t)(fraction * (double)longest);
}

bool retry_decide(const struct retry_question *question, struct retry_quota *quota,
                  struct retry_answer *answer)
{
    *answer = (struct retry_answer){ 0 };
    if (question->kind == RETRY_NEVER || question->attempt >= question->max_attempts)
        return false;
    int cost = question->kind == RETRY_THROTTLED ? RETRY_THROTTLED_COST : RETRY_COST;
    if (question->polling)
        cost = 0;
    if (cost && !take(quota, cost))
        return false;
    int64_t delay = backoff_ms(question), hint;
    if (question->hint.at && str_to_int(question->hint, &hint) && hint > delay)
        delay = hint < delay + RETRY_HINT_SPAN_MS ? hint : delay + RETRY_HINT_SPAN_MS;
    *answer = (struct retry_answer){ .delay_ms = delay, .cost = cost };
    return true;
}

void retry_succeeded(struct retry_quota *quota, int cost)
{
    int tokens = atomic_load(&quota->tokens), more;
    do {
        more = tokens + (cost ? cost : 1);
        if (more > RETRY_QUOTA)
            more = RETRY_QUOTA;
    } while (!atomic_compare_exchange_weak(&quota->tokens, &tokens, more));
}

uint64_t retry_random(void)
{
    uint64_t bits = 0;
    /* Without entropy all clients wait equally long, which is allowed. */
    if (getentropy(&bits, sizeof bits) != 0)
        bits = UINT64_MAX / 2;
    return bits;
}
