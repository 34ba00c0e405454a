/* The table of RPCs: well-formed, without doubles, and nothing that the server answers itself. */
#include "provider/dispatch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(every_row_is_a_method_of_the_service)
{
    ck_assert_uint_gt(dispatch_method_count, 0);
    for (size_t i = 0; i < dispatch_method_count; i++) {
        struct str path = str_of(dispatch_methods[i].path);
        ck_assert(str_starts(path, "/tfplugin6.Provider/"));
        ck_assert_uint_eq(str_find_last(path, '/'), strlen("/tfplugin6.Provider"));
        ck_assert_uint_gt(path.len, strlen("/tfplugin6.Provider/"));
        ck_assert(dispatch_methods[i].run != NULL);
        ck_assert(!str_ends(path, "/StopProvider"));
    }
}
END_TEST

START_TEST(no_row_comes_twice)
{
    for (size_t i = 0; i < dispatch_method_count; i++)
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(dispatch_methods[i].path, dispatch_methods[j].path);
            ck_assert(dispatch_methods[i].run != dispatch_methods[j].run);
        }
}
END_TEST

/* What core calls without asking whether it is there. */
START_TEST(core_finds_what_it_needs)
{
    static const char *const needed[] = {
        "GetProviderSchema",      "ValidateProviderConfig",
        "ValidateResourceConfig", "ValidateDataResourceConfig",
        "ConfigureProvider",      "UpgradeResourceState",
        "ReadResource",           "PlanResourceChange",
        "ApplyResourceChange",    "ImportResourceState",
        "ReadDataSource",
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        size_t found = 0;
        for (size_t j = 0; j < dispatch_method_count; j++)
            found += strcmp(strrchr(dispatch_methods[j].path, '/') + 1, needed[i]) == 0;
        ck_assert_msg(found == 1, "%s", needed[i]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dispatch");
    tcase_add_test(tests, every_row_is_a_method_of_the_service);
    tcase_add_test(tests, no_row_comes_twice);
    tcase_add_test(tests, core_finds_what_it_needs);
    Suite *suite = suite_create("dispatch");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
