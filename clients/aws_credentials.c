/* The table of sources, and the process-wide cache with its mutex. */
#include "clients/aws_credentials.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clients/aws_config.h"

static const struct {
    const char *name; /* in messages */
    aws_source_fn find;
} sources[] = {
    { "the provider's arguments access_key and secret_key", credentials_static },
    { "the provider's argument profile", credentials_named_profile },
    { "the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      credentials_environment },
    { "the shared files", credentials_shared_files },
};

/* One set of credentials; its texts follow it in the same allocation. */
struct entry {
    struct entry *next;
    unsigned users; /* calls that hold views into it, and the cache itself */
    struct str identity;
    struct aws_credentials credentials;
    char texts[];
};

static struct {
    pthread_mutex_t mutex;
    struct entry *entries;
} cache = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* What an arena holds of the cache. */
struct lease {
    struct entry *entry;
};

/* With the mutex held. */
static void drop_user(struct entry *entry)
{
    if (--entry->users == 0)
        free(entry);
}

static void end_lease(void *argument)
{
    struct lease *lease = argument;
    pthread_mutex_lock(&cache.mutex);
    if (lease->entry)
        drop_user(lease->entry);
    lease->entry = NULL;
    pthread_mutex_unlock(&cache.mutex);
}

/* With the mutex held. */
static struct entry **find_entry(struct str identity)
{
    struct entry **link = &cache.entries;
    while (*link && !str_equal((*link)->identity, identity))
        link = &(*link)->next;
    return link;
}

static bool is_fresh(const struct aws_credentials *credentials, int64_t margin_ms)
{
    return !credentials->expires_ms || credentials->expires_ms - margin_ms > clock_wall_ms();
}

static bool get_cached(struct call *call, const struct aws_config *config, int64_t margin_ms,
                       struct aws_credentials *out)
{
    struct lease *lease = ARENA_NEW(call->arena, struct lease);
    arena_defer(call->arena, end_lease, lease);
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = *find_entry(config->identity);
    if (entry && is_fresh(&entry->credentials, margin_ms)) {
        entry->users++;
        lease->entry = entry;
        *out = entry->credentials;
    }
    pthread_mutex_unlock(&cache.mutex);
    return lease->entry != NULL;
}

static char *keep_text(char *at, struct str *text)
{
    if (!text->at)
        return at;
    if (text->len)
        memcpy(at, text->at, text->len);
    at[text->len] = '\0';
    text->at = at;
    return at + text->len + 1;
}

/* A copy outside of any arena; NULL without memory, and then nothing is cached. */
static struct entry *make_entry(struct str identity, const struct aws_credentials *from)
{
    size_t size = identity.len + from->access_key.len + from->secret_key.len +
                  from->session_token.len + from->source.len + 5;
    struct entry *entry = calloc(1, sizeof *entry + size);
    if (!entry)
        return NULL;
    entry->users = 1;
    entry->identity = identity;
    entry->credentials = *from;
    char *at = keep_text(entry->texts, &entry->identity);
    at = keep_text(at, &entry->credentials.access_key);
    at = keep_text(at, &entry->credentials.secret_key);
    at = keep_text(at, &entry->credentials.session_token);
    keep_text(at, &entry->credentials.source);
    return entry;
}

/* With the mutex held. */
static void remove_entry(struct str identity)
{
    struct entry **link = find_entry(identity), *entry = *link;
    if (!entry)
        return;
    *link = entry->next;
    drop_user(entry);
}

static void put(const struct aws_config *config, const struct aws_credentials *credentials)
{
    struct entry *entry = make_entry(config->identity, credentials);
    pthread_mutex_lock(&cache.mutex);
    remove_entry(config->identity);
    if (entry) {
        entry->next = cache.entries;
        cache.entries = entry;
    }
    pthread_mutex_unlock(&cache.mutex);
}

void aws_credentials_drop(const struct aws_config *config)
{
    pthread_mutex_lock(&cache.mutex);
    remove_entry(config->identity);
    pthread_mutex_unlock(&cache.mutex);
}

void aws_credentials_close(void)
{
    pthread_mutex_lock(&cache.mutex);
    while (cache.entries)
        remove_entry(cache.entries->identity);
    pthread_mutex_unlock(&cache.mutex);
}

static void describe(struct call *call, bool failed, struct buf *tried, struct aws_problem *problem)
{
    problem->summary =
        failed ? STR("AWS credentials cannot be used") : STR("No AWS credentials found");
    problem->detail = str_print(
        call->arena,
        "%s Tried, in this order:%.*s.\nPut keys into the environment (AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY and, where they are temporary, AWS_SESSION_TOKEN), or name a "
        "profile that holds keys.",
        failed ? "The last source that was asked is meant to give credentials but does not."
               : "No source gave credentials for AWS.",
        STR_ARG(buf_str(tried)));
}

static bool ask_sources(struct call *call, const struct aws_config *config,
                        struct aws_credentials *out, struct aws_problem *problem)
{
    struct buf tried = buf_make(call->arena, BUF_LIMIT);
    bool failed = false;
    for (size_t i = 0; i < sizeof sources / sizeof *sources && !failed; i++) {
        struct str why = { 0 };
        *out = (struct aws_credentials){ 0 };
        enum aws_source_outcome outcome = sources[i].find(call, config, out, &why);
        if (outcome == AWS_SOURCE_FOUND) {
            if (!out->source.at)
                out->source = str_of(sources[i].name);
            return true;
        }
        failed = outcome == AWS_SOURCE_FAILED;
        buf_print(&tried, "%s\n  - %s: %.*s", tried.len ? ";" : "", sources[i].name, STR_ARG(why));
    }
    describe(call, failed, &tried, problem);
    return false;
}

bool aws_credentials_get(struct call *call, const struct aws_config *config,
                         struct aws_credentials *out, struct aws_problem *problem)
{
    if (get_cached(call, config, AWS_CREDENTIALS_MARGIN_MS, out))
        return true;
    if (ask_sources(call, config, out, problem)) {
        put(config, out);
        return true;
    }
    /* What is still valid is better than nothing. */
    return get_cached(call, config, 0, out);
}
