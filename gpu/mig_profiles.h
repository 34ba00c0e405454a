/* MIG profiles: their grammar, and which of them a GPU offers at which places.
 *
 * Sources: NVIDIA's MIG user guide, the gpu-operator's shipped layouts and, for the H200, what
 * `nvidia-smi mig -lgip -lgipp` says on a real one. */
#pragma once

#include "base/buf.h"

/* The most profiles that one GPU has in the tables. */
#define MIG_PROFILE_LIMIT 12

/* A profile's name taken apart: [Cc.]Gg.Mgb, then +attribute[,attribute] or -attribute. */
struct mig_profile_name {
    unsigned compute_slices; /* C; equal to gpu_slices where it is left out */
    unsigned gpu_slices;     /* G */
    unsigned memory_gb;      /* M */
    char sign;               /* '+', '-', or 0 where there are no attributes */
    struct str attributes;   /* "me", "me.all", "gfx", as written, without the sign */
};

/* Reads NAME ("1g.10gb+me"); false where it does not follow the grammar. */
bool mig_profile_parse(struct str name, struct mig_profile_name *out);

struct mig_profile {
    const char *name;
    unsigned max;            /* instances of it on one GPU */
    unsigned compute_slices; /* the G of its name */
    unsigned memory_slices;  /* what it covers of the GPU's memory slices */
    unsigned starts;         /* bit N: it may start at memory slice N */
};

/* How the memory of one GPU model can be divided. */
struct mig_geometry {
    const char *name;       /* "A100-40GB" */
    unsigned memory_slices; /* 8 or 4; 0: capable of MIG, but its profiles are not known */
    unsigned max_instances; /* 7, 4 or 2 */
    size_t profile_count;
    struct mig_profile profiles[MIG_PROFILE_LIMIT]; /* small ones first */
};

enum mig_geometry_id {
    MIG_A100_40GB,
    MIG_A100_80GB,
    MIG_H100_80GB,
    MIG_H200_141GB,
    MIG_B200_180GB,
    MIG_B300,
    MIG_GB200,
    MIG_GB300,
    MIG_RTX_PRO_6000_96GB,
    MIG_RTX_PRO_4500_32GB,
    MIG_A30_24GB,
    MIG_GEOMETRY_COUNT,
};

extern const struct mig_geometry mig_geometries[MIG_GEOMETRY_COUNT];

/* The profile NAME of GEOMETRY, or NULL. */
const struct mig_profile *mig_profile_find(const struct mig_geometry *geometry, struct str name);

/* The name of GEOMETRY's profile nearest to NAME: the same slices and attributes with another
 * memory size first ("1g.10gb" for "1g.5gb" on an H100), then the nearest spelling; NULL where
 * nothing is near. */
const char *mig_profile_nearest(const struct mig_geometry *geometry, struct str name);

/* Whether any GPU of the tables has the profile NAME. */
bool mig_profile_exists(struct str name);

/* Whether a GPU whose profiles are not in the tables (RTX PRO 4500: 32 GB, two instances at most)
 * may have the profile NAME. */
bool mig_profile_possible(struct str name);

/* The name of the profile of any GPU nearest to NAME, or NULL. */
const char *mig_profile_nearest_of_all(struct str name);

/* Whether a profile of NAME is an attribute variant (+me, -me, +gfx, +me.all). */
bool mig_profile_has_attributes(const struct mig_profile *profile);

/* The extended resource of a profile under the strategy "mixed": "nvidia.com/mig-1g.10gb.me".  The
 * view with at == NULL where NAME is no profile or the plugin has no resource for it (a compute
 * instance smaller than its GPU instance). */
struct str mig_resource_name(struct arena *arena, struct str name);

/* The prefix of those resources. */
#define MIG_RESOURCE_PREFIX "nvidia.com/mig-"

/* The profile of GEOMETRY whose resource is RESOURCE, or NULL. */
const struct mig_profile *mig_profile_of_resource(const struct mig_geometry *geometry,
                                                  struct str resource);

/* Whether RESOURCE is formed like a MIG resource, whatever GPU may have it. */
bool mig_resource_valid(struct str resource);

/* The names of GEOMETRY's profiles, separated by ", ". */
struct str mig_profile_list(struct arena *arena, const struct mig_geometry *geometry);
