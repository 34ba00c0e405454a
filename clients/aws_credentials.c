/* The table of sources, and the process-wide cache with its mutex. */
#include "clients/aws_credentials.h"

#include <pthread.h>
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

#define IDENTITY_BYTES 64

/* One set of credentials with its texts; both are used again by the next set of that identity. */
struct entry {
    struct entry *next;
    char identity[IDENTITY_BYTES];
    struct aws_credentials credentials; /* access_key.at == NULL: none */
    char *texts;
    size_t size, room;
};

static struct {
    pthread_mutex_t mutex;
    struct arena arena;
    struct entry *entries;
} cache = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* With the mutex held. */
static struct entry *find_entry(struct str identity)
{
    struct entry *entry = cache.entries;
    while (entry && !str_equal((struct str){ entry->identity, IDENTITY_BYTES }, identity))
        entry = entry->next;
    return entry;
}

static void move_text(struct str *text, const char *from, char *to)
{
    if (text->at)
        text->at = to + (text->at - from);
}

/* The views of *CREDENTIALS, which point into FROM, point into TO instead. */
static void move_texts(struct aws_credentials *credentials, const char *from, char *to)
{
    move_text(&credentials->access_key, from, to);
    move_text(&credentials->secret_key, from, to);
    move_text(&credentials->session_token, from, to);
    move_text(&credentials->source, from, to);
}

/* The bytes of what is cached and valid for MARGIN_MS more; 0: nothing is.  Copies it where ROOM is
 * enough. */
static size_t copy_cached(struct str identity, int64_t margin_ms, char *texts, size_t room,
                          struct aws_credentials *out)
{
    size_t size = 0;
    int64_t until = clock_wall_ms() + margin_ms;
    pthread_mutex_lock(&cache.mutex);
    const struct entry *entry = find_entry(identity);
    if (entry && entry->credentials.access_key.at &&
        (!entry->credentials.expires_ms || entry->credentials.expires_ms > until)) {
        size = entry->size;
        if (texts && size <= room) {
            memcpy(texts, entry->texts, size);
            *out = entry->credentials;
            move_texts(out, entry->texts, texts);
        }
    }
    pthread_mutex_unlock(&cache.mutex);
    return size;
}

static bool get_cached(struct call *call, const struct aws_config *config, int64_t margin_ms,
                       struct aws_credentials *out)
{
    char *texts = NULL;
    size_t room = 0, size;
    /* The arena may jump, so room is made without the mutex; what is cached may grow meanwhile. */
    while ((size = copy_cached(config->identity, margin_ms, texts, room, out)) > room) {
        texts = arena_alloc(call->arena, size);
        room = size;
    }
    return size > 0;
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

/* With the mutex held: an entry for IDENTITY with room for SIZE bytes; NULL without memory. */
static struct entry *make_room(struct str identity, size_t size)
{
    struct entry *entry = find_entry(identity);
    if (!entry && (entry = arena_try_alloc(&cache.arena, sizeof *entry))) {
        memcpy(entry->identity, identity.at, IDENTITY_BYTES);
        entry->next = cache.entries;
        cache.entries = entry;
    }
    if (entry && entry->room < size) {
        entry->credentials = (struct aws_credentials){ 0 };
        entry->texts = arena_try_alloc(&cache.arena, size);
        entry->room = entry->texts ? size : 0;
    }
    return entry && entry->room >= size ? entry : NULL;
}

static void put(const struct aws_config *config, const struct aws_credentials *credentials)
{
    size_t size = credentials->access_key.len + credentials->secret_key.len +
                  credentials->session_token.len + credentials->source.len + 4;
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = make_room(config->identity, size);
    if (entry) {
        entry->size = size;
        entry->credentials = *credentials;
        char *at = keep_text(entry->texts, &entry->credentials.access_key);
        at = keep_text(at, &entry->credentials.secret_key);
        at = keep_text(at, &entry->credentials.session_token);
        keep_text(at, &entry->credentials.source);
    }
    pthread_mutex_unlock(&cache.mutex);
}

void aws_credentials_drop(const struct aws_config *config)
{
    pthread_mutex_lock(&cache.mutex);
    struct entry *entry = find_entry(config->identity);
    if (entry)
        entry->credentials = (struct aws_credentials){ 0 };
    pthread_mutex_unlock(&cache.mutex);
}

void aws_credentials_close(void)
{
    pthread_mutex_lock(&cache.mutex);
    arena_release(&cache.arena);
    cache.entries = NULL;
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
