/* The three taint effects. */
#include "gpu/taint_effect.h"

#include "gpu/nearest.h"

struct taint_effect {
    const char *kubernetes;
    const char *eks;
};

static const struct taint_effect effects[] = {
    { "NoSchedule", "NO_SCHEDULE" },
    { "PreferNoSchedule", "PREFER_NO_SCHEDULE" },
    { "NoExecute", "NO_EXECUTE" },
};

#define EFFECT_COUNT (sizeof effects / sizeof *effects)

static const struct taint_effect *find(struct str s)
{
    for (size_t i = 0; i < EFFECT_COUNT; i++)
        if (str_is(s, effects[i].kubernetes) || str_is(s, effects[i].eks))
            return &effects[i];
    return NULL;
}

bool taint_effect_valid(struct str s)
{
    return find(s) != NULL;
}

bool taint_effect_equal(struct str a, struct str b)
{
    const struct taint_effect *effect = find(a);
    return effect != NULL ? effect == find(b) : str_equal(a, b);
}

const char *taint_effect_to_eks(struct str s)
{
    const struct taint_effect *effect = find(s);
    return effect == NULL ? NULL : effect->eks;
}

const char *taint_effect_to_kubernetes(struct str s)
{
    const struct taint_effect *effect = find(s);
    return effect == NULL ? NULL : effect->kubernetes;
}

const char *taint_effect_nearest(struct str s)
{
    bool upper = s.len > 1 && s.at[1] >= 'A' && s.at[1] <= 'Z';
    const char *names[EFFECT_COUNT];
    for (size_t i = 0; i < EFFECT_COUNT; i++)
        names[i] = upper || str_has(s, '_') ? effects[i].eks : effects[i].kubernetes;
    return str_nearest(s, names, EFFECT_COUNT);
}
