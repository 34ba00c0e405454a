/* The MIG profile tables and the grammar of their names. */
#include "gpu/mig_profiles.h"

#include <string.h>

#include "gpu/nearest.h"

/* Bit N: memory slice N. */
#define AT_0_TO_6 0x7fu
#define AT_0_2_4_6 0x55u
#define AT_0_2_4 0x15u
#define AT_0_4 0x11u
#define AT_0 0x01u
#define AT_0_TO_3 0x0fu
#define AT_0_2 0x05u

/* A GPU of 7 compute and 8 memory slices: A100 and its successors differ in sizes only. */
#define SEVEN_SLICES(name, one, one_double, two, three, four, seven)                               \
    {                                                                                              \
        name, 8, 7, 7,                                                                             \
        {                                                                                          \
            { one, 7, 1, 1, AT_0_TO_6 }, { one "+me", 1, 1, 1, AT_0_TO_6 },                        \
                { one_double, 4, 1, 2, AT_0_2_4_6 }, { two, 3, 2, 2, AT_0_2_4 },                   \
                { three, 2, 3, 4, AT_0_4 }, { four, 1, 4, 4, AT_0 }, { seven, 1, 7, 8, AT_0 },     \
        }                                                                                          \
    }

const struct mig_geometry mig_geometries[MIG_GEOMETRY_COUNT] = {
    [MIG_A100_40GB] =
        SEVEN_SLICES("A100-40GB", "1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"),
    [MIG_A100_80GB] =
        SEVEN_SLICES("A100-80GB", "1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"),
    [MIG_H100_80GB] =
        SEVEN_SLICES("H100-80GB", "1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"),
    [MIG_H200_141GB] = SEVEN_SLICES("H200-141GB", "1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb",
                                    "4g.71gb", "7g.141gb"),
    [MIG_B200_180GB] = SEVEN_SLICES("B200-180GB", "1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb",
                                    "4g.90gb", "7g.180gb"),
    [MIG_B300] =
        SEVEN_SLICES("B300", "1g.34gb", "1g.67gb", "2g.67gb", "3g.135gb", "4g.135gb", "7g.269gb"),
    [MIG_GB200] =
        SEVEN_SLICES("GB200", "1g.23gb", "1g.47gb", "2g.47gb", "3g.93gb", "4g.93gb", "7g.186gb"),
    [MIG_GB300] =
        SEVEN_SLICES("GB300", "1g.35gb", "1g.70gb", "2g.70gb", "3g.139gb", "4g.139gb", "7g.278gb"),
    [MIG_RTX_PRO_6000_96GB] = { "RTX-PRO-6000-96GB",
                                4,
                                4,
                                11,
                                {
                                    { "1g.24gb", 4, 1, 1, AT_0_TO_3 },
                                    { "1g.24gb+gfx", 4, 1, 1, AT_0_TO_3 },
                                    { "1g.24gb+me.all", 1, 1, 1, AT_0_TO_3 },
                                    { "1g.24gb-me", 4, 1, 1, AT_0_TO_3 },
                                    { "2g.48gb", 2, 2, 2, AT_0_2 },
                                    { "2g.48gb+gfx", 2, 2, 2, AT_0_2 },
                                    { "2g.48gb+me.all", 1, 2, 2, AT_0_2 },
                                    { "2g.48gb-me", 2, 2, 2, AT_0_2 },
                                    { "4g.96gb", 1, 4, 4, AT_0 },
                                    { "4g.96gb+gfx", 1, 4, 4, AT_0 },
                                    { "4g.96gb+me.all", 1, 4, 4, AT_0 },
                                } },
    [MIG_RTX_PRO_4500_32GB] = { "RTX-PRO-4500-32GB", 0, 2, 0, { { 0 } } },
    [MIG_A30_24GB] = { "A30-24GB",
                       4,
                       4,
                       5,
                       {
                           { "1g.6gb", 4, 1, 1, AT_0_TO_3 },
                           { "1g.6gb+me", 1, 1, 1, AT_0_TO_3 },
                           { "2g.12gb", 2, 2, 2, AT_0_2 },
                           { "2g.12gb+me", 1, 2, 2, AT_0_2 },
                           { "4g.24gb", 1, 4, 4, AT_0 },
                       } },
};

/* Reads a positive number without leading zeros, of at most four digits, from *AT on. */
static bool read_number(struct str s, size_t *at, unsigned *out)
{
    size_t start = *at;
    *out = 0;
    for (; *at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9'; ++*at) {
        if (*at - start == 4)
            return false;
        *out = *out * 10 + (unsigned)(s.at[*at] - '0');
    }
    return *at > start && s.at[start] != '0';
}

static bool read_text(struct str s, size_t *at, const char *text)
{
    if (!str_starts(str_slice(s, *at, s.len), text))
        return false;
    *at += strlen(text);
    return true;
}

/* One attribute: letters, digits and dots, starting with a letter. */
static bool attribute_valid(struct str s)
{
    if (s.len == 0 || s.at[0] < 'a' || s.at[0] > 'z')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!((s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= '0' && s.at[i] <= '9') ||
              s.at[i] == '.'))
            return false;
    return s.at[s.len - 1] != '.';
}

static bool read_attributes(struct str s, struct mig_profile_name *out)
{
    if (s.len == 0)
        return true;
    if (s.at[0] != '+' && s.at[0] != '-')
        return false;
    out->sign = s.at[0];
    out->attributes = str_slice(s, 1, s.len);
    struct str rest = out->attributes, attribute;
    while (str_split(&rest, ',', &attribute))
        if (!attribute_valid(attribute))
            return false;
    return true;
}

bool mig_profile_parse(struct str name, struct mig_profile_name *out)
{
    *out = (struct mig_profile_name){ 0 };
    size_t at = 0;
    if (!read_number(name, &at, &out->gpu_slices))
        return false;
    out->compute_slices = out->gpu_slices;
    if (read_text(name, &at, "c.") && !read_number(name, &at, &out->gpu_slices))
        return false;
    return read_text(name, &at, "g.") && read_number(name, &at, &out->memory_gb) &&
           read_text(name, &at, "gb") && out->compute_slices <= out->gpu_slices &&
           read_attributes(str_slice(name, at, name.len), out);
}

const struct mig_profile *mig_profile_find(const struct mig_geometry *geometry, struct str name)
{
    return named_row(name, geometry->profiles, geometry->profile_count, sizeof *geometry->profiles);
}

/* Whether WANTED and HAVE divide a GPU alike, but for the size of its memory. */
static bool same_division(const struct mig_profile_name *wanted,
                          const struct mig_profile_name *have)
{
    return wanted->gpu_slices == have->gpu_slices && wanted->sign == have->sign &&
           str_equal(wanted->attributes, have->attributes);
}

const char *mig_profile_nearest(const struct mig_geometry *geometry, struct str name)
{
    struct mig_profile_name wanted, have;
    if (mig_profile_parse(name, &wanted)) {
        for (size_t i = 0; i < geometry->profile_count; i++) {
            const char *candidate = geometry->profiles[i].name;
            if (mig_profile_parse(str_of(candidate), &have) && same_division(&wanted, &have))
                return candidate;
        }
    }
    return nearest_name(name, geometry->profiles, geometry->profile_count,
                        sizeof *geometry->profiles);
}

bool mig_profile_exists(struct str name)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++)
        if (mig_profile_find(&mig_geometries[i], name) != NULL)
            return true;
    return false;
}

bool mig_profile_possible(struct str name)
{
    struct mig_profile_name parts;
    return mig_profile_parse(name, &parts) && parts.gpu_slices <= 4 &&
           (parts.memory_gb == 16 || parts.memory_gb == 32);
}

const char *mig_profile_nearest_of_all(struct str name)
{
    const char *nearest = NULL;
    unsigned least = 0;
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const char *found = mig_profile_nearest(&mig_geometries[i], name);
        unsigned distance = found ? str_distance(name, str_of(found)) : 0;
        if (found && (!nearest || distance < least)) {
            nearest = found;
            least = distance;
        }
    }
    return nearest;
}

bool mig_profile_has_attributes(const struct mig_profile *profile)
{
    return strpbrk(profile->name, "+-") != NULL;
}

/* The byte of a resource name for a byte of a profile's name. */
static char resource_byte(char c)
{
    return c == '+' || c == ',' ? '.' : c;
}

struct str mig_resource_name(struct arena *arena, struct str name)
{
    struct mig_profile_name parts;
    if (!mig_profile_parse(name, &parts) || parts.compute_slices != parts.gpu_slices)
        return (struct str){ 0 };
    struct buf out = buf_make(arena, sizeof MIG_RESOURCE_PREFIX + name.len);
    buf_add_text(&out, MIG_RESOURCE_PREFIX);
    size_t at = str_find(name, 'c', 0);
    /* "1c.1g.5gb" and "1g.5gb" are one profile; the resource has the short name. */
    for (size_t i = at < str_find(name, 'g', 0) ? at + 2 : 0; i < name.len; i++)
        buf_add_byte(&out, resource_byte(name.at[i]));
    return buf_str(&out);
}

const struct mig_profile *mig_profile_of_resource(const struct mig_geometry *geometry,
                                                  struct str resource)
{
    if (!str_starts(resource, MIG_RESOURCE_PREFIX))
        return NULL;
    struct str rest = str_slice(resource, sizeof MIG_RESOURCE_PREFIX - 1, resource.len);
    for (size_t i = 0; i < geometry->profile_count; i++) {
        const char *name = geometry->profiles[i].name;
        size_t at = 0;
        while (at < rest.len && name[at] != '\0' && resource_byte(name[at]) == rest.at[at])
            at++;
        if (at == rest.len && name[at] == '\0')
            return &geometry->profiles[i];
    }
    return NULL;
}

bool mig_resource_valid(struct str resource)
{
    if (!str_starts(resource, MIG_RESOURCE_PREFIX))
        return false;
    struct str rest = str_slice(resource, sizeof MIG_RESOURCE_PREFIX - 1, resource.len);
    size_t size_end = 0;
    while (size_end + 1 < rest.len && !(rest.at[size_end] == 'g' && rest.at[size_end + 1] == 'b'))
        size_end++;
    struct mig_profile_name parts;
    if (!mig_profile_parse(str_slice(rest, 0, size_end + 2), &parts) ||
        parts.compute_slices != parts.gpu_slices || str_contains(rest, "c."))
        return false;
    struct str tail = str_slice(rest, size_end + 2, rest.len);
    return tail.len == 0 || ((tail.at[0] == '.' || tail.at[0] == '-') &&
                             attribute_valid(str_slice(tail, 1, tail.len)));
}

struct str mig_profile_list(struct arena *arena, const struct mig_geometry *geometry)
{
    struct buf out = buf_make(arena, (size_t)64 * 1024);
    for (size_t i = 0; i < geometry->profile_count; i++)
        buf_print(&out, "%s%s", i > 0 ? ", " : "", geometry->profiles[i].name);
    return buf_str(&out);
}
