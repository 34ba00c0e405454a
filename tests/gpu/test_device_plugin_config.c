/* The text of device plugin configurations, and their equality. */
#include "gpu/device_plugin_config.h"

#include "base/yaml.h"
#include "tests/gpu/suite.h"

static const struct device_plugin_replicas gpu_by_ten[] = { { { "nvidia.com/gpu", 14 }, 10 } };

static struct device_plugin_config shared_by_ten(void)
{
    return (struct device_plugin_config){ .mig_strategy = STR("none"),
                                          .sharing = { .strategy = SHARING_TIME_SLICING,
                                                       .resources = gpu_by_ten,
                                                       .resource_count = 1 } };
}

START_TEST(renders_what_people_write)
{
    struct device_plugin_config config = shared_by_ten();
    ck_assert_str_eq(device_plugin_config_render(&arena, &config).at, "version: v1\n"
                                                                      "flags:\n"
                                                                      "  migStrategy: none\n"
                                                                      "sharing:\n"
                                                                      "  timeSlicing:\n"
                                                                      "    resources:\n"
                                                                      "    - name: nvidia.com/gpu\n"
                                                                      "      replicas: 10\n");
    ck_assert_str_eq(device_plugin_config_render(&arena, &(struct device_plugin_config){ 0 }).at,
                     "version: v1\n");
}
END_TEST

START_TEST(renders_everything)
{
    const struct str two[] = { STR("envvar"), STR("cdi-cri") }, one[] = { STR("volume-mounts") };
    struct device_plugin_config config = shared_by_ten();
    config.fail_on_init_error = OPTION_FALSE;
    config.mps_root = STR("/run/nvidia/mps");
    config.pass_device_specs = OPTION_TRUE;
    config.device_list_strategy = (struct str_list){ two, 2 };
    config.gfd_sleep_interval = STR("60s");
    config.sharing.strategy = SHARING_MPS;
    config.sharing.rename_by_default = OPTION_TRUE;
    config.sharing.fail_requests_greater_than_one = OPTION_FALSE;
    config.imex_channel = OPTION_TRUE;
    config.imex_required = OPTION_FALSE;
    ck_assert_str_eq(device_plugin_config_render(&arena, &config).at,
                     "version: v1\n"
                     "flags:\n"
                     "  migStrategy: none\n"
                     "  failOnInitError: false\n"
                     "  mpsRoot: /run/nvidia/mps\n"
                     "  plugin:\n"
                     "    passDeviceSpecs: true\n"
                     "    deviceListStrategy: [envvar, cdi-cri]\n"
                     "  gfd:\n"
                     "    sleepInterval: \"60s\"\n"
                     "sharing:\n"
                     "  mps:\n"
                     "    renameByDefault: true\n"
                     "    failRequestsGreaterThanOne: false\n"
                     "    resources:\n"
                     "    - name: nvidia.com/gpu\n"
                     "      replicas: 10\n"
                     "imex:\n"
                     "  channelIDs: [0]\n"
                     "  required: false\n");
    config = (struct device_plugin_config){ .device_list_strategy = { one, 1 },
                                            .imex_channel = OPTION_FALSE };
    ck_assert_str_eq(device_plugin_config_render(&arena, &config).at,
                     "version: v1\n"
                     "flags:\n"
                     "  plugin:\n"
                     "    deviceListStrategy: volume-mounts\n"
                     "imex:\n"
                     "  channelIDs: []\n");
}
END_TEST

START_TEST(each_field_is_written_under_its_name)
{
    for (size_t i = 0; i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        const struct str word = STR("yes: \"no\"");
        struct device_plugin_config config = { 0 };
        if (field->kind == FIELD_OPTION)
            *device_plugin_option(&config, field) = OPTION_TRUE;
        else if (field->kind == FIELD_LIST)
            *device_plugin_list(&config, field) = (struct str_list){ &word, 1 };
        else
            *device_plugin_text(&config, field) = word;
        struct str text = device_plugin_config_render(&arena, &config);
        json_t *root = yaml_parse(&call, NULL, text, "the test");
        ck_assert_ptr_nonnull(root);
        json_t *parent = json_at(root, field->parent);
        json_t *value = json_object_get(parent, field->name);
        ck_assert_uint_eq(json_object_size(parent), 1);
        ck_assert(field->kind == FIELD_OPTION ? json_is_true(value)
                                              : str_equal(json_str(value), word));
        ck_assert(!device_plugin_config_equal(&config, &(struct device_plugin_config){ 0 }) ||
                  (field->standard != NULL && str_is(STR("true"), field->standard)));
        ck_assert(device_plugin_config_equal(&config, &config));
        ck_assert_ptr_eq(device_plugin_field_find(str_of(field->attribute)), field);
    }
    ck_assert_ptr_null(device_plugin_field_find(STR("migStrategy")));
}
END_TEST

START_TEST(defaults_count_as_set)
{
    const struct str envvar = STR("envvar");
    struct device_plugin_config a = shared_by_ten(), b = shared_by_ten();
    a.mig_strategy = (struct str){ 0 };
    b.device_list_strategy = (struct str_list){ &envvar, 1 };
    b.fail_on_init_error = OPTION_TRUE;
    b.gfd_sleep_interval = STR("1m");
    b.sharing.rename_by_default = OPTION_FALSE;
    b.sharing.fail_requests_greater_than_one = OPTION_FALSE;
    b.imex_channel = OPTION_FALSE;
    ck_assert(device_plugin_config_equal(&a, &b) && device_plugin_config_equal(&b, &a));
    b.mps_root = STR("/run");
    ck_assert(!device_plugin_config_equal(&a, &b) && !device_plugin_config_equal(&b, &a));
}
END_TEST

START_TEST(sharing_is_compared_as_a_set)
{
    const struct device_plugin_replicas first[] = { { STR("a"), 2 }, { STR("b"), 3 } };
    const struct device_plugin_replicas second[] = { { STR("b"), 3 }, { STR("a"), 2 } };
    const struct device_plugin_replicas third[] = { { STR("b"), 3 }, { STR("a"), 4 } };
    struct device_plugin_config a = shared_by_ten(), b = shared_by_ten();
    a.sharing.resources = first;
    b.sharing.resources = second;
    a.sharing.resource_count = b.sharing.resource_count = 2;
    ck_assert(device_plugin_config_equal(&a, &b));
    b.sharing.resources = third;
    ck_assert(!device_plugin_config_equal(&a, &b));
    b.sharing.resources = second;
    b.sharing.resource_count = 1;
    ck_assert(!device_plugin_config_equal(&a, &b));
    b = a;
    b.sharing.strategy = SHARING_MPS;
    ck_assert(!device_plugin_config_equal(&a, &b));
    b = a;
    b.sharing.rename_by_default = OPTION_TRUE;
    ck_assert(!device_plugin_config_equal(&a, &b));
}
END_TEST

START_TEST(requests_fail_by_the_strategy)
{
    struct device_plugin_sharing sharing = { .strategy = SHARING_TIME_SLICING };
    ck_assert(!device_plugin_fails_requests(&sharing));
    sharing.strategy = SHARING_MPS;
    ck_assert(device_plugin_fails_requests(&sharing));
    sharing.fail_requests_greater_than_one = OPTION_FALSE;
    ck_assert(!device_plugin_fails_requests(&sharing));
    ck_assert_str_eq(sharing_strategy_key(SHARING_TIME_SLICING), "timeSlicing");
    ck_assert_ptr_null(sharing_strategy_key(SHARING_NONE));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/device_plugin_config", renders_what_people_write, renders_everything,
              each_field_is_written_under_its_name, defaults_count_as_set,
              sharing_is_compared_as_a_set, requests_fail_by_the_strategy);
}
