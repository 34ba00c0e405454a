/* Functions in messages: signatures, arguments, errors; every table is consistent. */
#include "provider/functions.h"

#include <stdlib.h>
#include <string.h>

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail

static struct arena arena;
static struct call call;

static void set_up(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void tear_down(void)
{
    arena_release(&arena);
}

static const struct function *find(const char *name)
{
    const struct function *function = registry_find_function(str_of(name));
    ck_assert_ptr_nonnull(function);
    return function;
}

static Tfplugin6__DynamicValue *json_argument(const char *json)
{
    Tfplugin6__DynamicValue *argument = ARENA_NEW(&arena, Tfplugin6__DynamicValue);
    tfplugin6__dynamic_value__init(argument);
    argument->json = exchange_binary(str_of(json));
    return argument;
}

static const struct value *run(const char *name, const char *const *jsons, size_t count)
{
    Tfplugin6__DynamicValue *arguments[4];
    for (size_t i = 0; i < count; i++)
        arguments[i] = json_argument(jsons[i]);
    call = (struct call){ .arena = &arena };
    return functions_run(&call, find(name), arguments, count);
}

static struct str text_of(ProtobufCBinaryData bytes)
{
    return exchange_bytes(bytes);
}

START_TEST(a_signature)
{
    const Tfplugin6__Function *message = functions_emit(&arena, find("advertised"));
    ck_assert_uint_eq(message->n_parameters, 3);
    ck_assert_str_eq(message->parameters[0]->name, "instance_type");
    ck_assert(str_is(text_of(message->parameters[0]->type), "\"string\""));
    ck_assert(str_is(text_of(message->parameters[1]->type), "[\"map\",\"number\"]"));
    ck_assert(!message->parameters[0]->allow_null_value);
    ck_assert(message->parameters[1]->allow_null_value);
    ck_assert(str_starts(text_of(message->return_->type), "[\"object\",{"));
}
END_TEST

/* Core refuses a provider with a name that is no identifier, or one that comes twice. */
START_TEST(every_table_is_consistent)
{
    for (size_t i = 0; registry_functions[i]; i++) {
        const struct function *function = registry_functions[i];
        ck_assert_ptr_eq(find(function->name), function);
        ck_assert_uint_gt(function_parameter_count(function), 0);
        ck_assert_msg(str_ends(str_of(function->doc), "."), "%s", function->name);
        ck_assert_msg(!str_ends(str_of(function->summary), "."), "%s", function->name);
        const struct function_parameter *all = function->parameters;
        for (const struct function_parameter *at = all; at->name; at++) {
            ck_assert_uint_eq(strspn(at->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(at->name));
            ck_assert_msg(str_ends(str_of(at->doc), "."), "%s", at->name);
            for (const struct function_parameter *other = all; other != at; other++)
                ck_assert_str_ne(other->name, at->name);
        }
        /* What is printed must be read back: members are sorted. */
        struct buf json = buf_make(&arena, BUF_LIMIT);
        type_print(&json, function->result);
        const struct type *back = type_parse(&call, buf_str(&json));
        ck_assert_ptr_nonnull(back);
        ck_assert_msg(type_equal(back, function->result), "%s", function->name);
    }
}
END_TEST

START_TEST(an_argument_without_bytes_is_null)
{
    Tfplugin6__DynamicValue empty = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    Tfplugin6__DynamicValue *arguments[] = { json_argument("\"g5.xlarge\""), &empty, &empty };
    const struct value *result = functions_run(&call, find("advertised"), arguments, 3);
    ck_assert_ptr_nonnull(result);
    int64_t count = 0;
    ck_assert(value_to_int(value_at(value_at(result, "per_gpu"), "nvidia.com/gpu"), &count));
    ck_assert_int_eq(count, 1);
    Tfplugin6__DynamicValue *alone[] = { &empty };
    ck_assert_ptr_null(functions_run(&call, find("mig_layouts"), alone, 1));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

START_TEST(an_error_names_its_argument)
{
    const char *const wrong[] = { "\"p4d.24xlarge\"", "{\"1g.5gb\": 0.5}" };
    ck_assert_ptr_null(run("mig_fits", wrong, 2));
    const Tfplugin6__FunctionError *error = functions_error(&call);
    ck_assert_int_eq(error->function_argument_presence_case,
                     TFPLUGIN6__FUNCTION_ERROR__FUNCTION_ARGUMENT_PRESENCE_FUNCTION_ARGUMENT);
    ck_assert_int_eq(error->function_argument, 1);
    /* Core puts a full stop behind it. */
    ck_assert_str_eq(error->text, "Wrong number: [\"1g.5gb\"]: Instances of 1g.5gb are counted in "
                                  "whole numbers of 0 or more");
}
END_TEST

START_TEST(an_error_of_the_whole_call_names_none)
{
    const char *const one[] = { "\"p4d.24xlarge\"" };
    ck_assert_ptr_null(run("mig_fits", one, 1));
    const Tfplugin6__FunctionError *error = functions_error(&call);
    ck_assert_int_eq(error->function_argument_presence_case, 0);
    ck_assert_ptr_nonnull(strstr(error->text, "takes 2, found 1"));
}
END_TEST

START_TEST(arguments_must_conform)
{
    const char *const wrong_type[] = { "[1]" };
    ck_assert_ptr_null(run("mig_layouts", wrong_type, 1));
    ck_assert_uint_eq(call.errors, 1);
    const char *const null_member[] = { "\"p4d.24xlarge\"", "{\"1g.5gb\": null}" };
    ck_assert_ptr_null(run("mig_fits", null_member, 2));
    ck_assert_int_eq(functions_error(&call)->function_argument, 1);
    Tfplugin6__DynamicValue unknown = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    unknown.msgpack = exchange_binary(STR("\xd4\0\0"));
    Tfplugin6__DynamicValue *arguments[] = { &unknown };
    call = (struct call){ .arena = &arena };
    ck_assert_ptr_null(functions_run(&call, find("mig_layouts"), arguments, 1));
    ck_assert_ptr_nonnull(strstr(functions_error(&call)->text, "not known yet"));
}
END_TEST

START_TEST(several_errors_are_one_text)
{
    (void)fail(&call, PATH_AT_INDEX(NULL, 1), "First", "One.");
    warn(&call, NULL, "Warning", "Not meant.");
    (void)fail(&call, PATH_AT_ATTRIBUTE(PATH_AT_INDEX(NULL, 0), STR("a")), "Second", "Two.");
    const Tfplugin6__FunctionError *error = functions_error(&call);
    ck_assert_str_eq(error->text, "First: One.\nSecond: a: Two");
    ck_assert_int_eq(error->function_argument, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("functions");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_signature);
    tcase_add_test(tests, every_table_is_consistent);
    tcase_add_test(tests, an_argument_without_bytes_is_null);
    tcase_add_test(tests, an_error_names_its_argument);
    tcase_add_test(tests, an_error_of_the_whole_call_names_none);
    tcase_add_test(tests, arguments_must_conform);
    tcase_add_test(tests, several_errors_are_one_text);
    Suite *suite = suite_create("functions");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
