/* Cron schedules of disruption budgets. */
#include "gpu/cron.h"

#include "tests/gpu/suite.h"

static const char *const good[] = {
    "* * * * *",       "0 9 * * mon-fri", "*/5 0-23/2 1,15 JAN-mar ?",
    "59 23 31 12 6",   "  0  0 * * sun",  "@daily",
    "@hourly",         "@midnight",       "@annually",
    "0 9 * * SAT,SUN", "5/10 * * * *",    "@yearly",
    "@weekly",         "@monthly",
};

static const char *const bad[] = {
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * 32 * *",
    "* * * 13 *",
    "* * * * 7",
    "*/0 * * * *",
    "5-1 * * * *",
    "* * * * mo",
    "a * * * *",
    "-1 * * * *",
    "1- * * * *",
    "1,,2 * * * *",
    "* * * * *,",
    "@every 1h",
    "@Daily",
    "TZ=UTC 0 9 * * *",
    "jan * * * *",
    "*/ * * * *",
    "*/-1 * * * *",
    "**  * * * *",
    "1/2/3 * * * *",
    "99999999999999999999 * * * *",
    "\t* * * * *",
};

START_TEST(accepts)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(cron_valid(str_of(good[i])), "%s", good[i]);
}
END_TEST

START_TEST(refuses)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!cron_valid(str_of(bad[i])), "%s", bad[i]);
    ck_assert(!cron_valid((struct str){ 0 }));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/cron", accepts, refuses);
}
