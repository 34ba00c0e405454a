/* Private state: there and back, and bytes that are no private state of ours. */
#include "resources/private_state.h"

#include "tests/schema/suite.h"

START_TEST(what_is_written_is_read)
{
    struct private_state state = {
        .import = true,
        .set_paths = json_of("['.data.any', '.metadata.labels.team']"),
        .evidence = json_of("[{'path': '.data.any', 'by': 'kubectl'}]"),
    };
    struct private_state read = private_state_read(&arena, private_state_write(&arena, &state));
    ck_assert(read.import);
    ASSERT_JSON(read.set_paths, "['.data.any', '.metadata.labels.team']");
    ASSERT_JSON(read.evidence, "[{'path': '.data.any', 'by': 'kubectl'}]");
}
END_TEST

START_TEST(what_is_empty_takes_no_place)
{
    struct private_state state = { .set_paths = json_of("[]"), .evidence = json_of("[]") };
    ck_assert_str_eq(private_state_write(&arena, &state).at, "{}");
}
END_TEST

START_TEST(equal_states_are_equal_bytes)
{
    struct str bytes = STR("{\"set\": [\".a\"], \"import\": true}");
    struct private_state state = private_state_read(&arena, bytes);
    ck_assert_str_eq(private_state_write(&arena, &state).at, "{\"import\":true,\"set\":[\".a\"]}");
}
END_TEST

START_TEST(foreign_bytes_count_as_empty)
{
    static const char *const texts[] = {
        "",     "[]", "null",       "{",
        "\xff", "17", "{\"v\": 2}", "{\"set\": {}, \"evidence\": 1, \"import\": 1}"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct private_state state = private_state_read(&arena, str_of(texts[i]));
        ck_assert_msg(!state.import && !state.set_paths && !state.evidence, "%s", texts[i]);
    }
    struct private_state none = private_state_read(&arena, (struct str){ 0 });
    ck_assert(!none.import);
}
END_TEST

START_TEST(paths_are_compared_whole)
{
    struct private_state state = { .set_paths = json_of("['.data.any', 7]") };
    struct private_state empty = { 0 };
    ck_assert(private_state_has_set(&state, STR(".data.any")));
    ck_assert(!private_state_has_set(&state, STR(".data")));
    ck_assert(!private_state_has_set(&state, STR(".data.any.x")));
    ck_assert(!private_state_has_set(&empty, STR(".data.any")));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_written_is_read,      what_is_empty_takes_no_place, equal_states_are_equal_bytes,
        foreign_bytes_count_as_empty, paths_are_compared_whole,
    };
    return RUN_SUITE("private_state", tests);
}
