/* The table of AMI types and the rules for choosing one. */
#include "gpu/ami.h"

#include <string.h>

#include "gpu/nearest.h"

static const struct ami_type ami_types[] = {
    { "AL2023_ARM_64_NVIDIA", "AL2023", "arm64", AMI_NVIDIA },
    { "AL2023_ARM_64_STANDARD", "AL2023", "arm64", AMI_NO_DRIVER },
    { "AL2023_x86_64_NEURON", "AL2023", "amd64", AMI_NEURON },
    { "AL2023_x86_64_NVIDIA", "AL2023", "amd64", AMI_NVIDIA },
    { "AL2023_x86_64_STANDARD", "AL2023", "amd64", AMI_NO_DRIVER },
    { "AL2_ARM_64", "AL2", "arm64", AMI_NO_DRIVER },
    { "AL2_x86_64", "AL2", "amd64", AMI_NO_DRIVER },
    { "AL2_x86_64_GPU", "AL2", "amd64", AMI_NVIDIA },
    { "BOTTLEROCKET_ARM_64", "BOTTLEROCKET", "arm64", AMI_NO_DRIVER },
    { "BOTTLEROCKET_ARM_64_FIPS", "BOTTLEROCKET", "arm64", AMI_NO_DRIVER },
    { "BOTTLEROCKET_ARM_64_NVIDIA", "BOTTLEROCKET", "arm64", AMI_NVIDIA },
    { "BOTTLEROCKET_ARM_64_NVIDIA_FIPS", "BOTTLEROCKET", "arm64", AMI_NVIDIA },
    { "BOTTLEROCKET_x86_64", "BOTTLEROCKET", "amd64", AMI_NO_DRIVER },
    { "BOTTLEROCKET_x86_64_FIPS", "BOTTLEROCKET", "amd64", AMI_NO_DRIVER },
    { "BOTTLEROCKET_x86_64_NVIDIA", "BOTTLEROCKET", "amd64", AMI_NVIDIA },
    { "BOTTLEROCKET_x86_64_NVIDIA_FIPS", "BOTTLEROCKET", "amd64", AMI_NVIDIA },
    { "CUSTOM", "CUSTOM", NULL, AMI_NO_DRIVER },
    { "WINDOWS_CORE_2019_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
    { "WINDOWS_CORE_2022_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
    { "WINDOWS_CORE_2025_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
    { "WINDOWS_FULL_2019_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
    { "WINDOWS_FULL_2022_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
    { "WINDOWS_FULL_2025_x86_64", "WINDOWS", "amd64", AMI_NO_DRIVER },
};

#define AMI_TYPE_COUNT (sizeof ami_types / sizeof *ami_types)

/* The last Kubernetes 1.x that has Amazon Linux 2 images. */
#define LAST_AL2_MINOR 32

const struct ami_type *ami_type_find(struct str name)
{
    return named_row(name, ami_types, AMI_TYPE_COUNT, sizeof *ami_types);
}

const char *ami_type_nearest(struct str name)
{
    return nearest_name(name, ami_types, AMI_TYPE_COUNT, sizeof *ami_types);
}

bool ami_has_device_plugin(const struct ami_type *ami)
{
    return strcmp(ami->family, "BOTTLEROCKET") == 0 && ami->driver == AMI_NVIDIA;
}

static bool is_neuron_type(struct str instance_type)
{
    return str_starts(instance_type, "inf") || str_starts(instance_type, "trn");
}

static bool is_nvidia_type(struct str instance_type)
{
    const struct gpu_model *model = instance_type_gpu(instance_type);
    return model != NULL && gpu_model_is_nvidia(model);
}

/* The AMI type of FAMILY for ARCH with DRIVER, or NULL. */
static const char *find_variant(const char *family, const char *arch, enum ami_driver driver,
                                bool fips)
{
    for (size_t i = 0; i < AMI_TYPE_COUNT; i++) {
        const struct ami_type *ami = &ami_types[i];
        if (strcmp(ami->family, family) == 0 && ami->arch != NULL && strcmp(ami->arch, arch) == 0 &&
            ami->driver == driver && str_ends(str_of(ami->name), "_FIPS") == fips)
            return ami->name;
    }
    return NULL;
}

const char *ami_type_for(const struct str *instance_types, size_t count)
{
    const char *arch = instance_type_arch(instance_types[0]);
    enum ami_driver driver = AMI_NO_DRIVER;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(arch, instance_type_arch(instance_types[i])) != 0)
            return NULL;
        if (is_nvidia_type(instance_types[i]))
            driver = AMI_NVIDIA;
        else if (is_neuron_type(instance_types[i]) && driver == AMI_NO_DRIVER)
            driver = AMI_NEURON;
    }
    return find_variant("AL2023", arch, driver, /* fips */ false);
}

/* What to choose instead of AMI for a type of ARCH with DRIVER: the same family where it has that.
 */
static const char *right_variant(const struct ami_type *ami, const char *arch,
                                 enum ami_driver driver)
{
    bool fips = str_ends(str_of(ami->name), "_FIPS");
    const char *name = find_variant(ami->family, arch, driver, fips);
    bool is_old = strcmp(ami->family, "AL2") == 0;
    return name != NULL && !is_old ? name : find_variant("AL2023", arch, driver, /* fips */ false);
}

static void add(struct problems *problems, enum problem_severity severity, struct str sentence)
{
    problem_add_field(problems, severity, "ami_type", (struct str){ 0 }, "%.*s", STR_ARG(sentence));
}

static void check_type(const struct ami_type *ami, struct str type, struct problems *problems)
{
    struct arena *arena = problems->arena;
    const char *arch = instance_type_arch(type);
    bool nvidia = is_nvidia_type(type);
    enum ami_driver driver = nvidia ? AMI_NVIDIA : AMI_NO_DRIVER;
    if (ami->arch != NULL && strcmp(ami->arch, arch) != 0)
        add(problems, PROBLEM_FATAL,
            str_print(arena,
                      "The AMI type %s is for %s, but the instance type %.*s is %s.  Use %s.",
                      ami->name, ami->arch, STR_ARG(type), arch, right_variant(ami, arch, driver)));
    else if (nvidia && ami->arch != NULL && ami->driver != AMI_NVIDIA)
        add(problems, PROBLEM_FATAL,
            str_print(arena,
                      "The AMI type %s has no NVIDIA driver, so the GPUs of %.*s (%s) would stay "
                      "invisible.  Use %s.",
                      ami->name, STR_ARG(type), instance_type_gpu(type)->marketing,
                      right_variant(ami, arch, AMI_NVIDIA)));
    else if (ami_has_device_plugin(ami) && ami->arch != NULL && strcmp(ami->arch, "arm64") == 0 &&
             str_starts(type, "p6e-"))
        add(problems, PROBLEM_SUSPICIOUS,
            str_print(arena,
                      "Bottlerocket's arm64 image is documented for g5g only, not for %.*s; "
                      "AL2023_ARM_64_NVIDIA is.",
                      STR_ARG(type)));
    else if (!nvidia && ami->driver == AMI_NVIDIA && instance_type_find(type) != NULL)
        add(problems, PROBLEM_FATAL,
            str_print(arena,
                      "The AMI type %s has NVIDIA's driver, but %.*s has the GPU %s, which it does "
                      "not drive.",
                      ami->name, STR_ARG(type), instance_type_gpu(type)->marketing));
}

/* The minor number of "1.33" or "1.33.1"; -1 where VERSION is none of Kubernetes 1. */
static int64_t minor_of(struct str version)
{
    int64_t minor = -1;
    if (!str_starts(version, "1."))
        return -1;
    struct str rest = str_slice(version, 2, version.len);
    return str_to_int(str_slice(rest, 0, str_find(rest, '.', 0)), &minor) ? minor : -1;
}

static void check_age(const struct ami_type *ami, const struct str *instance_types, size_t count,
                      struct str version, struct problems *problems)
{
    if (strcmp(ami->family, "AL2") != 0 || minor_of(version) <= LAST_AL2_MINOR)
        return;
    const char *instead = count > 0 ? ami_type_for(instance_types, count) : NULL;
    add(problems, PROBLEM_FATAL,
        str_print(problems->arena,
                  "There is no %s image for Kubernetes %.*s: Amazon Linux 2 ended with 1.%d.  Use "
                  "%s.",
                  ami->name, STR_ARG(version), LAST_AL2_MINOR,
                  instead ? instead : right_variant(ami, ami->arch, ami->driver)));
}

static void check_mixed(const struct str *instance_types, size_t count, struct problems *problems)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(instance_type_arch(instance_types[0]), instance_type_arch(instance_types[i])) ==
            0)
            continue;
        problem_add_field(problems, PROBLEM_FATAL, "instance_types", (struct str){ 0 },
                          "%.*s is %s and %.*s is %s: the nodes of one group share one image, so "
                          "they must have one architecture.",
                          STR_ARG(instance_types[0]), instance_type_arch(instance_types[0]),
                          STR_ARG(instance_types[i]), instance_type_arch(instance_types[i]));
        return;
    }
}

void ami_type_check(struct str name, const struct str *instance_types, size_t count,
                    struct str kubernetes_version, struct problems *problems)
{
    const struct ami_type *ami = ami_type_find(name);
    check_mixed(instance_types, count, problems);
    if (ami == NULL) {
        const char *nearest = ami_type_nearest(name);
        add(problems, PROBLEM_SUSPICIOUS,
            str_print(problems->arena, "The AMI type \"%.*s\" is not known to this provider%s%s%s",
                      STR_ARG(name), nearest ? ".  Did you mean \"" : ".", nearest ? nearest : "",
                      nearest ? "\"?" : ""));
        return;
    }
    size_t before = problems->count;
    for (size_t i = 0; i < count && problems->count == before; i++)
        check_type(ami, instance_types[i], problems);
    check_age(ami, instance_types, count, kubernetes_version, problems);
}
