/* Look-ups in named tables. */
#include "gpu/nearest.h"

#include "tests/gpu/suite.h"

struct row {
    const char *name;
    int number;
};

static const struct row rows[] = { { "alpha", 1 }, { "beta", 2 }, { "gamma", 3 } };

START_TEST(finds_rows)
{
    const struct row *row = named_row(STR("beta"), rows, 3, sizeof *rows);
    ck_assert_ptr_eq(row, &rows[1]);
    ck_assert_ptr_null(named_row(STR("bet"), rows, 3, sizeof *rows));
    ck_assert_ptr_null(named_row(STR("gamma"), rows, 2, sizeof *rows));
}
END_TEST

START_TEST(finds_the_nearest)
{
    ck_assert_str_eq(nearest_name(STR("gama"), rows, 3, sizeof *rows), "gamma");
    ck_assert_str_eq(nearest_name(STR("alhpa"), rows, 3, sizeof *rows), "alpha");
    ck_assert_ptr_null(nearest_name(STR("omega-centauri"), rows, 3, sizeof *rows));
    ck_assert_ptr_null(nearest_name(STR("beta"), rows, 0, sizeof *rows));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/nearest", finds_rows, finds_the_nearest);
}
