/* Connections: made once, shared, forgotten, and refused. */
#include "resources/connections.h"

#include <pthread.h>

#include "base/encoding.h"
#include "clients/eks_token.h"
#include "clients/kubernetes.h"
#include "tests/schema/suite.h"

static atomic_int asked; /* DescribeCluster calls */
static atomic_int status;
static struct context context;
static struct connections *kept[2]; /* they live as long as the process */

static bool describe_cluster(struct call *in, const struct http_request *request,
                             struct http_reply *reply)
{
    (void)request;
    int number = atomic_fetch_add(&asked, 1) + 1;
    struct str ca = base64_encode(in->arena, STR("-----BEGIN CERTIFICATE-----\n"));
    *reply = (struct http_reply){ .outcome = HTTP_ANSWERED, .status = atomic_load(&status) };
    reply->body = str_print(in->arena,
                            "{\"code\": \"ResourceNotFoundException\", \"cluster\": {\"name\": "
                            "\"c\", \"endpoint\": \"https://c%d.example\", "
                            "\"certificateAuthority\": {\"data\": \"%.*s\"}}}",
                            number, STR_ARG(ca));
    return true;
}

static void configure(const struct connections_options *options)
{
    context = (struct context){ .cluster_name = STR("c") };
    context.connections = connections_make(&call, options, &context.region);
    kept[kept[0] != NULL] = context.connections;
}

static void begin(void)
{
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_ENDPOINT_URL");
    setenv("HOME", "/nonexistent", 1);
    suite_setup();
    atomic_store(&asked, 0);
    atomic_store(&status, 200);
    http_replace(describe_cluster);
    configure(&(struct connections_options){ .aws = { .region = STR("eu-west-1"),
                                                      .access_key = STR("AKIDTEST"),
                                                      .secret_key = STR("not-a-secret") } });
}

static void end(void)
{
    http_replace(NULL);
    eks_token_close();
    suite_teardown();
}

static const struct kubernetes_client *reach(const char *cluster, const char *region)
{
    const struct kubernetes_client *client = NULL;
    ck_assert_int_eq(context_kubernetes(&call, &context, str_of(cluster), str_of(region), &client),
                     REACHED);
    return client;
}

START_TEST(a_cluster_is_asked_for_once)
{
    const struct kubernetes_client *first = reach("c", "eu-west-1");
    ck_assert_ptr_eq(reach("c", "eu-west-1"), first);
    ck_assert_ptr_eq(reach("c", NULL), first);
    ck_assert_int_eq(asked, 1);
    ck_assert(str_is(first->server, "https://c1.example"));
}
END_TEST

START_TEST(names_and_regions_are_clusters_of_their_own)
{
    const struct kubernetes_client *first = reach("c", "eu-west-1");
    ck_assert_ptr_ne(reach("d", "eu-west-1"), first);
    ck_assert_ptr_ne(reach("c", "us-east-1"), first);
    ck_assert_int_eq(asked, 3);
}
END_TEST

START_TEST(a_forgotten_cluster_is_asked_for_again)
{
    const struct kubernetes_client *first = reach("c", "eu-west-1");
    context_forget_cluster(&context, STR("never"), STR("eu-west-1"));
    context_forget_cluster(&context, STR("c"), STR("eu-west-1"));
    const struct kubernetes_client *second = reach("c", "eu-west-1");
    ck_assert(str_is(second->server, "https://c2.example"));
    ck_assert(str_is(first->server, "https://c1.example")); /* calls under way still use it */
}
END_TEST

START_TEST(an_absent_cluster_is_no_error)
{
    const struct kubernetes_client *client;
    atomic_store(&status, 404);
    ck_assert_int_eq(context_kubernetes(&call, &context, STR("c"), STR("eu-west-1"), &client),
                     NO_SUCH_CLUSTER);
    ck_assert_uint_eq(call.errors, 0);
    atomic_store(&status, 200);
    reach("c", "eu-west-1");
}
END_TEST

START_TEST(tokens_are_made_for_the_cluster)
{
    const struct kubernetes_client *client = reach("c", "eu-west-1");
    struct str first;
    struct str again;
    ck_assert(client->token(&call, client->token_context, /* renew */ false, &first));
    ck_assert(str_starts(first, "k8s-aws-v1."));
    ck_assert(client->token(&call, client->token_context, /* renew */ false, &again));
    ck_assert(str_equal(first, again));
    ck_assert(client->token(&call, client->token_context, /* renew */ true, &again));
}
END_TEST

START_TEST(a_region_has_one_client)
{
    const struct aws_client *first = context_aws(&call, &context, STR("eu-west-1"));
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_eq(context_aws(&call, &context, STR("eu-west-1")), first);
    ck_assert_ptr_ne(context_aws(&call, &context, STR("us-east-1")), first);
}
END_TEST

START_TEST(a_wrong_region_is_told)
{
    ck_assert_ptr_null(context_aws(&call, &context, STR("not/a/region")));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert(str_contains(call.last->detail, "not/a/region"));
}
END_TEST

START_TEST(nothing_is_reached_without_a_configuration)
{
    const struct kubernetes_client *client;
    const struct context unconfigured = { 0 };
    ck_assert_ptr_null(context_aws(&call, &unconfigured, STR("eu-west-1")));
    ck_assert_int_eq(context_kubernetes(&call, &unconfigured, STR("c"), STR(""), &client),
                     NOT_REACHED);
    ck_assert_int_eq(context_kubernetes(&call, &context, STR(""), STR(""), &client), NOT_REACHED);
    ck_assert_uint_eq(call.errors, 3);
    ck_assert_str_eq(path_print(&arena, call.last->at).at, "cluster_name");
}
END_TEST

START_TEST(the_kubernetes_block_goes_past_eks)
{
    configure(&(struct connections_options){
        .has_kubernetes = true,
        .kubernetes = { .host = STR("https://direct.example"), .token = STR("test") } });
    context.has_kubernetes = true;
    context.cluster_name = (struct str){ 0 };
    const struct kubernetes_client *client = reach(NULL, NULL);
    ck_assert(str_is(client->server, "https://direct.example"));
    ck_assert_ptr_eq(reach(NULL, NULL), client);
    ck_assert_int_eq(asked, 0);
}
END_TEST

START_TEST(a_wrong_kubernetes_block_is_told_each_time)
{
    const struct kubernetes_client *client;
    configure(&(struct connections_options){ .has_kubernetes = true });
    context.has_kubernetes = true;
    for (unsigned i = 1; i <= 2; i++) {
        ck_assert_int_eq(context_kubernetes(&call, &context, STR(""), STR(""), &client),
                         NOT_REACHED);
        ck_assert_uint_eq(call.errors, i);
    }
}
END_TEST

START_TEST(a_wrong_profile_is_told)
{
    struct str region;
    const struct connections_options options = { .aws = { .profile = STR("nobody") } };
    ck_assert_ptr_null(connections_make(&call, &options, &region));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

static void *reach_from_thread(void *argument)
{
    struct arena own = arena_make(NULL);
    struct call mine = { .arena = &own };
    const struct kubernetes_client **client = argument;
    (void)context_kubernetes(&mine, &context, STR("c"), STR("eu-west-1"), client);
    arena_release(&own);
    return NULL;
}

START_TEST(threads_share_one_answer)
{
    pthread_t threads[8];
    const struct kubernetes_client *clients[8] = { 0 };
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, reach_from_thread, &clients[i]), 0);
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 8; i++)
        ck_assert_ptr_eq(clients[i], clients[0]);
    ck_assert_ptr_nonnull(clients[0]);
    ck_assert_int_eq(asked, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cluster_is_asked_for_once,
        names_and_regions_are_clusters_of_their_own,
        a_forgotten_cluster_is_asked_for_again,
        an_absent_cluster_is_no_error,
        tokens_are_made_for_the_cluster,
        a_region_has_one_client,
        a_wrong_region_is_told,
        nothing_is_reached_without_a_configuration,
        the_kubernetes_block_goes_past_eks,
        a_wrong_kubernetes_block_is_told_each_time,
        a_wrong_profile_is_told,
        threads_share_one_answer,
    };
    Suite *suite = suite_create("connections");
    TCase *tcase = tcase_create("connections");
    tcase_add_checked_fixture(tcase, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
