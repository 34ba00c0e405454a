/* Log records in hclog's JSON form, built on the stack so that logging never needs memory. */
#include "base/log.h"

#include "base/encoding.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Terraform reads lines through a buffer of 64 KiB and takes a longer one for plain text. */
#define RECORD_BYTES ((size_t)60 * 1024)
/* What closing a cut string, the object and the line takes. */
#define TAIL_BYTES 16

static enum log_level level_wanted = LOG_OFF;
static pthread_mutex_t one_line_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = { "trace", "debug", "info", "warn", "error", "off" };

/* Terraform's rule (facts: TF_LOG): JSON and unknown words mean everything. */
static enum log_level parse_level(const char *word)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (strcasecmp(word, level_names[i]) == 0)
            return (enum log_level)i;
    return LOG_TRACE;
}

void log_open(void)
{
    static const char *const variables[] = { "TF_LOG_PROVIDER_GPUSHARE", "TF_LOG_PROVIDER",
                                             "TF_LOG" };
    level_wanted = LOG_OFF;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *word = getenv(variables[i]);
        if (word && *word) {
            level_wanted = parse_level(word);
            return;
        }
    }
}

bool log_enabled(enum log_level level)
{
    return level >= level_wanted && level != LOG_OFF;
}

struct record {
    char bytes[RECORD_BYTES];
    size_t len;
};

/* Whether LEN more bytes leave room for the tail. */
static bool fits(const struct record *record, size_t len)
{
    return record->len + len <= RECORD_BYTES - TAIL_BYTES;
}

static void append(struct record *record, const char *bytes, size_t len)
{
    memcpy(record->bytes + record->len, bytes, len);
    record->len += len;
}

/* One character of S as JSON; returns how many bytes of S it took. */
static size_t escape(struct str s, char out[8], size_t *out_len)
{
    unsigned char byte = (unsigned char)s.at[0];
    size_t len = utf8_length(s);
    if (len == 0)
        *out_len = (size_t)snprintf(out, 8, "\\ufffd");
    else if (byte == '"' || byte == '\\')
        *out_len = (size_t)snprintf(out, 8, "\\%c", byte);
    else if (byte == '\n')
        *out_len = (size_t)snprintf(out, 8, "\\n");
    else if (byte < 0x20 || byte == 0x7f)
        *out_len = (size_t)snprintf(out, 8, "\\u%04x", byte);
    else
        memcpy(out, s.at, *out_len = len);
    return len ? len : 1;
}

static void append_string(struct record *record, struct str s)
{
    static const char ellipsis[] = "\\u2026";
    append(record, "\"", 1);
    while (s.len) {
        char out[8];
        size_t out_len;
        size_t taken = escape(s, out, &out_len);
        if (!fits(record, out_len)) {
            append(record, ellipsis, sizeof ellipsis - 1);
            break;
        }
        append(record, out, out_len);
        s = str_slice(s, taken, s.len);
    }
    append(record, "\"", 1);
}

/* A key is short and ours; a field that has no room for its key and an empty value is left out. */
static void append_field(struct record *record, const char *key, struct str value)
{
    size_t key_len = strlen(key);
    if (!fits(record, key_len + 6))
        return;
    append(record, record->len ? "," : "{", 1);
    append(record, "\"", 1);
    append(record, key, key_len);
    append(record, "\":", 2);
    append_string(record, value);
}

/* hclog's layout wants exactly six digits of a second's fraction. */
static void append_time(struct record *record)
{
    struct timespec now;
    struct tm parts;
    char text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + len, sizeof text - len, ".%06ldZ", now.tv_nsec / 1000);
    append_field(record, "@timestamp", str_of(text));
}

static void append_call(struct record *record, const struct call *call)
{
    char id[24];
    if (call->rpc)
        append_field(record, "tf_rpc", str_of(call->rpc));
    if (call->type_name)
        append_field(record, "tf_resource_type", str_of(call->type_name));
    snprintf(id, sizeof id, "%" PRIu64, call->request_id);
    append_field(record, "tf_req_id", str_of(id));
}

static void write_line(const struct record *record)
{
    size_t done = 0;
    pthread_mutex_lock(&one_line_at_a_time);
    while (done < record->len) {
        ssize_t written = write(STDERR_FILENO, record->bytes + done, record->len - done);
        if (written < 0 && errno != EINTR)
            break;
        done += written > 0 ? (size_t)written : 0;
    }
    pthread_mutex_unlock(&one_line_at_a_time);
}

void log_write(const struct call *call, enum log_level level, const char *subsystem,
               const char *message, const struct log_field *fields, size_t count)
{
    struct record record;
    char module[64];
    if (!log_enabled(level))
        return;
    record.len = 0;
    snprintf(module, sizeof module, strcmp(subsystem, "provider") == 0 ? "%s" : "provider.%s",
             subsystem);
    append_field(&record, "@level", str_of(level_names[level]));
    append_time(&record);
    append_field(&record, "@module", str_of(module));
    if (call)
        append_call(&record, call);
    append_field(&record, "@message", str_of(message));
    for (size_t i = 0; i < count; i++)
        append_field(&record, fields[i].key, fields[i].value);
    append(&record, "}\n", 2);
    write_line(&record);
}
