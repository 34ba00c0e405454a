/* Decisions on retries with fixed dice. */
#include "clients/retry.h"

#include <check.h>

static struct retry_quota quota;
static struct retry_answer answer;

static void begin(void)
{
    retry_quota_init(&quota);
}

static void end(void)
{
}

#define ALMOST_ONE UINT64_MAX
#define HALF (UINT64_MAX / 2 + 1)

static bool ask(enum retry_kind kind, unsigned attempt, uint64_t random, const char *hint)
{
    struct retry_question question = {
        .kind = kind, .attempt = attempt, .max_attempts = 20, .random = random, .hint = str_of(hint)
    };
    return retry_decide(&question, &quota, &answer);
}

static enum retry_kind of_answer(int status, const char *code)
{
    return retry_classify(HTTP_ANSWERED, status, str_of(code));
}

START_TEST(classes)
{
    ck_assert_int_eq(of_answer(200, ""), RETRY_NEVER);
    ck_assert_int_eq(of_answer(400, "InvalidParameterException"), RETRY_NEVER);
    ck_assert_int_eq(of_answer(409, "ResourceInUseException"), RETRY_NEVER);
    ck_assert_int_eq(of_answer(501, ""), RETRY_NEVER);
    ck_assert_int_eq(of_answer(500, "ServerException"), RETRY_TRANSIENT);
    ck_assert_int_eq(of_answer(502, ""), RETRY_TRANSIENT);
    ck_assert_int_eq(of_answer(503, "ServiceUnavailableException"), RETRY_TRANSIENT);
    ck_assert_int_eq(of_answer(504, ""), RETRY_TRANSIENT);
    ck_assert_int_eq(of_answer(408, "RequestTimeout"), RETRY_TRANSIENT);
    ck_assert_int_eq(of_answer(429, ""), RETRY_THROTTLED);
    ck_assert_int_eq(of_answer(400, "ThrottlingException"), RETRY_THROTTLED);
    ck_assert_int_eq(of_answer(503, "SlowDown"), RETRY_THROTTLED);
    ck_assert_int_eq(of_answer(400, "EC2ThrottledException"), RETRY_THROTTLED);
}
END_TEST

START_TEST(classes_without_an_answer)
{
    static const struct {
        enum http_outcome outcome;
        enum retry_kind kind;
    } rows[] = {
        { HTTP_UNREACHED, RETRY_TRANSIENT }, { HTTP_BROKEN, RETRY_TRANSIENT },
        { HTTP_TIMED_OUT, RETRY_TRANSIENT }, { HTTP_UNRESOLVED, RETRY_NEVER },
        { HTTP_TLS_REFUSED, RETRY_NEVER },   { HTTP_CANCELLED, RETRY_NEVER },
        { HTTP_TOO_LARGE, RETRY_NEVER },     { HTTP_MISUSED, RETRY_NEVER },
        { HTTP_NO_MEMORY, RETRY_NEVER },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(retry_classify(rows[i].outcome, 0, STR("")), rows[i].kind);
}
END_TEST

START_TEST(delays_double_up_to_the_cap)
{
    static const int64_t halves[] = { 25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000 };
    for (unsigned i = 0; i < sizeof halves / sizeof *halves; i++) {
        ck_assert(ask(RETRY_TRANSIENT, i + 1, HALF, NULL));
        ck_assert_int_eq(answer.delay_ms, halves[i]);
    }
    ck_assert(ask(RETRY_TRANSIENT, 1, 0, NULL));
    ck_assert_int_eq(answer.delay_ms, 0);
    ck_assert(ask(RETRY_TRANSIENT, 1, ALMOST_ONE, NULL));
    ck_assert_int_eq(answer.delay_ms, 49);
}
END_TEST

START_TEST(throttling_waits_longer)
{
    ck_assert(ask(RETRY_THROTTLED, 1, HALF, NULL));
    ck_assert_int_eq(answer.delay_ms, 500);
    ck_assert(ask(RETRY_THROTTLED, 2, HALF, NULL));
    ck_assert_int_eq(answer.delay_ms, 1000);
    ck_assert(ask(RETRY_THROTTLED, 19, HALF, NULL));
    ck_assert_int_eq(answer.delay_ms, 10000);
}
END_TEST

START_TEST(hints_are_held_within_bounds)
{
    static const struct {
        const char *hint;
        int64_t delay;
    } rows[] = { { "10", 25 },   { "1000", 1000 }, { "60000", 5025 },
                 { "soon", 25 }, { "-5", 25 },     { "99999999999999999999", 25 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(ask(RETRY_TRANSIENT, 1, HALF, rows[i].hint));
        ck_assert_int_eq(answer.delay_ms, rows[i].delay);
    }
}
END_TEST

START_TEST(attempts_are_counted)
{
    struct retry_question question = { .kind = RETRY_TRANSIENT, .attempt = 2, .max_attempts = 3 };
    ck_assert(retry_decide(&question, &quota, &answer));
    question.attempt = 3;
    ck_assert(!retry_decide(&question, &quota, &answer));
    question = (struct retry_question){ .kind = RETRY_NEVER, .attempt = 1, .max_attempts = 3 };
    ck_assert(!retry_decide(&question, &quota, &answer));
    ck_assert_int_eq(atomic_load(&quota.tokens), RETRY_QUOTA - RETRY_COST);
}
END_TEST

START_TEST(the_quota_runs_dry)
{
    int granted = 0;
    while (ask(RETRY_TRANSIENT, 1, 0, NULL))
        granted++;
    ck_assert_int_eq(granted, RETRY_QUOTA / RETRY_COST);
    ck_assert(ask(RETRY_THROTTLED, 1, 0, NULL));
    ck_assert_int_eq(answer.cost, RETRY_THROTTLED_COST);
    ck_assert_int_eq(atomic_load(&quota.tokens), RETRY_QUOTA % RETRY_COST - RETRY_THROTTLED_COST);
    struct retry_question polling = {
        .kind = RETRY_TRANSIENT, .attempt = 1, .max_attempts = 25, .polling = true
    };
    ck_assert(retry_decide(&polling, &quota, &answer));
    ck_assert_int_eq(answer.cost, 0);
}
END_TEST

START_TEST(successes_fill_the_quota)
{
    retry_succeeded(&quota, 0);
    ck_assert_int_eq(atomic_load(&quota.tokens), RETRY_QUOTA);
    ck_assert(ask(RETRY_TRANSIENT, 1, 0, NULL));
    ck_assert(ask(RETRY_TRANSIENT, 1, 0, NULL));
    retry_succeeded(&quota, answer.cost);
    ck_assert_int_eq(atomic_load(&quota.tokens), RETRY_QUOTA - RETRY_COST);
    retry_succeeded(&quota, 0);
    ck_assert_int_eq(atomic_load(&quota.tokens), RETRY_QUOTA - RETRY_COST + 1);
}
END_TEST

START_TEST(dice_differ)
{
    ck_assert(retry_random() != retry_random());
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("retry");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, classes);
    tcase_add_test(tests, classes_without_an_answer);
    tcase_add_test(tests, delays_double_up_to_the_cap);
    tcase_add_test(tests, throttling_waits_longer);
    tcase_add_test(tests, hints_are_held_within_bounds);
    tcase_add_test(tests, attempts_are_counted);
    tcase_add_test(tests, the_quota_runs_dry);
    tcase_add_test(tests, successes_fill_the_quota);
    tcase_add_test(tests, dice_differ);
    Suite *suite = suite_create("retry");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
