/* The table of GPU models. */
#include "gpu/gpu_models.h"

#include <strings.h>

#include "gpu/nearest.h"

#define MIG(id) (&mig_geometries[id])
#define TOO_OLD "NVIDIA's current drivers and EKS' GPU images no longer support it"

const struct gpu_model gpu_model_rows[GPU_MODEL_COUNT] = {
    [GPU_A100_40GB] = { "a100-40gb", "a100", "NVIDIA A100 40GB", "nvidia", 8, 0, MIG(MIG_A100_40GB),
                        "20B0", "450", NULL },
    [GPU_A100_80GB] = { "a100-80gb", "a100", "NVIDIA A100 80GB", "nvidia", 8, 0, MIG(MIG_A100_80GB),
                        "20B2", "450", NULL },
    [GPU_A10G] = { "a10g", "a10g", "NVIDIA A10G", "nvidia", 8, 6, NULL, NULL, NULL, NULL },
    [GPU_A30] = { "a30", "a30", "NVIDIA A30", "nvidia", 8, 0, MIG(MIG_A30_24GB), "20B7", "460",
                  NULL },
    [GPU_B200] = { "b200", "b200", "NVIDIA B200", "nvidia", 10, 0, MIG(MIG_B200_180GB), "2901",
                   "570.133.20", NULL },
    [GPU_B300] = { "b300", "b300", "NVIDIA B300", "nvidia", 10, 3, MIG(MIG_B300), "3182",
                   "580.82.07", NULL },
    [GPU_GB200] = { "gb200", "gb200", "NVIDIA GB200", "nvidia", 10, 0, MIG(MIG_GB200), "2941",
                    "570.133.20", NULL },
    [GPU_GB300] = { "gb300", "gb300", "NVIDIA GB300", "nvidia", 10, 3, MIG(MIG_GB300), "31C2", NULL,
                    NULL },
    [GPU_H100] = { "h100", "h100", "NVIDIA H100 80GB", "nvidia", 9, 0, MIG(MIG_H100_80GB), "2330",
                   "525.85.12", NULL },
    [GPU_H200] = { "h200", "h200", "NVIDIA H200 141GB", "nvidia", 9, 0, MIG(MIG_H200_141GB), "2335",
                   "550.90.07", NULL },
    [GPU_K80] = { "k80", "k80", "NVIDIA K80", "nvidia", 3, 7, NULL, NULL, NULL, TOO_OLD },
    [GPU_L4] = { "l4", "l4", "NVIDIA L4", "nvidia", 8, 9, NULL, NULL, NULL, NULL },
    [GPU_L40S] = { "l40s", "l40s", "NVIDIA L40S", "nvidia", 8, 9, NULL, NULL, NULL, NULL },
    [GPU_M60] = { "m60", "m60", "NVIDIA M60", "nvidia", 5, 2, NULL, NULL, NULL, TOO_OLD },
    [GPU_RADEON_PRO_V520] = { "radeon-pro-v520", "radeon-pro-v520", "AMD Radeon Pro V520", "amd", 0,
                              0, NULL, NULL, NULL, NULL },
    [GPU_RTX_PRO_4500] = { "rtx-pro-4500", "rtx-pro-4500", "NVIDIA RTX PRO 4500 Blackwell",
                           "nvidia", 12, 0, MIG(MIG_RTX_PRO_4500_32GB), NULL, "575.64", NULL },
    [GPU_RTX_PRO_SERVER_6000] = { "rtx-pro-server-6000", "rtx-pro-server-6000",
                                  "NVIDIA RTX PRO 6000 Blackwell Server", "nvidia", 12, 0,
                                  MIG(MIG_RTX_PRO_6000_96GB), "2BB5", "575.51.03", NULL },
    [GPU_T4] = { "t4", "t4", "NVIDIA T4", "nvidia", 7, 5, NULL, NULL, NULL, NULL },
    [GPU_T4G] = { "t4g", "t4g", "NVIDIA T4G", "nvidia", 7, 5, NULL, NULL, NULL, NULL },
    [GPU_V100] = { "v100", "v100", "NVIDIA V100", "nvidia", 7, 0, NULL, NULL, NULL, NULL },
};

static bool is_same_word(struct str s, const char *word)
{
    return str_of(word).len == s.len && strncasecmp(s.at, word, s.len) == 0;
}

const struct gpu_model *gpu_model_find(struct str name)
{
    const struct gpu_model *labelled = NULL;
    size_t labels = 0;
    for (size_t i = 0; i < GPU_MODEL_COUNT; i++) {
        const struct gpu_model *model = &gpu_model_rows[i];
        if (is_same_word(name, model->name) ||
            (model->mig != NULL && is_same_word(name, model->mig->name)))
            return model;
        if (is_same_word(name, model->label)) {
            labelled = model;
            labels++;
        }
    }
    return labels == 1 ? labelled : NULL;
}

const char *gpu_model_nearest(struct str name)
{
    return nearest_name(name, gpu_model_rows, GPU_MODEL_COUNT, sizeof *gpu_model_rows);
}

bool gpu_label_known(struct str label)
{
    for (size_t i = 0; i < GPU_MODEL_COUNT; i++)
        if (str_is(label, gpu_model_rows[i].label))
            return true;
    return false;
}

bool gpu_model_is_nvidia(const struct gpu_model *model)
{
    return str_is(str_of(model->manufacturer), "nvidia");
}

struct str mig_profile_gpus(struct arena *arena, struct str name)
{
    struct buf out = buf_make(arena, (size_t)64 * 1024);
    bool any = false;
    for (size_t i = 0; i < GPU_MODEL_COUNT; i++) {
        const struct gpu_model *model = &gpu_model_rows[i];
        if (model->mig == NULL || mig_profile_find(model->mig, name) == NULL)
            continue;
        buf_print(&out, "%s%s", any ? ", " : "", model->marketing);
        any = true;
    }
    return buf_str(&out);
}
