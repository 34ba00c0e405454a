/* Look-ups in the table of instance types. */
#include "gpu/instance_types.h"

#include "gpu/nearest.h"

#define GPU(id) (&gpu_model_rows[id])

#include "gpu/instance_types.inc"

const size_t instance_type_count = sizeof instance_type_rows / sizeof *instance_type_rows;

const struct instance_type *instance_type_find(struct str name)
{
    return named_row(name, instance_type_rows, instance_type_count, sizeof *instance_type_rows);
}

const char *instance_type_nearest(struct str name)
{
    return nearest_name(name, instance_type_rows, instance_type_count, sizeof *instance_type_rows);
}

static struct str family_of(struct str name)
{
    return str_slice(name, 0, str_find(name, '.', 0));
}

const struct instance_type *instance_type_of_family(struct str name)
{
    struct str family = family_of(name);
    for (size_t i = 0; i < instance_type_count; i++)
        if (str_equal(family, family_of(str_of(instance_type_rows[i].name))))
            return &instance_type_rows[i];
    return NULL;
}

const struct gpu_model *instance_type_gpu(struct str name)
{
    const struct instance_type *row = instance_type_find(name);
    if (row == NULL)
        row = instance_type_of_family(name);
    if (row != NULL)
        return row->gpu;
    return str_starts(name, "p6e-gb300.") ? GPU(GPU_GB300) : NULL;
}

/* "m7gd" and "c6gn" are Graviton; "g5" and "gr6" are not: the letter counts behind the digit. */
static bool is_graviton(struct str family)
{
    size_t at = 0;
    while (at < family.len && (family.at[at] < '0' || family.at[at] > '9'))
        at++;
    struct str options = str_slice(family, at, str_find(family, '-', 0));
    return str_has(options, 'g') || str_is(family, "a1") || str_contains(family, "-gb");
}

const char *instance_type_arch(struct str name)
{
    const struct instance_type *row = instance_type_of_family(name);
    if (row != NULL)
        return row->arch;
    return is_graviton(family_of(name)) ? "arm64" : "amd64";
}

static void check_unknown(struct str name, const char *field, struct problems *problems)
{
    const struct gpu_model *model = instance_type_gpu(name);
    const char *nearest = instance_type_nearest(name);
    if (model != NULL) {
        problem_add_field(
            problems, PROBLEM_SUSPICIOUS, field, (struct str){ 0 },
            "The instance type \"%.*s\" is not in this provider's table; its family "
            "has the GPU %s, so that is assumed.  How many GPUs it has is not known%s%s%s",
            STR_ARG(name), model->marketing, nearest ? ".  The nearest known type is \"" : "",
            nearest ? nearest : "", nearest ? "\"." : ".");
        return;
    }
    problem_add_field(problems, PROBLEM_SUSPICIOUS, field, (struct str){ 0 },
                      "The instance type \"%.*s\" is not among the GPU types that this provider "
                      "knows, so nothing about its GPUs can be checked%s%s%s",
                      STR_ARG(name), nearest ? ".  Did you mean \"" : "", nearest ? nearest : "",
                      nearest ? "\"?" : ".");
}

void instance_type_check(struct str name, const char *field, struct problems *problems)
{
    const struct instance_type *row = instance_type_find(name);
    const struct gpu_model *model = instance_type_gpu(name);
    struct str no_key = { 0 };
    if (model != NULL && model->refused != NULL)
        problem_add_field(problems, PROBLEM_FATAL, field, no_key,
                          "The instance type \"%.*s\" has the GPU %s: %s.  Choose a newer family, "
                          "such as g4dn, g5 or g6.",
                          STR_ARG(name), model->marketing, model->refused);
    else if (model != NULL && !gpu_model_is_nvidia(model))
        problem_add_field(
            problems, PROBLEM_FATAL, field, no_key,
            "The instance type \"%.*s\" has the GPU %s, which NVIDIA's device plugin "
            "cannot share.  Choose a type with an NVIDIA GPU, such as g4dn, g5 or g6.",
            STR_ARG(name), model->marketing);
    else if (row == NULL)
        check_unknown(name, field, problems);
    else if (row->gpus == 0)
        problem_add_field(
            problems, PROBLEM_SUSPICIOUS, field, no_key,
            "The instance type \"%.*s\" has a fraction of one %s (%u MiB) and reports "
            "0 whole GPUs, so Karpenter offers no nvidia.com/gpu on it unless a "
            "NodeOverlay says so.",
            STR_ARG(name), row->gpu->marketing, row->gpu_memory_mib);
}
