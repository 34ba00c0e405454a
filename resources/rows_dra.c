/* The rows of requests, selectors and configurations, and the rules across them. */
#include "resources/rows_dra.h"

#include "gpu/dra.h"
#include "gpu/kubernetes_names.h"
#include "schema/check.h"

static const char *const allocation_modes[] = { "ExactCount", "All", NULL };
static const char *const config_kinds[] = { "GpuConfig", "MigDeviceConfig", NULL };
static const char *const strategies[] = { "TimeSlicing", "MPS", NULL };
static const char *const intervals[] = { "Default", "Short", "Medium", "Long", NULL };
static const char *const operators[] = { "Exists", "Equal", NULL };
static const char *const effects[] = { "NoSchedule", "NoExecute", NULL };

static bool extended_resource_valid(struct str s)
{
    return str_has(s, '/') && label_key_valid(s);
}

const struct check check_extended_resource = { check_valid, .valid = extended_resource_valid,
                                               .doc = "a resource's name with its domain, like "
                                                      "`nvidia.com/gpu`" };
static const struct check check_mode = { check_words, .words = allocation_modes };
static const struct check check_kind = { check_words, .words = config_kinds };
static const struct check check_strategy = { check_words, .words = strategies };
static const struct check check_interval = { check_words, .words = intervals };
static const struct check check_operator = { check_words, .words = operators };
static const struct check check_effect = { check_known_words, .words = effects };
static const struct check check_expression = { check_length, .min = 1, .max = 10240 };
static const struct check check_count = { check_range, .min = 1, .max = INT64_MAX };
static const struct check check_percentage = { check_range, .min = 0, .max = 100 };
static const struct check check_seconds = { check_range, .min = 0, .max = INT64_MAX };
static const struct check check_not_empty = { check_length, .min = 1, .max = 317 };
static const struct check check_attribute = { check_valid, .valid = dra_attribute_valid,
                                              .doc = "an attribute with its domain, like "
                                                     "`gpu.nvidia.com/parentUUID`" };
static const struct check check_device = { check_valid, .valid = dra_device_valid,
                                           .doc = "a device's index or UUID, like `0` or "
                                                  "`GPU-...`" };
static const struct check check_memory = { check_valid, .valid = dra_memory_limit_valid,
                                           .doc = "a quantity of at least 1Mi, like `10Gi`" };

const struct attr dra_selector_rows[] = {
    { "expression", &type_string, REQUIRED, .api = "cel.expression", .check = &check_expression,
      .doc = "An expression in CEL that is true for the devices meant, for example "
             "`device.attributes[\"gpu.nvidia.com\"].profile == \"1g.5gb\"` for MIG instances." },
    { 0 },
};

static const struct attr time_slicing_rows[] = {
    { "interval", &type_string, REQUIRED, .check = &check_interval,
      .doc = "Length of a time slice: `Default`, `Short`, `Medium` or `Long`." },
    { 0 },
};

static const struct attr mps_rows[] = {
    { "default_active_thread_percentage", &type_number, OPTIONAL, .check = &check_percentage,
      .doc = "Share of the GPU's threads that a client may use, 0 to 100." },
    { "default_pinned_device_memory_limit", &type_string, OPTIONAL, .check = &check_memory,
      .codec = &codec_quantity,
      .doc = "Memory of each device that a client may use, like `10Gi`." },
    { "default_per_device_pinned_memory_limit", &type_string_map, OPTIONAL, .check = &check_memory,
      .key_check = &check_device, .codec = &codec_quantity,
      .doc = "The same for single devices, by index or UUID." },
    { 0 },
};

static const struct attr sharing_rows[] = {
    { "strategy", &type_string, REQUIRED, .check = &check_strategy,
      .doc = "How the pods and containers that use the claim share its devices: `TimeSlicing` "
             "(the driver's gate `TimeSlicingSettings`) or `MPS` (its gate `MPSSupport`)." },
    { "time_slicing_config", NULL, .nesting = BLOCK_SINGLE, .rows = time_slicing_rows,
      .doc = "Settings of time-slicing; not for MIG instances." },
    { "mps_config", NULL, .nesting = BLOCK_SINGLE, .rows = mps_rows, .doc = "Settings of MPS." },
    { 0 },
};

#define ROWS_CONFIG                                                                                \
    { "driver",                                                                                    \
      &type_string,                                                                                \
      OPTIONAL | COMPUTED,                                                                         \
      .api = "opaque.driver",                                                                      \
      .default_json = "\"" DRA_DRIVER "\"",                                                        \
      .check = &check_dns_subdomain,                                                               \
      .doc = "The driver that the configuration is for." },                                        \
        { "api_version",                                                                           \
          &type_string,                                                                            \
          OPTIONAL | COMPUTED,                                                                     \
          .api = "opaque.parameters.apiVersion",                                                   \
          .default_json = "\"" DRA_API_VERSION "\"",                                               \
          .check = &check_not_empty,                                                               \
          .doc = "API version of the configuration." },                                            \
        { "kind",                                                                                  \
          &type_string,                                                                            \
          OPTIONAL | COMPUTED,                                                                     \
          .api = "opaque.parameters.kind",                                                         \
          .default_json = "\"GpuConfig\"",                                                         \
          .check = &check_kind,                                                                    \
          .doc = "What is set up: `GpuConfig` for whole GPUs, `MigDeviceConfig` for MIG "          \
                 "instances." },                                                                   \
    {                                                                                              \
        "sharing", NULL, .nesting = BLOCK_SINGLE, .rows = sharing_rows,                            \
                         .api = "opaque.parameters.sharing", .min_items = 1, .max_items = 1,       \
                         .doc = "How devices are shared."                                          \
    }

const struct attr dra_class_config_rows[] = {
    ROWS_CONFIG,
    { 0 },
};

const struct attr dra_claim_config_rows[] = {
    { "requests", &type_string_list, OPTIONAL, .check = &check_not_empty,
      .doc = "Names of the requests that it is for, `REQUEST/ALTERNATIVE` for one of several. All "
             "when left out." },
    ROWS_CONFIG,
    { 0 },
};

static const struct attr toleration_rows[] = {
    { "key", &type_string, OPTIONAL, .check = &check_label_key, .doc = "Key of the device taint." },
    { "operator", &type_string, OPTIONAL, .check = &check_operator, .server_default = "\"Equal\"",
      .doc = "`Equal` (default) or `Exists`." },
    { "value", &type_string, OPTIONAL, .check = &check_label_value,
      .doc = "Value of the device taint." },
    { "effect", &type_string, OPTIONAL, .check = &check_effect,
      .doc = "Effect that is tolerated: `NoSchedule` or `NoExecute`; all when left out." },
    { "toleration_seconds", &type_number, OPTIONAL, .check = &check_seconds,
      .doc = "How long a `NoExecute` taint is tolerated." },
    { 0 },
};

/* The devices that one request, or one alternative of it, is about. */
#define ROWS_DEVICES(UP, CLASS_FLAG)                                                               \
    { "device_class_name",                                                                         \
      &type_string,                                                                                \
      CLASS_FLAG,                                                                                  \
      .api = UP "deviceClassName",                                                                 \
      .check = &check_dns_subdomain,                                                               \
      .doc = "The DeviceClass: `gpu.nvidia.com` for whole GPUs, `mig.nvidia.com` for MIG "         \
             "instances, or one of yours." },                                                      \
        { "selector",                                                                              \
          NULL,                                                                                    \
          .nesting = BLOCK_LIST,                                                                   \
          .rows = dra_selector_rows,                                                               \
          .api = UP "selectors",                                                                   \
          .max_items = 32,                                                                         \
          .doc = "Which devices of the class are meant; all selectors must hold." },               \
        { "allocation_mode",                                                                       \
          &type_string,                                                                            \
          OPTIONAL,                                                                                \
          .api = UP "allocationMode",                                                              \
          .check = &check_mode,                                                                    \
          .server_default = "\"ExactCount\"",                                                      \
          .doc = "`ExactCount` (default): as many as `count`; `All`: all of a node." },            \
        { "count",                                                                                 \
          &type_number,                                                                            \
          OPTIONAL,                                                                                \
          .api = UP "count",                                                                       \
          .check = &check_count,                                                                   \
          .server_default = "1",                                                                   \
          .doc = "How many devices, 1 when left out." },                                           \
        { "capacity",                                                                              \
          &type_string_map,                                                                        \
          OPTIONAL,                                                                                \
          .api = UP "capacity.requests",                                                           \
          .check = &check_quantity,                                                                \
          .codec = &codec_quantity,                                                                \
          .doc = "What of a device's capacity is asked for, where the driver lets several claims " \
                 "consume one device." },                                                          \
    {                                                                                              \
        "toleration", NULL, .nesting = BLOCK_LIST, .rows = toleration_rows,                        \
                            .api = UP "tolerations", .max_items = 16,                              \
                            .doc = "Device taints that are tolerated."                             \
    }

static const struct attr alternative_rows[] = {
    { "name", &type_string, REQUIRED, .check = &check_dns_label,
      .doc = "Name of the alternative." },
    ROWS_DEVICES("", REQUIRED),
    { 0 },
};

const struct attr dra_request_rows[] = {
    { "name", &type_string, REQUIRED, .check = &check_dns_label,
      .doc = "Name of the request, by which containers, constraints and configurations refer to "
             "it." },
    ROWS_DEVICES("exactly.", OPTIONAL),
    { "admin_access", &type_bool, OPTIONAL, .api = "exactly.adminAccess",
      .doc = "Ask for access to devices in use, for monitoring; takes a namespace with the label "
             "`resource.kubernetes.io/admin-access`." },
    { "first_available", NULL, .nesting = BLOCK_LIST, .rows = alternative_rows, .max_items = 8,
      .doc = "Alternatives, the first that can be had; instead of the arguments above." },
    { 0 },
};

const struct attr dra_constraint_rows[] = {
    { "requests", &type_string_list, OPTIONAL, .check = &check_not_empty,
      .doc = "Names of the requests that it is for. All when left out." },
    { "match_attribute", &type_string, OPTIONAL, .check = &check_attribute,
      .doc = "An attribute that is the same for all devices, like `gpu.nvidia.com/parentUUID` for "
             "MIG instances of one GPU." },
    { "distinct_attribute", &type_string, OPTIONAL, .check = &check_attribute,
      .doc = "An attribute that differs from device to device." },
    { 0 },
};

const struct rule dra_claim_rules[] = {
    { EXACTLY_ONE_OF, "request", "device_class_name first_available" },
    { EXACTLY_ONE_OF, "constraint", "match_attribute distinct_attribute" },
    { RULES_END, NULL, NULL },
};

static bool check_selectors(struct call *call, const struct path *up, const struct value *list)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(up, STR("selector"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        struct str expression = value_text(value_at(list->items[i], "expression"));
        struct problems problems = problems_make(call->arena);
        if (expression.at)
            dra_selector_check(expression, &problems);
        ok &= problems_report(call, PATH_AT_INDEX(at, (int64_t)i), "Wrong selector", &problems);
    }
    return ok;
}

static bool check_configs(struct call *call, const struct value *list)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("config"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct value *config = list->items[i];
        const struct value *sharing = value_at(config, "sharing");
        const struct value *kind = value_at(config, "kind");
        struct problems problems = problems_make(call->arena);
        const struct dra_sharing model = {
            .kind = value_is_null(kind) ? STR("GpuConfig") : value_text(kind),
            .strategy = value_text(value_at(sharing, "strategy")),
            .has_time_slicing_config = value_is_set(value_at(sharing, "time_slicing_config")),
            .has_mps_config = value_is_set(value_at(sharing, "mps_config")),
        };
        dra_sharing_check(&model, &problems);
        ok &=
            problems_report(call, PATH_AT_ATTRIBUTE(PATH_AT_INDEX(at, (int64_t)i), STR("sharing")),
                            "Wrong sharing", &problems);
    }
    return ok;
}

bool dra_check_class(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    bool ok = check_selectors(call, NULL, value_at(config, "selector"));
    return check_configs(call, value_at(config, "config")) && ok;
}

/* `count` says how many of "ExactCount"; "All" leaves nothing to count. */
static bool check_devices(struct call *call, const struct path *at, const struct value *devices)
{
    bool ok = check_selectors(call, at, value_at(devices, "selector"));
    if (str_is(value_text(value_at(devices, "allocation_mode")), "All") &&
        value_is_set(value_at(devices, "count")))
        ok = fail(call, PATH_AT_ATTRIBUTE(at, STR("count")), "Arguments exclude each other",
                  "With the allocation mode `All` nothing is counted. Leave `count` out, or choose "
                  "`ExactCount`.");
    return ok;
}

/* What stands beside `first_available` would be `exactly` as well. */
static bool check_alternatives(struct call *call, const struct path *at,
                               const struct value *request)
{
    static const char *const others[] = { "selector", "allocation_mode", "count",
                                          "capacity", "toleration",      "admin_access" };
    const struct value *list = value_at(request, "first_available");
    bool ok = true;
    if (list->kind != VALUE_SEQUENCE || !list->count)
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct value *v = value_at(request, others[i]);
        if (value_is_set(v) && !(v->kind == VALUE_SEQUENCE && !v->count))
            ok =
                fail(call, PATH_AT_ATTRIBUTE(at, str_of(others[i])), "Arguments exclude each other",
                     "A request with `first_available` says this in each alternative. Move `%s` "
                     "there.",
                     others[i]);
    }
    const struct path *alternatives = PATH_AT_ATTRIBUTE(at, STR("first_available"));
    for (size_t i = 0; i < list->count; i++)
        ok &= check_devices(call, PATH_AT_INDEX(alternatives, (int64_t)i), list->items[i]);
    return ok;
}

static bool check_unique(struct call *call, const struct path *at, const struct value *list,
                         size_t index)
{
    struct str name = value_text(value_at(list->items[index], "name"));
    for (size_t i = 0; name.at && i < index; i++)
        if (str_equal(name, value_text(value_at(list->items[i], "name"))))
            return fail(call, PATH_AT_ATTRIBUTE(at, STR("name")), "Name given twice",
                        "`%.*s` is the name of the block at index %zu already; each may stand "
                        "once.",
                        STR_ARG(name), i);
    return true;
}

static bool check_requests(struct call *call, const struct value *list)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("request"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct path *here = PATH_AT_INDEX(at, (int64_t)i);
        ok &= check_unique(call, here, list, i);
        ok &= check_devices(call, here, list->items[i]);
        ok &= check_alternatives(call, here, list->items[i]);
    }
    return ok;
}

static const struct value *named(const struct value *list, struct str name)
{
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++)
        if (str_equal(name, value_text(value_at(list->items[i], "name"))))
            return list->items[i];
    return NULL;
}

/* Whether NAME, "request" or "request/alternative", is one of REQUESTS. */
static bool is_request(const struct value *requests, struct str name)
{
    size_t slash = str_find(name, '/', 0);
    const struct value *request = named(requests, str_slice(name, 0, slash));
    if (!request || slash == name.len)
        return request;
    return named(value_at(request, "first_available"), str_slice(name, slash + 1, name.len));
}

/* BLOCK's `requests` name what is there. */
static bool check_references(struct call *call, const char *block, const struct value *list,
                             const struct value *requests)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, str_of(block));
    if (!value_is_wholly_known(requests))
        return true;
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct value *names = value_at(list->items[i], "requests");
        const struct path *here = PATH_AT_ATTRIBUTE(PATH_AT_INDEX(at, (int64_t)i), STR("requests"));
        for (size_t k = 0; names->kind == VALUE_SEQUENCE && k < names->count; k++) {
            struct str name = value_text(names->items[k]);
            if (name.at && !is_request(requests, name))
                ok = fail(call, PATH_AT_INDEX(here, (int64_t)k), "No such request",
                          "No `request` of this claim is called `%.*s`.", STR_ARG(name));
        }
    }
    return ok;
}

bool dra_check_claim(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    const struct value *requests = value_at(config, "request");
    bool ok = check_requests(call, requests);
    ok &= check_configs(call, value_at(config, "config"));
    ok &= check_references(call, "config", value_at(config, "config"), requests);
    return check_references(call, "constraint", value_at(config, "constraint"), requests) && ok;
}
