/* Paths of the EKS API, its predicates, and the description of a cluster. */
#include "clients/eks.h"

#include <check.h>
#include <string.h>

#include "base/encoding.h"
#include "tests/clients/aws_fixture.h"
#include "tests/clients/scripted_server.h"

static struct aws_config config;
static struct aws_client client;
static struct aws_reply reply;

static void begin(void)
{
    aws_begin();
    scripted_open();
    config = aws_resolve_static();
    ck_assert(aws_client_make(&aws_call, NULL, &config, (struct str){ 0 }, &client));
}

static void end(void)
{
    scripted_close();
    aws_end();
}

START_TEST(paths)
{
    struct str cluster = STR("c 1");
    ck_assert_str_eq(eks_cluster_path(&aws_arena, cluster).at, "/clusters/c%201");
    ck_assert_str_eq(eks_node_groups_path(&aws_arena, cluster).at, "/clusters/c%201/node-groups");
    ck_assert_str_eq(eks_node_group_path(&aws_arena, cluster, STR("../x")).at,
                     "/clusters/c%201/node-groups/..%2Fx");
    ck_assert_str_eq(eks_update_path(&aws_arena, STR("c"), STR("u?")).at,
                     "/clusters/c/updates/u%3F");
    ck_assert_str_eq(eks_tags_path(&aws_arena, STR("arn:aws:eks:r:1:nodegroup/c/g/i")).at,
                     "/tags/arn%3Aaws%3Aeks%3Ar%3A1%3Anodegroup%2Fc%2Fg%2Fi");
}
END_TEST

START_TEST(every_operation_goes_through)
{
    const struct http_header keys[] = { { "tagKeys", STR("a") }, { "tagKeys", STR("b") } };
    struct aws_operation operation = {
        .service = AWS_STS, /* corrected by eks_call */
        .action = "eks:UntagResource",
        .method = "DELETE",
        .path = eks_tags_path(&aws_arena, STR("arn:x")),
        .query = keys,
        .query_count = 2,
    };
    scripted_answer(200, "", NULL, NULL);
    ck_assert(eks_call(&aws_call, &client, &operation, &reply));
    ck_assert_ptr_nonnull(strstr(scripted_request(0), "DELETE https://eks.eu-west-1.amazonaws.com"
                                                      "/tags/arn%3Ax?tagKeys=a&tagKeys=b\n"));
}
END_TEST

static void refuse(int status, const char *code)
{
    struct aws_operation operation = { .action = "x", .method = "GET", .path = STR("/") };
    scripted_answer(status, "{}", "x-amzn-errortype", code);
    ck_assert(!eks_call(&aws_call, &client, &operation, &reply));
}

START_TEST(predicates)
{
    refuse(404, "ResourceNotFoundException");
    ck_assert(eks_is_absent(&reply) && !eks_is_in_use(&reply));
    refuse(404, "NotFoundException");
    ck_assert(eks_is_absent(&reply));
    refuse(404, "SomethingElse");
    ck_assert(!eks_is_absent(&reply));
    refuse(403, "ResourceNotFoundException");
    ck_assert(!eks_is_absent(&reply));
    refuse(409, "ResourceInUseException");
    ck_assert(eks_is_in_use(&reply) && !eks_is_absent(&reply));
}
END_TEST

static const char pem[] = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"
                          "-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n";

static enum eks_outcome describe(const char *format_json, const char *ca, struct eks_cluster *out)
{
    struct str body = str_of(format_json);
    if (ca) {
        struct str encoded = base64_encode(&aws_arena, str_of(ca));
        size_t at = str_find(body, '$', 0);
        body = str_print(&aws_arena, "%.*s%s%s", (int)at, body.at, encoded.at, body.at + at + 1);
    }
    scripted_answer(200, body.at, NULL, NULL);
    return eks_describe_cluster(&aws_call, NULL, &client, STR("sandbox"), out);
}

START_TEST(whole_descriptions)
{
    struct eks_cluster cluster;
    ck_assert_int_eq(
        describe("{\"cluster\":{\"name\":\"sandbox\",\"arn\":\"arn:x\",\"status\":\"ACTIVE\","
                 "\"version\":\"1.36\",\"endpoint\":\"https://k\",\"certificateAuthority\":{"
                 "\"data\":\"$\"},\"resourcesVpcConfig\":{\"endpointPublicAccess\":false,"
                 "\"endpointPrivateAccess\":true},\"accessConfig\":{\"authenticationMode\":"
                 "\"API\"}}}",
                 pem, &cluster),
        EKS_FOUND);
    ck_assert_ptr_nonnull(strstr(scripted_request(0), "/clusters/sandbox\n"));
    ck_assert(str_is(cluster.name, "sandbox"));
    ck_assert(str_is(cluster.arn, "arn:x"));
    ck_assert(str_is(cluster.status, "ACTIVE"));
    ck_assert(str_is(cluster.version, "1.36"));
    ck_assert(str_is(cluster.endpoint, "https://k"));
    ck_assert(str_is(cluster.ca_pem, pem));
    ck_assert(!cluster.public_access && cluster.private_access);
    ck_assert(str_is(cluster.authentication_mode, "API"));
    ck_assert_ptr_null(cluster.id.at);
    ck_assert(str_is(eks_token_subject(&cluster), "sandbox"));
    cluster.id = STR("local-1");
    ck_assert(str_is(eks_token_subject(&cluster), "local-1"));
}
END_TEST

START_TEST(clusters_that_are_being_created)
{
    struct eks_cluster cluster;
    ck_assert_int_eq(describe("{\"cluster\":{\"name\":\"sandbox\",\"status\":\"CREATING\","
                              "\"certificateAuthority\":{}}}",
                              NULL, &cluster),
                     EKS_FOUND);
    ck_assert(str_is(cluster.status, "CREATING"));
    ck_assert_ptr_null(cluster.endpoint.at);
    ck_assert_ptr_null(cluster.ca_pem.at);
}
END_TEST

START_TEST(absent_clusters)
{
    struct eks_cluster cluster;
    scripted_answer(404, "{\"message\":\"No cluster found for name: x.\"}", "x-amzn-errortype",
                    "ResourceNotFoundException");
    ck_assert_int_eq(eks_describe_cluster(&aws_call, NULL, &client, STR("x"), &cluster),
                     EKS_ABSENT);
    ck_assert_uint_eq(aws_call.errors, 0);
}
END_TEST

START_TEST(failures)
{
    struct eks_cluster cluster;
    scripted_answer(403, "{\"message\":\"no\"}", "x-amzn-errortype", "AccessDeniedException");
    ck_assert_int_eq(eks_describe_cluster(&aws_call, NULL, &client, STR("x"), &cluster),
                     EKS_FAILED);
    aws_expect_error("needs the IAM action eks:DescribeCluster");
    scripted_answer(404, "<html>", NULL, NULL);
    ck_assert_int_eq(eks_describe_cluster(&aws_call, NULL, &client, STR("x"), &cluster),
                     EKS_FAILED);
    aws_expect_error("describing the cluster x");
    ck_assert_int_eq(eks_describe_cluster(&aws_call, NULL, &client, STR(""), &cluster), EKS_FAILED);
    aws_expect_error("cluster_name is empty");
    static const char *const bad[] = { "", "[]", "{}", "{\"cluster\":\"x\"}", "no json" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(describe(bad[i], NULL, &cluster), EKS_FAILED);
        aws_expect_error("gave no cluster");
    }
    static const char with_ca[] = "{\"cluster\":{\"certificateAuthority\":{\"data\":\"$\"}}}";
    ck_assert_int_eq(describe(with_ca, "no pem", &cluster), EKS_FAILED);
    aws_expect_error("no PEM in base64");
    ck_assert_int_eq(describe(with_ca, NULL, &cluster), EKS_FAILED);
    aws_expect_error("no PEM in base64");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("eks");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, every_operation_goes_through);
    tcase_add_test(tests, predicates);
    tcase_add_test(tests, whole_descriptions);
    tcase_add_test(tests, clusters_that_are_being_created);
    tcase_add_test(tests, absent_clusters);
    tcase_add_test(tests, failures);
    Suite *suite = suite_create("eks");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
