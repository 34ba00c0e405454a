/* Making tokens, and their process-wide cache with its mutex. */
#include "clients/eks_token.h"

#include <pthread.h>
#include <string.h>

#include "base/encoding.h"
#include "clients/sigv4.h"

#define KEY_BYTES 32

/* Kept for good, and used again by the next token for its key. */
struct entry {
    struct entry *next;
    unsigned char key[KEY_BYTES]; /* of cluster, region and identity */
    int64_t expires_ms;
    size_t len;
    char text[EKS_TOKEN_LIMIT];
};

static struct {
    pthread_mutex_t mutex;
    struct arena arena;
    struct entry *entries;
} cache = { .mutex = PTHREAD_MUTEX_INITIALIZER };

struct str eks_token_make(struct arena *arena, const struct aws_credentials *credentials,
                          struct str region, struct str subject, int64_t time_ms)
{
    struct str host = aws_token_host(arena, region);
    const struct http_header headers[] = { { "host", host }, { "x-k8s-aws-id", subject } };
    struct sigv4_request request = {
        .method = "GET",
        .path = STR("/"),
        .query = STR("Action=GetCallerIdentity&Version=2011-06-15"),
        .headers = headers,
        .header_count = 2,
    };
    struct sigv4_signer signer = { credentials, region, STR("sts"), time_ms };
    struct str url = sigv4_presign(arena, &signer, &request, host, /* expires */ 60);
    return str_print(arena, "k8s-aws-v1.%.*s", STR_ARG(base64url_encode(arena, url)));
}

/* Hashes part by part, so that it needs no arena. */
static void make_key(const struct aws_client *client, struct str subject,
                     unsigned char key[KEY_BYTES])
{
    const struct str parts[] = { subject, client->region, client->config->identity };
    memset(key, 0, KEY_BYTES);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        unsigned char next[KEY_BYTES];
        hmac_sha256((struct str){ (const char *)key, KEY_BYTES }, parts[i], next);
        memcpy(key, next, KEY_BYTES);
    }
}

/* With the mutex held. */
static struct entry *find_entry(const unsigned char key[KEY_BYTES])
{
    struct entry *entry = cache.entries;
    while (entry && memcmp(entry->key, key, KEY_BYTES) != 0)
        entry = entry->next;
    return entry;
}

static bool get_cached(struct call *call, const unsigned char key[KEY_BYTES], struct eks_token *out)
{
    /* Nothing may jump while the mutex is held, so the room comes first. */
    char *room = arena_alloc(call->arena, EKS_TOKEN_LIMIT + 1);
    int64_t now = clock_wall_ms();
    bool found = false;
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = find_entry(key);
    if (entry && entry->expires_ms - now >= EKS_TOKEN_MARGIN_MS) {
        memcpy(room, entry->text, entry->len);
        *out = (struct eks_token){ { room, entry->len }, entry->expires_ms };
        found = true;
    }
    pthread_mutex_unlock(&cache.mutex);
    return found;
}

static void put(const unsigned char key[KEY_BYTES], const struct eks_token *token)
{
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = find_entry(key);
    if (!entry && (entry = arena_try_alloc(&cache.arena, sizeof *entry))) {
        entry->next = cache.entries;
        cache.entries = entry;
    }
    if (entry) {
        memcpy(entry->key, key, KEY_BYTES);
        memcpy(entry->text, token->text.at, token->text.len);
        entry->len = token->text.len;
        entry->expires_ms = token->expires_ms;
    }
    pthread_mutex_unlock(&cache.mutex);
}

static bool make_token(struct call *call, const struct path *at, const struct aws_client *client,
                       struct str subject, struct eks_token *out)
{
    struct aws_credentials credentials;
    struct aws_problem problem;
    if (!aws_credentials_get(call, client->config, &credentials, &problem))
        return fail(call, at, problem.summary.at,
                    "%.*s\nThey are needed for the token of the cluster %.*s.",
                    STR_ARG(problem.detail), STR_ARG(subject));
    int64_t now = clock_wall_ms();
    out->text = eks_token_make(call->arena, &credentials, client->region, subject,
                               aws_clock_ms(client->config));
    out->expires_ms = now + EKS_TOKEN_LIFE_MS;
    if (credentials.expires_ms && credentials.expires_ms < out->expires_ms)
        out->expires_ms = credentials.expires_ms;
    if (out->text.len <= EKS_TOKEN_LIMIT)
        return true;
    return fail(call, at, "The token for the cluster is too long",
                "The token for %.*s has %zu bytes, and EKS accepts %zu: the session token of the "
                "credentials from %.*s is too long (%zu bytes). Use a role with fewer or shorter "
                "session tags or policies.",
                STR_ARG(subject), out->text.len, EKS_TOKEN_LIMIT, STR_ARG(credentials.source),
                credentials.session_token.len);
}

static bool is_subject(struct str subject)
{
    for (size_t i = 0; i < subject.len; i++)
        if (subject.at[i] <= ' ' || subject.at[i] > '~')
            return false;
    return subject.len > 0;
}

bool eks_token_get(struct call *call, const struct path *at, const struct aws_client *client,
                   struct str subject, struct eks_token *out)
{
    unsigned char key[KEY_BYTES];
    if (!is_subject(subject))
        return fail(call, at, "Invalid cluster name",
                    "\"%.*s\" cannot be the name of an EKS cluster: expected letters, digits, "
                    "hyphens and underscores.",
                    STR_ARG(subject));
    make_key(client, subject, key);
    if (get_cached(call, key, out))
        return true;
    if (!make_token(call, at, client, subject, out))
        return false;
    put(key, out);
    return true;
}

void eks_token_drop(const struct aws_client *client, struct str subject)
{
    unsigned char key[KEY_BYTES];
    make_key(client, subject, key);
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = find_entry(key);
    if (entry)
        entry->expires_ms = 0;
    pthread_mutex_unlock(&cache.mutex);
}

void eks_token_close(void)
{
    pthread_mutex_lock(&cache.mutex);
    arena_release(&cache.arena);
    cache.entries = NULL;
    pthread_mutex_unlock(&cache.mutex);
}
