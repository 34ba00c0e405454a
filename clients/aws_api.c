/* Attempts: each signed anew, classified, counted, and followed by a pause. */
#include "clients/aws_api.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "base/log.h"
#include "clients/aws_error.h"
#include "clients/retry.h"
#include "clients/sigv4.h"

/* A clock that is off by less does not explain a refused signature. */
#define SKEW_THAT_MATTERS_MS (4 * 60 * 1000)
/* A slower answer says nothing about the clock. */
#define LONGEST_ROUND_TRIP_MS (15 * 60 * 1000)

#define ADDED_HEADERS 3

bool aws_client_make(struct call *call, const struct path *at, const struct aws_config *config,
                     struct str region, struct aws_client *out)
{
    *out = (struct aws_client){ .config = config,
                                .region = region.len ? region : config->region.text };
    if (!out->region.len)
        return fail(call, at, "No AWS region",
                    "The region is not set: neither by the argument region of the resource or the "
                    "provider, nor by AWS_REGION or AWS_DEFAULT_REGION, nor by the profile "
                    "\"%.*s\". Set one of them.",
                    STR_ARG(config->profile.text));
    if (aws_region_is_valid(out->region))
        return true;
    return fail(call, at, "Invalid AWS region",
                "\"%.*s\" (from %.*s) is no AWS region: expected small letters, digits and "
                "hyphens, such as eu-west-1.",
                STR_ARG(out->region),
                STR_ARG(region.len ? STR("the argument region") : config->region.source));
}

int64_t aws_clock_ms(const struct aws_config *config)
{
    return clock_wall_ms() + atomic_load(config->skew_ms);
}

static struct str print_query(struct arena *arena, const struct aws_operation *operation)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; i < operation->query_count; i++) {
        if (i)
            buf_add_byte(&out, '&');
        buf_add_str(&out, percent_encode(arena, str_of(operation->query[i].name), false));
        buf_add_byte(&out, '=');
        buf_add_str(&out, percent_encode(arena, operation->query[i].value, false));
    }
    return buf_str(&out);
}

/* What all attempts of one call share. */
struct attempt {
    const struct aws_client *client;
    const struct aws_operation *operation;
    struct aws_credentials credentials;
    struct str invocation_id;
    struct str host; /* as sent: with the port where one was given */
    struct str path; /* with the endpoint's own path before it */
    struct str query;
    struct str body;
    unsigned number, most;
    int last_cost;
    bool skew_corrected;
    bool credentials_renewed;
};

static void split_endpoint(struct call *call, struct attempt *attempt, struct str url)
{
    size_t start = str_starts(url, "https://") ? 8 : 7;
    size_t slash = str_find(url, '/', start);
    /* A default port is not sent as part of Host. */
    struct str host = str_slice(url, start, slash);
    const char *default_port = start == 8 ? ":443" : ":80";
    if (str_ends(host, default_port))
        host.len -= strlen(default_port);
    attempt->host = str_lower(call->arena, host);
    attempt->path = str_print(call->arena, "%.*s%.*s", STR_ARG(str_slice(url, slash, url.len)),
                              STR_ARG(attempt->operation->path));
}

static size_t base_headers(const struct attempt *attempt, struct http_header headers[2])
{
    size_t count = 0;
    headers[count++] = (struct http_header){ "host", attempt->host };
    if (attempt->body.at)
        headers[count++] = (struct http_header){ "content-type", STR("application/json") };
    return count;
}

static struct http_header *sign(struct call *call, const struct attempt *attempt,
                                struct str signing_name, size_t *count)
{
    struct http_header base[2];
    struct sigv4_request request = {
        .method = attempt->operation->method,
        .path = attempt->path,
        .query = attempt->query,
        .headers = base,
        .header_count = base_headers(attempt, base),
        .body = attempt->body,
    };
    struct sigv4_signer signer = {
        .credentials = &attempt->credentials,
        .region = attempt->client->region,
        .service = signing_name,
        .time_ms = aws_clock_ms(attempt->client->config),
    };
    struct http_header *with_signature = sigv4_sign(call->arena, &signer, &request, count);
    struct http_header *all =
        ARENA_NEW_ARRAY(call->arena, struct http_header, *count + ADDED_HEADERS);
    memcpy(all, with_signature, *count * sizeof *all);
    /* Not signed, since proxies touch them. */
    all[(*count)++] = (struct http_header){ "amz-sdk-invocation-id", attempt->invocation_id };
    all[(*count)++] =
        (struct http_header){ "amz-sdk-request", str_print(call->arena, "attempt=%u; max=%u",
                                                           attempt->number, attempt->most) };
    if (attempt->client->user_agent)
        all[(*count)++] = (struct http_header){ "user-agent", str_of(attempt->client->user_agent) };
    return all;
}

static bool send_once(struct call *call, const struct attempt *attempt, struct aws_reply *reply)
{
    const struct aws_config *config = attempt->client->config;
    size_t header_count;
    struct http_header *headers = sign(call, attempt, reply->endpoint.signing_name, &header_count);
    struct str url = reply->endpoint.url;
    size_t origin = url.len - (attempt->path.len - attempt->operation->path.len);
    struct http_header action = { "action", str_of(attempt->operation->action) };
    struct http_request request = {
        .method = attempt->operation->method,
        .url = str_print(call->arena, "%.*s%.*s%s%.*s", STR_ARG(str_slice(url, 0, origin)),
                         STR_ARG(attempt->path), attempt->query.len ? "?" : "",
                         STR_ARG(attempt->query)),
        .headers = headers,
        .header_count = header_count,
        .body = attempt->body,
        .tls = str_starts(url, "https:") ? &config->tls : &config->plain_tls,
        .survives_cancel = strcmp(attempt->operation->method, "GET") != 0,
        .log_fields = &action,
        .log_field_count = 1,
    };
    reply->status = 0;
    reply->code = reply->message = reply->request_id = (struct str){ 0 };
    reply->body = NULL;
    reply->failure = http_send(call, &request, &reply->http) ? AWS_ANSWERED : AWS_NO_ANSWER;
    if (reply->failure == AWS_ANSWERED)
        aws_error_read(call, reply);
    return reply->failure == AWS_ANSWERED && reply->status >= 200 && reply->status < 300;
}

static bool is_skew_error(const struct aws_reply *reply)
{
    return aws_reply_is(reply, "InvalidSignature") ||
           aws_reply_is(reply, "SignatureDoesNotMatch") || aws_reply_is(reply, "AuthFailure") ||
           aws_reply_is(reply, "RequestTimeTooSkewed") || aws_reply_is(reply, "AccessDenied") ||
           aws_reply_is(reply, "RequestExpired");
}

/* The server's clock minus ours by the Date of its answer; false where it says nothing. */
static bool measure_skew(const struct http_reply *http, int64_t *skew_ms)
{
    struct str date = http_header_of(http, "date");
    char text[64];
    if (!date.at || date.len >= sizeof text || http_header_of(http, "age").at ||
        http->ended_ms - http->started_ms > LONGEST_ROUND_TRIP_MS)
        return false;
    memcpy(text, date.at, date.len);
    text[date.len] = '\0';
    time_t server = curl_getdate(text, NULL);
    if (server == -1)
        return false;
    int64_t middle = http->started_ms + (http->ended_ms - http->started_ms) / 2;
    *skew_ms = (int64_t)server * 1000 - middle;
    return true;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Whether the clock was corrected, so that another attempt makes sense. */
static bool correct_skew(struct call *call, struct attempt *attempt, const struct aws_reply *reply)
{
    const struct aws_config *config = attempt->client->config;
    int64_t skew, before = atomic_load(config->skew_ms);
    if (attempt->skew_corrected || !config->skew_correction || !is_skew_error(reply) ||
        !measure_skew(&reply->http, &skew) || distance(skew, before) <= SKEW_THAT_MATTERS_MS)
        return false;
    attempt->skew_corrected = true;
    atomic_store(config->skew_ms, skew);
    LOG(call, LOG_WARN, "aws", "this machine's clock differs from AWS's; corrected",
        { "skew_ms", str_print(call->arena, "%" PRId64, skew) });
    return true;
}

/* Credentials that AWS calls expired may have been renewed where they come from. */
static bool renew_credentials(struct call *call, struct attempt *attempt, struct aws_reply *reply)
{
    struct str old = attempt->credentials.access_key;
    if (attempt->credentials_renewed || !aws_reply_is(reply, "ExpiredToken"))
        return false;
    attempt->credentials_renewed = true;
    aws_credentials_drop(attempt->client->config);
    struct aws_problem unused;
    struct aws_credentials fresh;
    if (!aws_credentials_get(call, attempt->client->config, &fresh, &unused) ||
        str_equal(fresh.access_key, old))
        return false;
    attempt->credentials = fresh;
    reply->credentials_source = fresh.source;
    return true;
}

/* Pauses without a diagnostic: a cut pause leaves the failure as it was. */
static bool pause_ms(struct call *call, int64_t ms)
{
    struct call silent = *call;
    silent.first = silent.last = NULL;
    return call_left_ms(call) > ms && call_sleep(&silent, ms, "the next attempt");
}

static bool wants_another(struct call *call, struct attempt *attempt, struct aws_reply *reply)
{
    if (call_cancelled(call))
        return false;
    if (reply->failure == AWS_ANSWERED &&
        (correct_skew(call, attempt, reply) || renew_credentials(call, attempt, reply)))
        return true;
    struct retry_question question = {
        .kind = retry_classify(reply->http.outcome, reply->status, reply->code),
        .attempt = attempt->number,
        .max_attempts = attempt->most,
        .hint = http_header_of(&reply->http, "x-amz-retry-after"),
        .random = retry_random(),
        .polling = attempt->operation->polling,
    };
    struct retry_answer answer;
    if (!retry_decide(&question, attempt->client->config->quota, &answer))
        return false;
    attempt->last_cost = answer.cost;
    return pause_ms(call, answer.delay_ms);
}

static bool prepare(struct call *call, struct attempt *attempt, struct aws_reply *reply)
{
    const struct aws_client *client = attempt->client;
    if (!aws_endpoint_resolve(call->arena, client->config, attempt->operation->service,
                              client->region, &reply->endpoint, &reply->problem)) {
        reply->failure = AWS_NO_ENDPOINT;
        return false;
    }
    if (!aws_credentials_get(call, client->config, &attempt->credentials, &reply->problem)) {
        reply->failure = AWS_NO_CREDENTIALS;
        return false;
    }
    reply->credentials_source = attempt->credentials.source;
    split_endpoint(call, attempt, reply->endpoint.url);
    attempt->query = print_query(call->arena, attempt->operation);
    if (attempt->operation->body)
        attempt->body = json_print(call->arena, attempt->operation->body);
    attempt->invocation_id = uuid_random(call->arena);
    attempt->most = client->config->max_attempts;
    if (attempt->operation->polling && attempt->most < RETRY_POLLING_ATTEMPTS)
        attempt->most = RETRY_POLLING_ATTEMPTS;
    return true;
}

bool aws_send(struct call *call, const struct aws_client *client,
              const struct aws_operation *operation, struct aws_reply *reply)
{
    struct attempt attempt = { .client = client, .operation = operation };
    *reply = (struct aws_reply){ .action = operation->action, .region = client->region };
    if (!prepare(call, &attempt, reply))
        return false;
    for (;;) {
        reply->attempts = ++attempt.number;
        if (send_once(call, &attempt, reply)) {
            retry_succeeded(client->config->quota, attempt.last_cost);
            return true;
        }
        if (!wants_another(call, &attempt, reply))
            return false;
    }
}
