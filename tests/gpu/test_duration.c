/* Durations: Go's grammar, values and equality. */
#include "gpu/duration.h"

#include "tests/gpu/suite.h"

static const struct {
    const char *text;
    int64_t nanoseconds;
} good[] = {
    { "0", 0 },
    { "-0", 0 },
    { "5s", 5000000000 },
    { "1h30m", 5400000000000 },
    { "-1.5h", -5400000000000 },
    { "+720h", 2592000000000000 },
    { "1.s", 1000000000 },
    { ".5s", 500000000 },
    { "1ns2us3ms", 3002001 },
    { "1\xc2\xb5s", 1000 },
    { "1\xce\xbcs", 1000 },
    { "0.000000001s", 1 },
    { "0.3333333333333333333h", 1200000000000 - 1 },
    { "9223372036854775807ns", INT64_MAX },
};

static const char *const bad[] = { "",
                                   "5",
                                   "s",
                                   "-",
                                   "1h30",
                                   "1 h",
                                   "1d",
                                   "1hh",
                                   ".s",
                                   "1..s",
                                   "Never",
                                   "+",
                                   "--1s",
                                   "3000000h",
                                   "9223372036854775808ns",
                                   "9223372036854775807ns1ns",
                                   "1h ",
                                   "9999999999999999999h" };

START_TEST(reads_as_go_does)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t nanoseconds = 17;
        ck_assert_msg(duration_parse(str_of(good[i].text), &nanoseconds), "%s", good[i].text);
        ck_assert_msg(nanoseconds == good[i].nanoseconds, "%s: %ld", good[i].text,
                      (long)nanoseconds);
        ck_assert(duration_valid(str_of(good[i].text)));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!duration_valid(str_of(bad[i])), "%s", bad[i]);
    ck_assert(!duration_valid((struct str){ 0 }));
}
END_TEST

START_TEST(equality_is_of_the_time)
{
    ck_assert(duration_equal(STR("60m"), STR("1h")));
    ck_assert(duration_equal(STR("1h0m0s"), STR("3600s")));
    ck_assert(duration_equal(STR("Never"), STR("Never")));
    ck_assert(!duration_equal(STR("Never"), STR("0s")));
    ck_assert(!duration_equal(STR("1h"), STR("61m")));
    ck_assert(!duration_equal(STR("1h"), STR("-1h")));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/duration", reads_as_go_does, equality_is_of_the_time);
}
