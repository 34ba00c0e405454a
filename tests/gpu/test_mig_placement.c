/* The placement solver against a brute force that knows only rectangles on memory slices. */
#include "gpu/mig_placement.h"

#include "tests/gpu/suite.h"

#include <string.h>

#define A100 (&mig_geometries[MIG_A100_40GB])

/* Multisets numbered in a mixed radix: profile i has max + 2 digits, so that one too many counts.
 */
static size_t radix(const struct mig_geometry *geometry, size_t profile)
{
    return geometry->profiles[profile].max + 2;
}

static size_t number_count(const struct mig_geometry *geometry)
{
    size_t count = 1;
    for (size_t i = 0; i < geometry->profile_count; i++)
        count *= radix(geometry, i);
    return count;
}

static struct mig_counts counts_of(const struct mig_geometry *geometry, size_t number)
{
    struct mig_counts counts = { { 0 } };
    for (size_t i = 0; i < geometry->profile_count; i++) {
        counts.of[i] = (unsigned)(number % radix(geometry, i));
        number /= radix(geometry, i);
    }
    return counts;
}

static size_t number_of(const struct mig_geometry *geometry, const struct mig_counts *counts)
{
    size_t number = 0;
    for (size_t i = geometry->profile_count; i > 0; i--)
        number = number * radix(geometry, i - 1) + counts->of[i - 1];
    return number;
}

/* Marks every multiset that some choice of instances from slice START on makes. */
static void mark(const struct mig_geometry *geometry, unsigned start, struct mig_counts *counts,
                 bool *valid)
{
    valid[number_of(geometry, counts)] = true;
    for (; start < geometry->memory_slices; start++) {
        for (size_t i = 0; i < geometry->profile_count; i++) {
            const struct mig_profile *profile = &geometry->profiles[i];
            if ((profile->starts & 1u << start) == 0 || counts->of[i] == profile->max)
                continue;
            counts->of[i]++;
            mark(geometry, start + profile->memory_slices, counts, valid);
            counts->of[i]--;
        }
    }
}

static const bool *brute_force(const struct mig_geometry *geometry)
{
    struct mig_counts none = { { 0 } };
    bool *valid = ARENA_NEW_ARRAY(&arena, bool, number_count(geometry));
    mark(geometry, 0, &none, valid);
    return valid;
}

/* Whether PLACEMENT is a proof that COUNTS fits. */
static bool proves(const struct mig_geometry *geometry, const struct mig_placement *placement,
                   struct mig_counts counts)
{
    bool taken[16] = { false };
    for (size_t i = 0; i < placement->count; i++) {
        const struct mig_instance *instance = &placement->instances[i];
        if ((instance->profile->starts & 1u << instance->start) == 0)
            return false;
        for (unsigned k = 0; k < instance->profile->memory_slices; k++) {
            if (taken[instance->start + k])
                return false;
            taken[instance->start + k] = true;
        }
        counts.of[instance->profile - geometry->profiles]--;
    }
    for (size_t i = geometry->memory_slices; i < 16; i++)
        if (taken[i])
            return false;
    return mig_counts_total(&counts) == 0;
}

START_TEST(agrees_with_the_brute_force)
{
    const struct mig_geometry *geometry = &mig_geometries[_i];
    const bool *valid = brute_force(geometry);
    size_t fits = 0;
    for (size_t n = 0; n < number_count(geometry) && geometry->profile_count > 0; n++) {
        struct mig_counts counts = counts_of(geometry, n);
        struct mig_placement placement = { .count = 0 };
        bool placed = mig_place(geometry, &counts, &placement);
        /* Each assertion of Check is a message to its parent; too many for a loop like this. */
        if (placed != valid[n] || (placed && !proves(geometry, &placement, counts)))
            ck_abort_msg("%s: %s", geometry->name, mig_counts_print(&arena, geometry, &counts).at);
        fits += placed;
    }
    ck_assert_uint_eq(fits > 1, geometry->profile_count > 0);
}
END_TEST

/* A better part of WANTED than GOT among the multisets of VALID, or SIZE_MAX. */
static size_t better_part(const struct mig_geometry *geometry, const size_t *valid, size_t count,
                          const struct mig_counts *wanted, const struct mig_counts *got)
{
    for (size_t k = 0; k < count; k++) {
        struct mig_counts part = counts_of(geometry, valid[k]);
        bool within = true;
        for (size_t i = 0; i < geometry->profile_count; i++)
            within = within && part.of[i] <= wanted->of[i];
        unsigned total = mig_counts_total(&part), got_total = mig_counts_total(got);
        bool better = total > got_total ||
                      (total == got_total &&
                       mig_counts_slices(geometry, &part) > mig_counts_slices(geometry, got));
        if (within && better)
            return valid[k];
    }
    return SIZE_MAX;
}

START_TEST(no_part_is_nearer_than_the_nearest)
{
    const struct mig_geometry *geometry = &mig_geometries[_i];
    const bool *valid = brute_force(geometry);
    size_t numbers = number_count(geometry), count = 0;
    size_t *rows = ARENA_NEW_ARRAY(&arena, size_t, numbers);
    for (size_t n = 0; n < numbers; n++)
        if (valid[n])
            rows[count++] = n;
    /* Every multiset of a GPU with seven profiles; a spread of those with more. */
    for (size_t n = 0; n < numbers; n += numbers < 100000 ? 1 : 997) {
        struct mig_counts wanted = counts_of(geometry, n);
        struct mig_counts nearest = mig_nearest(geometry, &wanted);
        bool within = true;
        for (size_t i = 0; i < geometry->profile_count; i++)
            within = within && nearest.of[i] <= wanted.of[i];
        if (!within || !valid[number_of(geometry, &nearest)] ||
            better_part(geometry, rows, count, &wanted, &nearest) != SIZE_MAX)
            ck_abort_msg("%s: %s", geometry->name, mig_counts_print(&arena, geometry, &wanted).at);
    }
}
END_TEST

static size_t maximal_of(struct mig_layouts layouts)
{
    size_t count = 0;
    for (size_t i = 0; i < layouts.count; i++)
        count += layouts.rows[i].maximal;
    return count;
}

START_TEST(enumerates_the_known_numbers)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const struct mig_geometry *geometry = &mig_geometries[i];
        struct mig_layouts all = mig_layouts(&arena, geometry, true);
        struct mig_layouts plain = mig_layouts(&arena, geometry, false);
        bool seven = geometry->memory_slices == 8, four = geometry->memory_slices == 4;
        ck_assert_uint_eq(all.count, seven ? 77 : four ? 9 : 0);
        ck_assert_uint_eq(maximal_of(all), seven ? 28 : four ? 4 : 0);
        ck_assert_uint_eq(plain.count, seven ? 37 : four ? 9 : 0);
        ck_assert_uint_eq(maximal_of(plain), seven ? 12 : four ? 4 : 0);
    }
}
END_TEST

START_TEST(lists_the_maximal_layouts_of_an_a100)
{
    static const char *const expected[] = {
        "1 x 7g.40gb",
        "1 x 4g.20gb + 1 x 3g.20gb",
        "1 x 4g.20gb + 1 x 2g.10gb + 1 x 1g.5gb",
        "1 x 4g.20gb + 3 x 1g.5gb",
        "2 x 3g.20gb",
        "1 x 3g.20gb + 2 x 2g.10gb",
        "1 x 3g.20gb + 1 x 2g.10gb + 2 x 1g.5gb",
        "1 x 3g.20gb + 4 x 1g.5gb",
        "3 x 2g.10gb + 1 x 1g.5gb",
        "2 x 2g.10gb + 3 x 1g.5gb",
        "1 x 2g.10gb + 5 x 1g.5gb",
        "7 x 1g.5gb",
    };
    struct mig_layouts layouts = mig_layouts(&arena, A100, false);
    size_t next = 0;
    for (size_t i = 0; i < layouts.count; i++) {
        if (!layouts.rows[i].maximal)
            continue;
        struct str text = mig_counts_print(&arena, A100, &layouts.rows[i].counts);
        ck_assert_str_eq(text.at, expected[next++]);
    }
    ck_assert_uint_eq(next, 12);
}
END_TEST

static struct mig_counts asked(const struct mig_geometry *geometry, const char *profile,
                               int64_t count, const char *second, int64_t second_count)
{
    struct mig_device devices[] = { { str_of(profile), count }, { str_of(second), second_count } };
    struct mig_counts counts;
    size_t unknown = 9;
    ck_assert(mig_counts_make(geometry, devices, second ? 2 : 1, &counts, &unknown));
    return counts;
}

START_TEST(explains_what_does_not_fit)
{
    struct mig_counts counts = asked(A100, "1g.5gb", 8, NULL, 0);
    struct str why = mig_counts_explain(&arena, A100, &counts, "NVIDIA A100 40GB");
    ck_assert_str_eq(why.at, "8 x 1g.5gb does not fit on one NVIDIA A100 40GB: it has at most 7 of "
                             "1g.5gb.  The nearest layout that fits is 7 x 1g.5gb.");
    counts = asked(A100, "3g.20gb", 2, "1g.5gb", 1);
    why = mig_counts_explain(&arena, A100, &counts, "GPU");
    ck_assert(str_contains(why, "needs 9 of its 8 memory slices"));
    ck_assert(str_contains(why, "fits is 2 x 3g.20gb."));
    counts = asked(A100, "4g.20gb", 1, "1g.5gb", 4);
    why = mig_counts_explain(&arena, A100, &counts, "GPU");
    ck_assert(str_contains(why, "can only start at certain memory slices"));
    ck_assert(str_contains(why, "fits is 1 x 4g.20gb + 3 x 1g.5gb."));
    counts = asked(A100, "1g.5gb+me", 2, NULL, 0);
    why = mig_counts_explain(&arena, A100, &counts, "GPU");
    ck_assert(str_contains(why, "at most 1 of 1g.5gb+me"));
    counts = asked(A100, "1g.5gb+me", 1, "1g.5gb", 6);
    ck_assert_ptr_null(mig_counts_explain(&arena, A100, &counts, "GPU").at);
    counts = asked(A100, "1g.5gb+me", 1, "1g.5gb", 7);
    ck_assert_ptr_nonnull(mig_counts_explain(&arena, A100, &counts, "GPU").at);
}
END_TEST

START_TEST(sums_devices)
{
    struct mig_counts counts = asked(A100, "1g.5gb", 2, "1g.5gb", 3);
    ck_assert_uint_eq(counts.of[0], 5);
    counts = asked(A100, "1g.5gb", INT64_MAX, "1g.5gb", INT64_MAX);
    ck_assert(!mig_place(A100, &counts, NULL));
    counts = asked(A100, "1g.5gb", -1, NULL, 0);
    ck_assert(!mig_place(A100, &counts, NULL));
    struct mig_device strange[] = { { STR("1g.5gb"), 1 }, { STR("1g.6gb"), 1 } };
    size_t unknown = 9;
    ck_assert(!mig_counts_make(A100, strange, 2, &counts, &unknown));
    ck_assert_uint_eq(unknown, 1);
}
END_TEST

START_TEST(prints_counts)
{
    struct mig_counts counts = { { 0 } };
    ck_assert_str_eq(mig_counts_print(&arena, A100, &counts).at, "no instances");
    ck_assert(mig_place(A100, &counts, NULL));
    counts = asked(A100, "1g.5gb", 1, "3g.20gb", 1);
    ck_assert_str_eq(mig_counts_print(&arena, A100, &counts).at, "1 x 3g.20gb + 1 x 1g.5gb");
    ck_assert_uint_eq(mig_counts_total(&counts), 2);
    ck_assert_uint_eq(mig_counts_slices(A100, &counts), 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gpu/mig_placement");
    TCase *cases = tcase_create("placement");
    tcase_add_checked_fixture(cases, suite_setup, suite_teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, agrees_with_the_brute_force, 0, MIG_GEOMETRY_COUNT);
    tcase_add_loop_test(cases, no_part_is_nearer_than_the_nearest, 0, MIG_GEOMETRY_COUNT);
    tcase_add_test(cases, enumerates_the_known_numbers);
    tcase_add_test(cases, lists_the_maximal_layouts_of_an_a100);
    tcase_add_test(cases, explains_what_does_not_fit);
    tcase_add_test(cases, sums_devices);
    tcase_add_test(cases, prints_counts);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
