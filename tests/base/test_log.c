/* Log records as Terraform's reader wants them, read back through a temporary file. */
#include "base/log.h"

#include <check.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int captured, saved_stderr;

static void setup(void)
{
    char path[] = "/tmp/test_log_XXXXXX";
    captured = mkstemp(path);
    ck_assert_int_ge(captured, 0);
    unlink(path);
    saved_stderr = dup(STDERR_FILENO);
    dup2(captured, STDERR_FILENO);
    unsetenv("TF_LOG");
    unsetenv("TF_LOG_PROVIDER");
    unsetenv("TF_LOG_PROVIDER_GPUSHARE");
}

static void teardown(void)
{
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(captured);
}

/* Everything written so far; the caller frees it. */
static char *written(size_t *len)
{
    off_t size = lseek(captured, 0, SEEK_END);
    ck_assert_int_ge(size, 0);
    char *text = calloc(1, (size_t)size + 1);
    ck_assert_int_eq(pread(captured, text, (size_t)size, 0), size);
    *len = (size_t)size;
    return text;
}

/* The one record written; the caller drops it. */
static json_t *record(void)
{
    size_t len;
    char *text = written(&len);
    ck_assert_uint_gt(len, 0);
    ck_assert_uint_lt(len, 64 * 1024);
    ck_assert_ptr_eq(strchr(text, '\n'), text + len - 1);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json_is_object(value), "not an object: %.200s", text);
    free(text);
    return value;
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void open_with(const char *variable, const char *value)
{
    setenv(variable, value, 1);
    log_open();
}

START_TEST(silent_without_wish)
{
    log_open();
    ck_assert(!log_enabled(LOG_ERROR));
    log_write(NULL, LOG_ERROR, "provider", "unseen", NULL, 0);
    open_with("TF_LOG", "");
    log_write(NULL, LOG_ERROR, "provider", "unseen", NULL, 0);
    open_with("TF_LOG", "off");
    ck_assert(!log_enabled(LOG_OFF));
    log_write(NULL, LOG_ERROR, "provider", "unseen", NULL, 0);
    size_t len;
    free(written(&len));
    ck_assert_uint_eq(len, 0);
}
END_TEST

static const struct {
    const char *word;
    enum log_level least;
} level_words[] = {
    { "TRACE", LOG_TRACE }, { "debug", LOG_DEBUG }, { "Info", LOG_INFO },  { "WARN", LOG_WARN },
    { "ERROR", LOG_ERROR }, { "JSON", LOG_TRACE },  { "what", LOG_TRACE },
};

START_TEST(level_follows_word)
{
    open_with("TF_LOG", level_words[_i].word);
    for (enum log_level level = LOG_TRACE; level < LOG_OFF; level++)
        ck_assert_int_eq(log_enabled(level), level >= level_words[_i].least);
}
END_TEST

START_TEST(nearer_variable_wins)
{
    open_with("TF_LOG", "ERROR");
    open_with("TF_LOG_PROVIDER", "WARN");
    ck_assert(log_enabled(LOG_WARN) && !log_enabled(LOG_INFO));
    open_with("TF_LOG_PROVIDER_GPUSHARE", "OFF");
    ck_assert(!log_enabled(LOG_ERROR));
    open_with("TF_LOG_PROVIDER_GPUSHARE", "");
    ck_assert(log_enabled(LOG_WARN) && !log_enabled(LOG_INFO));
}
END_TEST

START_TEST(record_has_hclogs_members)
{
    open_with("TF_LOG", "TRACE");
    struct call call = { .rpc = "ReadResource", .type_name = "gpushare_x", .request_id = 77 };
    LOG(&call, LOG_INFO, "aws", "Sent a request", { "status", STR("200") }, { "a", STR("b") });
    json_t *value = record();
    ck_assert_str_eq(member(value, "@level"), "info");
    ck_assert_str_eq(member(value, "@message"), "Sent a request");
    ck_assert_str_eq(member(value, "@module"), "provider.aws");
    ck_assert_str_eq(member(value, "tf_rpc"), "ReadResource");
    ck_assert_str_eq(member(value, "tf_resource_type"), "gpushare_x");
    ck_assert_str_eq(member(value, "tf_req_id"), "77");
    ck_assert_str_eq(member(value, "status"), "200");
    ck_assert_str_eq(member(value, "a"), "b");

    const char *time = member(value, "@timestamp");
    static const char layout[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    ck_assert_uint_eq(strlen(time), sizeof layout - 1);
    for (size_t i = 0; layout[i]; i++)
        ck_assert(layout[i] == 'd' ? time[i] >= '0' && time[i] <= '9' : time[i] == layout[i]);
    json_decref(value);
}
END_TEST

START_TEST(module_of_the_provider_itself)
{
    open_with("TF_LOG", "TRACE");
    struct call call = { .request_id = 1 };
    log_write(&call, LOG_WARN, "provider", "m", NULL, 0);
    json_t *value = record();
    ck_assert_str_eq(member(value, "@module"), "provider");
    ck_assert_ptr_null(json_object_get(value, "tf_rpc"));
    json_decref(value);
}
END_TEST

static const struct {
    const char *given, *read_back;
} texts[] = {
    { "quote \" backslash \\ slash /", "quote \" backslash \\ slash /" },
    { "line\nfeed\ttab\r\x01\x7f", "line\nfeed\ttab\r\x01\x7f" },
    { "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
    { "cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd" },
    { "\xff\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xf0\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "", "" },
};

START_TEST(any_text_is_written_as_json)
{
    open_with("TF_LOG", "TRACE");
    LOG(NULL, LOG_DEBUG, "plan", "m", { "text", str_of(texts[_i].given) });
    json_t *value = record();
    ck_assert_str_eq(member(value, "text"), texts[_i].read_back);
    json_decref(value);
}
END_TEST

/* Whatever the length, the record stays one JSON object below Terraform's limit. */
START_TEST(long_record_is_cut)
{
    open_with("TF_LOG", "TRACE");
    size_t len = (size_t)60 * 1024 - 300 + (size_t)_i;
    char *text = malloc(len + 1);
    memset(text, _i % 3 ? 'x' : '"', len);
    text[len] = '\0';
    LOG(NULL, LOG_DEBUG, "plan", "m", { "text", { text, len } }, { "after", { text, len } },
        { "last", STR("seen?") });
    json_t *value = record();
    const char *read_back = member(value, "text");
    size_t kept = strlen(read_back);
    ck_assert_uint_gt(kept, 29 * 1024);
    if (kept != len)
        ck_assert_str_eq(read_back + kept - 3, "\xe2\x80\xa6");
    json_decref(value);
    free(text);
}
END_TEST

#define WRITERS 4
#define LINES 200

static void *write_lines(void *text)
{
    for (int i = 0; i < LINES; i++)
        LOG(NULL, LOG_INFO, "plan", "many", { "text", str_of(text) });
    return NULL;
}

START_TEST(lines_of_threads_do_not_mix)
{
    static char text[6000];
    memset(text, 'y', sizeof text - 1);
    open_with("TF_LOG", "TRACE");
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lines, text), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);

    size_t len;
    int lines = 0;
    char *all = written(&len);
    struct str rest = { all, len }, line;
    while (str_split(&rest, '\n', &line) && line.len) {
        json_t *value = json_loadb(line.at, line.len, 0, NULL);
        ck_assert_str_eq(member(value, "text"), text);
        json_decref(value);
        lines++;
    }
    ck_assert_int_eq(lines, WRITERS * LINES);
    free(all);
}
END_TEST

START_TEST(closed_stderr_is_no_trouble)
{
    open_with("TF_LOG", "TRACE");
    close(STDERR_FILENO);
    log_write(NULL, LOG_ERROR, "provider", "nobody reads", NULL, 0);
    size_t len;
    free(written(&len));
    ck_assert_uint_eq(len, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, silent_without_wish);
    tcase_add_loop_test(tests, level_follows_word, 0, sizeof level_words / sizeof *level_words);
    tcase_add_test(tests, nearer_variable_wins);
    tcase_add_test(tests, record_has_hclogs_members);
    tcase_add_test(tests, module_of_the_provider_itself);
    tcase_add_loop_test(tests, any_text_is_written_as_json, 0, sizeof texts / sizeof *texts);
    tcase_add_loop_test(tests, long_record_is_cut, 0, 300);
    tcase_add_test(tests, lines_of_threads_do_not_mix);
    tcase_add_test(tests, closed_stderr_is_no_trouble);
    Suite *suite = suite_create("log");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
