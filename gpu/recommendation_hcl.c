/* Recommendations to configurations, laid out as `terraform fmt` does it. */
#include "gpu/recommendation_hcl.h"

#include "base/buf.h"
#include "gpu/replicas.h"

/* The name of the configuration and of the layout, by which nodes choose them. */
#define KEY "shared"

/* The resource that replicas are given of. */
static struct str shared_resource(struct arena *arena, const struct recommendation *way)
{
    return way->profile.at ? mig_resource_name(arena, way->profile) : STR(GPU_RESOURCE);
}

static void add_config(struct buf *out, const struct recommendation *way)
{
    struct str resource = shared_resource(out->arena, way);
    if (!way->replicas)
        return;
    bool is_mps = way->way == WAY_MPS;
    int width = way->profile.at ? 12 : 8;
    buf_add_text(out, "resource \"gpushare_time_slicing_config\" \"" KEY "\" {\n"
                      "  name = \"nvidia-device-plugin\"\n"
                      "\n"
                      "  config {\n");
    buf_print(out, "    %-*s = \"" KEY "\"\n", width, "name");
    if (is_mps)
        buf_print(out, "    %-*s = \"mps\"\n", width, "strategy");
    if (way->profile.at)
        buf_print(out, "    %-*s = \"mixed\"\n", width, "mig_strategy");
    buf_print(out, "    %-*s = { \"%.*s\" = %lld }\n  }\n}\n", width, "replicas", STR_ARG(resource),
              (long long)way->replicas);
}

static void add_layout(struct buf *out, const struct sharing_need *need,
                       const struct recommendation *way)
{
    if (!way->profile.at)
        return;
    buf_print(out,
              "%sresource \"gpushare_mig_config\" \"" KEY "\" {\n"
              "  name           = \"mig-parted-config\"\n"
              "  namespace      = \"gpu-operator\"\n"
              "  instance_types = [\"%s\"]\n"
              "\n"
              "  layout {\n"
              "    name = \"" KEY "\"\n"
              "\n"
              "    device_group {\n"
              "      mig_enabled = true\n"
              "      mig_devices = { \"%.*s\" = %lld }\n"
              "    }\n"
              "  }\n"
              "}\n",
              out->len ? "\n" : "", need->type->name, STR_ARG(way->profile),
              (long long)way->instances);
}

static void add_sharing(struct buf *out, const struct recommendation *way, const char *indent)
{
    buf_print(out, "%ssharing {\n", indent);
    if (way->replicas)
        buf_print(out, "%s  config_key = \"" KEY "\"\n", indent);
    if (way->way == WAY_MPS)
        buf_print(out, "%s  strategy   = \"mps\"\n", indent);
    if (way->profile.at)
        buf_print(out, "%s  mig_layout = \"" KEY "\"\n", indent);
    buf_print(out, "%s}\n", indent);
}

static void add_pool(struct buf *out, const struct sharing_need *need,
                     const struct recommendation *way)
{
    buf_print(out,
              "%sresource \"gpushare_karpenter_node_pool\" \"" KEY "\" {\n"
              "  name = \"gpu-" KEY "\"\n"
              "\n"
              "  node_class_ref {\n"
              "    name = \"default\"\n"
              "  }\n"
              "\n"
              "  requirement {\n"
              "    key      = \"node.kubernetes.io/instance-type\"\n"
              "    operator = \"In\"\n"
              "    values   = [\"%s\"]\n"
              "  }\n"
              "\n"
              "  taint {\n"
              "    key    = \"nvidia.com/gpu\"\n"
              "    value  = \"true\"\n"
              "    effect = \"NoSchedule\"\n"
              "  }\n",
              out->len ? "\n" : "", need->type->name);
    if (way->replicas || way->profile.at) {
        buf_add_byte(out, '\n');
        add_sharing(out, way, "  ");
    }
    buf_add_text(out, "}\n");
}

static void add_overlay(struct buf *out, const struct sharing_need *need,
                        const struct recommendation *way)
{
    buf_print(
        out,
        "\n"
        "# Without it Karpenter counts physical GPUs only (its gate NodeOverlay must be on).\n"
        "resource \"gpushare_karpenter_node_overlay\" \"" KEY "\" {\n"
        "  name           = \"" KEY "\"\n"
        "  node_pool      = gpushare_karpenter_node_pool." KEY ".name\n"
        "  instance_types = [\"%s\"]\n",
        need->type->name);
    if (way->profile.at)
        buf_print(out, "  mig_devices    = { \"%.*s\" = %lld }\n  mig_strategy   = \"mixed\"\n",
                  STR_ARG(way->profile), (long long)way->instances);
    if (way->replicas)
        buf_add_text(out, "  replicas       = gpushare_time_slicing_config." KEY
                          ".config[0].replicas\n");
    buf_add_text(out, "}\n");
}

static void add_claim(struct buf *out)
{
    buf_add_text(out, "# All pods that name this claim share one GPU.\n"
                      "resource \"gpushare_dra_resource_claim\" \"" KEY "\" {\n"
                      "  name      = \"" KEY "-gpu\"\n"
                      "  namespace = \"default\"\n"
                      "\n"
                      "  request {\n"
                      "    name              = \"gpu\"\n"
                      "    device_class_name = \"gpu.nvidia.com\"\n"
                      "  }\n"
                      "\n"
                      "  config {\n"
                      "    requests = [\"gpu\"]\n"
                      "\n"
                      "    sharing {\n"
                      "      strategy = \"TimeSlicing\"\n"
                      "    }\n"
                      "  }\n"
                      "}\n");
}

struct str recommendation_hcl(struct arena *arena, const struct sharing_need *need,
                              const struct recommendation *way)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    bool is_shared = way->replicas || way->profile.at;
    if (way->way == WAY_DRA) {
        add_claim(&out);
        return buf_str(&out);
    }
    add_config(&out, way);
    add_layout(&out, need, way);
    if (need->autoscaler == AUTOSCALER_KARPENTER) {
        add_pool(&out, need, way);
        if (is_shared)
            add_overlay(&out, need, way);
    } else if (is_shared) {
        buf_add_text(&out, "\n# In the gpushare_node_group whose GPUs are meant:\n#\n");
        add_sharing(&out, way, "#   ");
    } else {
        buf_add_text(&out, "# Whole GPUs need no configuration: pods ask for nvidia.com/gpu.\n");
    }
    return buf_str(&out);
}
