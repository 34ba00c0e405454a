/* The placement solver: small exhaustive searches over bit masks of memory slices. */
#include "gpu/mig_placement.h"

#include <stdlib.h>

/* Stands for any count that no GPU can hold. */
#define TOO_MANY 1000u

struct search {
    const struct mig_geometry *geometry;
    struct mig_counts left;
    struct mig_placement placement;
};

/* Places what is left of profile INDEX and of all smaller ones, the next instance of INDEX at
 * FROM or later, around the slices in TAKEN. */
static bool place(struct search *search, size_t index, unsigned from, unsigned taken)
{
    while (search->left.of[index] == 0) {
        if (index == 0)
            return true;
        index--;
        from = 0;
    }
    const struct mig_profile *profile = &search->geometry->profiles[index];
    unsigned size = (1u << profile->memory_slices) - 1;
    for (unsigned start = from; start < search->geometry->memory_slices; start++) {
        if ((profile->starts >> start & 1u) == 0 || (taken & size << start) != 0)
            continue;
        search->left.of[index]--;
        search->placement.instances[search->placement.count++] =
            (struct mig_instance){ profile, start };
        if (place(search, index, start + 1, taken | size << start))
            return true;
        search->placement.count--;
        search->left.of[index]++;
    }
    return false;
}

bool mig_place(const struct mig_geometry *geometry, const struct mig_counts *counts,
               struct mig_placement *out)
{
    if (geometry->profile_count == 0)
        return false;
    for (size_t i = 0; i < geometry->profile_count; i++)
        if (counts->of[i] > geometry->profiles[i].max)
            return false;
    if (mig_counts_slices(geometry, counts) > geometry->memory_slices)
        return false;
    struct search search = { .geometry = geometry, .left = *counts };
    if (!place(&search, geometry->profile_count - 1, 0, 0))
        return false;
    if (out != NULL)
        *out = search.placement;
    return true;
}

unsigned mig_counts_total(const struct mig_counts *counts)
{
    unsigned total = 0;
    for (size_t i = 0; i < MIG_PROFILE_LIMIT; i++)
        total += counts->of[i];
    return total;
}

unsigned mig_counts_slices(const struct mig_geometry *geometry, const struct mig_counts *counts)
{
    unsigned slices = 0;
    for (size_t i = 0; i < geometry->profile_count; i++)
        slices += counts->of[i] * geometry->profiles[i].memory_slices;
    return slices;
}

/* A walk over the multisets within LIMIT that do not cover more slices than there are. */
struct walk {
    const struct mig_geometry *geometry;
    struct mig_counts limit;
    struct mig_counts counts;
    void (*visit)(void *context, const struct mig_counts *counts);
    void *context;
};

static void walk_from(struct walk *walk, size_t index, unsigned free_slices)
{
    if (index == walk->geometry->profile_count) {
        walk->visit(walk->context, &walk->counts);
        return;
    }
    unsigned slices = walk->geometry->profiles[index].memory_slices;
    for (unsigned n = 0; n <= walk->limit.of[index] && n * slices <= free_slices; n++) {
        walk->counts.of[index] = n;
        walk_from(walk, index + 1, free_slices - n * slices);
    }
    walk->counts.of[index] = 0;
}

struct collection {
    const struct mig_geometry *geometry;
    struct mig_counts limit;
    struct mig_layout *rows;
    size_t count;
};

/* Whether one more instance of a profile within the collection's limit fits. */
static bool can_grow(const struct collection *collection, const struct mig_counts *counts)
{
    for (size_t i = 0; i < collection->geometry->profile_count; i++) {
        struct mig_counts more = *counts;
        if (collection->limit.of[i] == 0)
            continue;
        more.of[i]++;
        if (mig_place(collection->geometry, &more, NULL))
            return true;
    }
    return false;
}

static void collect(void *context, const struct mig_counts *counts)
{
    struct collection *collection = context;
    if (mig_counts_total(counts) == 0 || !mig_place(collection->geometry, counts, NULL))
        return;
    if (collection->rows != NULL)
        collection->rows[collection->count] =
            (struct mig_layout){ *counts, !can_grow(collection, counts) };
    collection->count++;
}

/* Large instances before small ones, so that a list starts with the whole GPU. */
static int layout_order(const void *a, const void *b)
{
    const struct mig_layout *first = a, *second = b;
    for (size_t i = MIG_PROFILE_LIMIT; i > 0; i--)
        if (first->counts.of[i - 1] != second->counts.of[i - 1])
            return first->counts.of[i - 1] > second->counts.of[i - 1] ? -1 : 1;
    return 0;
}

struct mig_layouts mig_layouts(struct arena *arena, const struct mig_geometry *geometry,
                               bool with_double_memory)
{
    struct collection collection = { .geometry = geometry };
    for (size_t i = 0; i < geometry->profile_count; i++) {
        const struct mig_profile *profile = &geometry->profiles[i];
        bool is_double = profile->compute_slices == 1 && profile->memory_slices == 2;
        if (!mig_profile_has_attributes(profile) && (with_double_memory || !is_double))
            collection.limit.of[i] = profile->max;
    }
    struct walk walk = { geometry, collection.limit, { { 0 } }, collect, &collection };
    walk_from(&walk, 0, geometry->memory_slices);
    collection.rows = ARENA_NEW_ARRAY(arena, struct mig_layout, collection.count);
    collection.count = 0;
    walk_from(&walk, 0, geometry->memory_slices);
    if (collection.count > 0)
        qsort(collection.rows, collection.count, sizeof *collection.rows, layout_order);
    return (struct mig_layouts){ collection.rows, collection.count };
}

struct best {
    const struct mig_geometry *geometry;
    struct mig_counts counts;
};

static void keep_better(void *context, const struct mig_counts *counts)
{
    struct best *best = context;
    unsigned total = mig_counts_total(counts), best_total = mig_counts_total(&best->counts);
    if (total < best_total ||
        (total == best_total && mig_counts_slices(best->geometry, counts) <=
                                    mig_counts_slices(best->geometry, &best->counts)))
        return;
    if (mig_place(best->geometry, counts, NULL))
        best->counts = *counts;
}

struct mig_counts mig_nearest(const struct mig_geometry *geometry, const struct mig_counts *wanted)
{
    struct best best = { .geometry = geometry };
    struct mig_counts limit = { { 0 } };
    for (size_t i = 0; i < geometry->profile_count; i++) {
        unsigned max = geometry->profiles[i].max;
        limit.of[i] = wanted->of[i] < max ? wanted->of[i] : max;
    }
    struct walk walk = { geometry, limit, { { 0 } }, keep_better, &best };
    walk_from(&walk, 0, geometry->memory_slices);
    return best.counts;
}

struct str mig_counts_print(struct arena *arena, const struct mig_geometry *geometry,
                            const struct mig_counts *counts)
{
    struct buf out = buf_make(arena, 4096);
    for (size_t i = geometry->profile_count; i > 0; i--)
        if (counts->of[i - 1] > 0)
            buf_print(&out, "%s%u x %s", out.len > 0 ? " + " : "", counts->of[i - 1],
                      geometry->profiles[i - 1].name);
    return out.len > 0 ? buf_str(&out) : STR("no instances");
}

bool mig_counts_make(const struct mig_geometry *geometry, const struct mig_device *devices,
                     size_t count, struct mig_counts *out, size_t *unknown)
{
    *out = (struct mig_counts){ { 0 } };
    for (size_t i = 0; i < count; i++) {
        const struct mig_profile *profile = mig_profile_find(geometry, devices[i].profile);
        if (profile == NULL) {
            *unknown = i;
            return false;
        }
        unsigned *total = &out->of[profile - geometry->profiles];
        bool many = devices[i].count < 0 || devices[i].count >= TOO_MANY;
        *total += many ? TOO_MANY : (unsigned)devices[i].count;
        *total = *total > TOO_MANY ? TOO_MANY : *total;
    }
    return true;
}

/* The profile that is asked for more often than one GPU can have it, or NULL. */
static const struct mig_profile *exceeded(const struct mig_geometry *geometry,
                                          const struct mig_counts *counts)
{
    for (size_t i = 0; i < geometry->profile_count; i++)
        if (counts->of[i] > geometry->profiles[i].max)
            return &geometry->profiles[i];
    return NULL;
}

struct str mig_counts_explain(struct arena *arena, const struct mig_geometry *geometry,
                              const struct mig_counts *counts, const char *gpu)
{
    if (mig_place(geometry, counts, NULL))
        return (struct str){ 0 };
    struct mig_counts nearest = mig_nearest(geometry, counts);
    struct str wanted = mig_counts_print(arena, geometry, counts);
    struct str valid = mig_counts_print(arena, geometry, &nearest);
    const struct mig_profile *profile = exceeded(geometry, counts);
    unsigned slices = mig_counts_slices(geometry, counts);
    struct str why;
    if (profile != NULL)
        why = str_print(arena, "it has at most %u of %s", profile->max, profile->name);
    else if (slices > geometry->memory_slices)
        why = str_print(arena, "that needs %u of its %u memory slices", slices,
                        geometry->memory_slices);
    else
        why = STR("its instances can only start at certain memory slices, and these overlap");
    return str_print(arena,
                     "%.*s does not fit on one %s: %.*s.  The nearest layout that fits is %.*s.",
                     STR_ARG(wanted), gpu, STR_ARG(why), STR_ARG(valid));
}
