/* CallFunction: results, null arguments, and errors that point at an argument. */
#include "tests/provider/rpc_case.h"

static const Tfplugin6__CallFunction__Response *
run(const char *name, Tfplugin6__DynamicValue **arguments, size_t count)
{
    Tfplugin6__CallFunction__Request in;
    tfplugin6__call_function__request__init(&in);
    in.name = (char *)name;
    in.arguments = arguments;
    in.n_arguments = count;
    return rpc_case_run(&call, rpc_call_function, &in,
                        &tfplugin6__call_function__response__descriptor);
}

static Tfplugin6__DynamicValue *text(const char *s)
{
    return rpc_case_encode(&arena, &type_string, value_string(&arena, str_of(s)));
}

START_TEST(renamed_resources)
{
    Tfplugin6__DynamicValue *arguments[] = { text("nvidia.com/gpu"),
                                             rpc_case_encode(&arena, &type_bool, &value_true) };
    const Tfplugin6__CallFunction__Response *out = run("shared_resource_name", arguments, 2);
    ck_assert_ptr_null(out->error);
    const struct value *v = rpc_case_decode(&call, &type_string, out->result);
    ck_assert(str_is(value_text(v), "nvidia.com/gpu.shared"));
}
END_TEST

START_TEST(no_such_function)
{
    const Tfplugin6__CallFunction__Response *out = run("nothing", NULL, 0);
    ck_assert_ptr_null(out->result);
    ck_assert_ptr_nonnull(strstr(out->error->text, "no function `nothing`"));
}
END_TEST

START_TEST(too_few_arguments)
{
    const Tfplugin6__CallFunction__Response *out = run("shared_resource_name", NULL, 0);
    ck_assert_ptr_null(out->result);
    ck_assert_ptr_nonnull(out->error);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_call_function);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        renamed_resources,
        no_such_function,
        too_few_arguments,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_call_function", tests);
}
