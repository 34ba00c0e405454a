/* Pauses: how they grow, and what cuts them short. */
#include "resources/poll.h"

#include "tests/schema/suite.h"

START_TEST(pauses_double_up_to_the_limit)
{
    struct poll poll = { 0 };
    int64_t expected[] = { 1, 2, 4, 8 };
    poll_set_first_ms(1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert(poll_pause(&call, &poll, "the end"));
        ck_assert_int_eq(poll.pause_ms, expected[i]);
    }
    poll.pause_ms = POLL_LIMIT_MS - 1;
    call.deadline_ms = clock_monotonic_ms() + 1;
    ck_assert(!poll_pause(&call, &poll, "the end"));
    ck_assert_int_eq(poll.pause_ms, POLL_LIMIT_MS);
}
END_TEST

START_TEST(the_first_pause_is_a_second)
{
    struct poll poll = { 0 };
    call.deadline_ms = clock_monotonic_ms() + 1;
    ck_assert(!poll_pause(&call, &poll, "the end"));
    ck_assert_int_eq(poll.pause_ms, POLL_FIRST_MS);
}
END_TEST

START_TEST(a_deadline_says_what_was_waited_for)
{
    struct poll poll = { 0 };
    call.deadline_ms = clock_monotonic_ms() - 1;
    ck_assert(!poll_pause(&call, &poll, "the node group gpu to become ACTIVE"));
    ASSERT_ONE_ERROR("", "the node group gpu to become ACTIVE");
}
END_TEST

START_TEST(a_cancel_ends_it)
{
    const atomic_bool cancelled = true;
    struct poll poll = { 0 };
    call.cancelled = &cancelled;
    ck_assert(!poll_pause(&call, &poll, "the end"));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pauses_double_up_to_the_limit,
        the_first_pause_is_a_second,
        a_deadline_says_what_was_waited_for,
        a_cancel_ends_it,
    };
    return RUN_SUITE("poll", tests);
}
