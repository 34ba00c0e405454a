/* The grammar of MIG profiles and the tables. */
#include "gpu/mig_profiles.h"

#include "tests/gpu/suite.h"

#define A100 (&mig_geometries[MIG_A100_40GB])
#define H100 (&mig_geometries[MIG_H100_80GB])
#define H200 (&mig_geometries[MIG_H200_141GB])
#define RTX (&mig_geometries[MIG_RTX_PRO_6000_96GB])

START_TEST(parses_names)
{
    struct mig_profile_name name;
    ck_assert(mig_profile_parse(STR("1g.5gb"), &name));
    ck_assert(name.gpu_slices == 1 && name.compute_slices == 1 && name.memory_gb == 5);
    ck_assert(name.sign == 0 && name.attributes.len == 0);
    ck_assert(mig_profile_parse(STR("1c.3g.20gb+me"), &name));
    ck_assert(name.gpu_slices == 3 && name.compute_slices == 1 && name.memory_gb == 20);
    ck_assert(name.sign == '+' && str_is(name.attributes, "me"));
    ck_assert(mig_profile_parse(STR("1g.24gb-me"), &name) && name.sign == '-');
    ck_assert(mig_profile_parse(STR("1g.24gb+me.all"), &name));
    ck_assert(mig_profile_parse(STR("1g.24gb+gfx,me"), &name));
    ck_assert(str_is(name.attributes, "gfx,me"));
}
END_TEST

START_TEST(refuses_what_is_no_name)
{
    static const char *const bad[] = {
        "",        "1g",         "1g.5",       "1g.5GB",     "g.5gb",     "0g.5gb",   "1g.0gb",
        "01g.5gb", "4c.3g.20gb", "1g.5gb+",    "1g.5gb+,me", "1g.5gb me", "1g.5gb+M", "-1g.5gb",
        "1g.5gbx", "1g5gb",      "99999g.1gb", "1g.5gb+me.", "1c.1c.5gb", "all",      "1c1g.5gb",
    };
    struct mig_profile_name name;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!mig_profile_parse(str_of(bad[i]), &name), "%s", bad[i]);
}
END_TEST

/* What `nvidia-smi mig -lgip -lgipp` says of a real H200. */
START_TEST(the_h200_is_as_measured)
{
    static const struct mig_profile measured[] = {
        { "1g.18gb", 7, 1, 1, 0x7f },  { "1g.18gb+me", 1, 1, 1, 0x7f },
        { "1g.35gb", 4, 1, 2, 0x55 },  { "2g.35gb", 3, 2, 2, 0x15 },
        { "3g.71gb", 2, 3, 4, 0x11 },  { "4g.71gb", 1, 4, 4, 0x01 },
        { "7g.141gb", 1, 7, 8, 0x01 },
    };
    ck_assert_uint_eq(H200->profile_count, 7);
    for (size_t i = 0; i < 7; i++) {
        const struct mig_profile *profile = mig_profile_find(H200, str_of(measured[i].name));
        ck_assert_ptr_nonnull(profile);
        ck_assert_uint_eq(profile->max, measured[i].max);
        ck_assert_uint_eq(profile->compute_slices, measured[i].compute_slices);
        ck_assert_uint_eq(profile->memory_slices, measured[i].memory_slices);
        ck_assert_uint_eq(profile->starts, measured[i].starts);
    }
}
END_TEST

START_TEST(tables_are_consistent)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const struct mig_geometry *geometry = &mig_geometries[i];
        ck_assert_uint_le(geometry->profile_count, MIG_PROFILE_LIMIT);
        ck_assert_uint_eq(geometry->profile_count > 0, geometry->memory_slices > 0);
        for (size_t k = 0; k < geometry->profile_count; k++) {
            const struct mig_profile *profile = &geometry->profiles[k];
            struct mig_profile_name name;
            unsigned starts = 0;
            ck_assert(mig_profile_parse(str_of(profile->name), &name));
            ck_assert_uint_eq(name.gpu_slices, profile->compute_slices);
            ck_assert_uint_eq(mig_profile_has_attributes(profile), name.sign != 0);
            for (unsigned start = 0; start < 32; start++) {
                if ((profile->starts & 1u << start) == 0)
                    continue;
                starts++;
                ck_assert_uint_le(start + profile->memory_slices, geometry->memory_slices);
            }
            ck_assert_uint_le(profile->max, starts);
        }
    }
}
END_TEST

START_TEST(names_resources)
{
    static const char *const pairs[][2] = {
        { "1g.5gb", "nvidia.com/mig-1g.5gb" },
        { "1g.10gb+me", "nvidia.com/mig-1g.10gb.me" },
        { "1g.24gb+me.all", "nvidia.com/mig-1g.24gb.me.all" },
        { "1g.24gb+gfx", "nvidia.com/mig-1g.24gb.gfx" },
        { "1g.24gb-me", "nvidia.com/mig-1g.24gb-me" },
        { "1c.1g.5gb", "nvidia.com/mig-1g.5gb" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str resource = mig_resource_name(&arena, str_of(pairs[i][0]));
        ck_assert_str_eq(resource.at, pairs[i][1]);
        ck_assert(mig_resource_valid(resource));
    }
    ck_assert_ptr_null(mig_resource_name(&arena, STR("1c.3g.20gb")).at);
    ck_assert_ptr_null(mig_resource_name(&arena, STR("small")).at);
}
END_TEST

START_TEST(reads_resources)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const struct mig_geometry *geometry = &mig_geometries[i];
        for (size_t k = 0; k < geometry->profile_count; k++) {
            struct str resource = mig_resource_name(&arena, str_of(geometry->profiles[k].name));
            ck_assert_ptr_eq(mig_profile_of_resource(geometry, resource), &geometry->profiles[k]);
        }
    }
    ck_assert_ptr_null(mig_profile_of_resource(H100, STR("nvidia.com/mig-1g.5gb")));
    ck_assert_ptr_null(mig_profile_of_resource(A100, STR("nvidia.com/mig-1g.5g")));
    ck_assert_ptr_null(mig_profile_of_resource(A100, STR("nvidia.com/mig-1g.5gb.m")));
    ck_assert_ptr_null(mig_profile_of_resource(A100, STR("nvidia.com/gpu")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/gpu")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/mig-")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/mig-1g")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/mig-1g.5gb+me")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/mig-1g.5gb.")));
    ck_assert(!mig_resource_valid(STR("nvidia.com/mig-1c.1g.5gb")));
}
END_TEST

START_TEST(suggests_profiles)
{
    ck_assert_str_eq(mig_profile_nearest(H100, STR("1g.5gb")), "1g.10gb");
    ck_assert_str_eq(mig_profile_nearest(H100, STR("1g.5gb+me")), "1g.10gb+me");
    ck_assert_str_eq(mig_profile_nearest(A100, STR("7g.80gb")), "7g.40gb");
    ck_assert_str_eq(mig_profile_nearest(A100, STR("3g.20g")), "3g.20gb");
    ck_assert_str_eq(mig_profile_nearest(RTX, STR("1g.23gb-me")), "1g.24gb-me");
    ck_assert_ptr_null(mig_profile_nearest(A100, STR("everything")));
    ck_assert(mig_profile_exists(STR("7g.278gb")));
    ck_assert(!mig_profile_exists(STR("7g.279gb")));
}
END_TEST

START_TEST(lists_profiles)
{
    ck_assert_str_eq(mig_profile_list(&arena, A100).at,
                     "1g.5gb, 1g.5gb+me, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb");
    ck_assert_str_eq(mig_profile_list(&arena, &mig_geometries[MIG_RTX_PRO_4500_32GB]).at, "");
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/mig_profiles", parses_names, refuses_what_is_no_name, the_h200_is_as_measured,
              tables_are_consistent, names_resources, reads_resources, suggests_profiles,
              lists_profiles);
}
