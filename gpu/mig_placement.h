/* Which sets of MIG instances fit on one GPU, and where.
 *
 * A multiset of profiles is valid exactly when its instances can start at allowed memory slices
 * without overlapping and no profile exceeds its maximum (NVIDIA's MIG user guide). */
#pragma once

#include "gpu/mig_profiles.h"

/* A profile and how often: what a user asks for, a line of `mig-devices`. */
struct mig_device {
    struct str profile;
    int64_t count;
};

/* How many instances of each profile, in the order of a geometry's profiles. */
struct mig_counts {
    unsigned of[MIG_PROFILE_LIMIT];
};

struct mig_instance {
    const struct mig_profile *profile;
    unsigned start; /* its first memory slice */
};

/* At most one instance per memory slice fits. */
#define MIG_INSTANCE_LIMIT 8

struct mig_placement {
    struct mig_instance instances[MIG_INSTANCE_LIMIT];
    size_t count;
};

/* Whether COUNTS fits on a GPU of GEOMETRY; if so, and OUT is not NULL, *OUT is one placement,
 * large instances first. */
bool mig_place(const struct mig_geometry *geometry, const struct mig_counts *counts,
               struct mig_placement *out);

struct mig_layout {
    struct mig_counts counts;
    bool maximal; /* no further instance of a plain profile fits */
};

struct mig_layouts {
    const struct mig_layout *rows; /* in the arena; full ones of large instances first */
    size_t count;
};

/* Every valid, non-empty multiset of GEOMETRY's plain profiles (no attribute variants); without the
 * 1g profile of double memory where WITH_DOUBLE_MEMORY is false. */
struct mig_layouts mig_layouts(struct arena *arena, const struct mig_geometry *geometry,
                               bool with_double_memory);

/* The valid multiset nearest to WANTED: part of it, with the fewest instances removed and then the
 * most memory slices used. */
struct mig_counts mig_nearest(const struct mig_geometry *geometry, const struct mig_counts *wanted);

/* COUNTS as "2 x 3g.20gb + 1 x 1g.5gb", large profiles first; "no instances" where all are 0. */
struct str mig_counts_print(struct arena *arena, const struct mig_geometry *geometry,
                            const struct mig_counts *counts);

unsigned mig_counts_total(const struct mig_counts *counts);

/* The memory slices that COUNTS covers. */
unsigned mig_counts_slices(const struct mig_geometry *geometry, const struct mig_counts *counts);

/* Sums DEVICES into *OUT.  False at the first profile that GEOMETRY has not, with its index in
 * *UNKNOWN; a count beyond what a GPU can hold is kept as a number too large to be valid. */
bool mig_counts_make(const struct mig_geometry *geometry, const struct mig_device *devices,
                     size_t count, struct mig_counts *out, size_t *unknown);

/* What is wrong with COUNTS on GEOMETRY, in whole sentences with the nearest valid layout; the view
 * with at == NULL where it fits.  GPU names the GPU in the message. */
struct str mig_counts_explain(struct arena *arena, const struct mig_geometry *geometry,
                              const struct mig_counts *counts, const char *gpu);
