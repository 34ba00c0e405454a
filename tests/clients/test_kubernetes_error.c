/* What users read when an API server refuses or stays silent. */
#include "clients/kubernetes_error.h"

#include "clients/kubernetes_status.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;
static struct kubernetes_client client;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    client = (struct kubernetes_client){ .server = STR("https://api.test"),
                                         .name = STR("the EKS cluster \"gpu\""),
                                         .credential = STR("the EKS token of role/x") };
}

static void teardown(void)
{
    arena_release(&arena);
}

/* Tells an answer and compares its detail; every PART must occur. */
static void expect_told(const struct kubernetes_reply *reply, const char *const *parts)
{
    call = (struct call){ .arena = &arena };
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("name"));
    ck_assert(!kubernetes_fail(&call, at, "creating the ConfigMap s/x", &client, reply));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, reply->outcome == HTTP_CANCELLED
                                                 ? "Creating the ConfigMap s/x was cancelled"
                                                 : "Creating the ConfigMap s/x failed");
    ck_assert_str_eq(path_print(&arena, call.first->at).at, "name");
    for (; *parts; parts++)
        ck_assert_msg(str_contains(call.first->detail, *parts), "%s: %s", *parts,
                      call.first->detail.at);
    ck_assert(str_contains(call.first->detail, "the EKS cluster \"gpu\" (https://api.test)"));
    ck_assert(!str_ends(call.first->detail, "\n"));
}

static void expect_answer(int status, const char *body, const char *const *parts)
{
    struct http_header headers[] = { { "audit-id", STR("a-1") } };
    struct http_reply http = { .outcome = HTTP_ANSWERED,
                               .status = status,
                               .headers = headers,
                               .header_count = 1,
                               .body = str_of(body) };
    struct kubernetes_reply reply;
    kubernetes_status_decode(&arena, &http, &reply);
    expect_told(&reply, parts);
}

#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define STATUS(reason, message, details)                                                           \
    "{\"kind\":\"Status\",\"reason\":\"" reason "\",\"message\":\"" message                        \
    "\",\"details\":{" details "}}"

START_TEST(tells_what_the_server_said)
{
    expect_answer(418, STATUS("Teapot", "short and stout.", ""),
                  PARTS("answered 418 Teapot (audit id a-1): short and stout."));
    expect_answer(503, "<html>\n<b>Bad",
                  PARTS("with a body that starts: <html> <b>Bad.", "overloaded"));
    expect_answer(503, "", PARTS("answered 503 (audit id a-1)."));
    char page[400];
    memset(page, 'x', sizeof page - 1);
    page[sizeof page - 1] = '\0';
    expect_answer(503, page, PARTS("xxxx ..."));
    ck_assert_uint_lt(call.first->detail.len, 600);
}
END_TEST

START_TEST(tells_who_was_refused)
{
    const char *body = STATUS("Unauthorized", "Unauthorized", "");
    expect_answer(401, body, PARTS("asked with the EKS token of role/x", "has not expired"));
    client.advice_401 = STR("Add an access entry.");
    expect_answer(401, body, PARTS("Add an access entry."));
    ck_assert(!str_contains(call.first->detail, "has not expired"));
}
END_TEST

START_TEST(names_the_missing_right)
{
    expect_answer(403,
                  STATUS("Forbidden",
                         "configmaps \\\"x\\\" is forbidden: User \\\"u\\\" cannot patch resource "
                         "\\\"configmaps\\\" in API group \\\"\\\" in the namespace \\\"s\\\"",
                         ""),
                  PARTS("grant the verb \"patch\" on \"configmaps\" in the API group \"\" to the "
                        "user \"u\" by a Role and a RoleBinding in the namespace \"s\" (on EKS",
                        "asked with the EKS token of role/x"));
    expect_answer(403,
                  STATUS("Forbidden",
                         "n is forbidden: User \\\"u\\\" cannot list resource \\\"nodepools\\\" in "
                         "API group \\\"karpenter.sh\\\" at the cluster scope",
                         ""),
                  PARTS("\"list\" on \"nodepools\" in the API group \"karpenter.sh\"",
                        "by a ClusterRole and a ClusterRoleBinding (on EKS"));
    expect_answer(
        403,
        STATUS("Forbidden", "User \\\"system:anonymous\\\" cannot get resource \\\"nodes\\\"", ""),
        PARTS("no credential came along"));
    expect_answer(403, STATUS("Forbidden", "exceeded quota: q", ""),
                  PARTS("exceeded quota: q", "a rule of the cluster"));
    expect_answer(403, "", PARTS("a rule of the cluster"));
}
END_TEST

START_TEST(tells_kinds_of_absence_apart)
{
    expect_answer(404, STATUS("NotFound", "m", "\"kind\":\"namespaces\",\"name\":\"s\""),
                  PARTS("The namespace \"s\" does not exist"));
    expect_answer(404, "404 page not found", PARTS("install the CustomResourceDefinition"));
    expect_answer(404, STATUS("NotFound", "m", ""), PARTS("CustomResourceDefinition"));
    expect_answer(404, STATUS("NotFound", "m", "\"kind\":\"configmaps\",\"name\":\"x\""),
                  PARTS("does not exist, or not any more"));
    expect_answer(404, "<html>", PARTS("not the answer of a Kubernetes API server"));
}
END_TEST

#define CAUSE(field)                                                                               \
    "{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with \\\"kubectl-edit\\\" using " \
    "v1 at 2026-01-02T03:04:05Z\",\"field\":\"" field "\"}"

START_TEST(names_conflicting_managers)
{
    expect_answer(409, STATUS("Conflict", "m", "\"causes\":[" CAUSE(".data.any") "]"),
                  PARTS("\n  - .data.any: \"kubectl-edit\", updated at 2026-01-02T03:04:05Z\n",
                        "force_conflicts = true"));
    expect_answer(409,
                  STATUS("Conflict", "m",
                         "\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict "
                         "with \\\"a\\\" with subresource \\\"status\\\"\",\"field\":\".x\"}]"),
                  PARTS(".x: \"a\" through the subresource status\n"));
    struct buf body = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&body, "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"details\":{\"causes\":[");
    for (int i = 0; i < 25; i++)
        buf_print(&body, "%s%s", i ? "," : "", CAUSE(".f"));
    buf_add_text(&body, "]}}");
    expect_answer(409, buf_str(&body).at, PARTS("and 5 more"));
}
END_TEST

START_TEST(tells_other_conflicts)
{
    expect_answer(409, STATUS("AlreadyExists", "m", ""), PARTS("exists already. Import it"));
    expect_answer(409, STATUS("Conflict", "the UID in the precondition (a) does not match", ""),
                  PARTS("another one than the one that was recorded"));
    expect_answer(409, STATUS("Conflict", "the object has been modified", ""),
                  PARTS("at the same time"));
}
END_TEST

START_TEST(lists_what_is_invalid)
{
    expect_answer(422,
                  STATUS("Invalid", "m",
                         "\"causes\":[{\"message\":\"Invalid value: 0\",\"field\":\"spec.weight\"},"
                         "{\"message\":\"no good\"}]"),
                  PARTS("What it refuses:\n  - spec.weight: Invalid value: 0\n  - (the whole "
                        "object): no good"));
    ck_assert(!str_contains(call.first->detail, "422 Invalid: m"));
    expect_answer(422,
                  STATUS("Invalid", "m",
                         "\"causes\":[{\"message\":\"m\",\"field\":\"f\"},{\"message\":\"m\","
                         "\"field\":\"f\"},{\"message\":\"m\",\"field\":\"g\"}]"),
                  PARTS("refuses:\n  - f: m\n  - g: m"));
    struct buf body = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&body, "{\"kind\":\"Status\",\"details\":{\"causes\":[");
    for (int i = 0; i < 21; i++)
        buf_print(&body, "%s{\"message\":\"m\",\"field\":\"f%d\"}", i ? "," : "", i);
    buf_add_text(&body, "]}}");
    expect_answer(422, buf_str(&body).at, PARTS("and 1 more"));
    expect_answer(422, STATUS("Invalid", "only text", ""), PARTS("only text"));
}
END_TEST

START_TEST(advises_on_other_statuses)
{
    expect_answer(400, STATUS("BadRequest", "webhook does not support dry run", ""),
                  PARTS("sideEffects: None"));
    expect_answer(400, STATUS("BadRequest", "strict decoding error: unknown field \\\"x\\\"", ""),
                  PARTS("leave the field out"));
    expect_answer(400, STATUS("BadRequest", "m", ""), PARTS("does not fit the API"));
    expect_answer(302, "", PARTS("a proxy or a login page"));
    expect_answer(200, "hello", PARTS("not what a Kubernetes API server gives"));
    expect_answer(410, "", PARTS("grew old"));
    expect_answer(413, "", PARTS("too large", "1.5 MB"));
    expect_answer(415, "", PARTS("server-side apply"));
    expect_answer(429, "", PARTS("-parallelism=2"));
    expect_answer(500, STATUS("InternalError", "failed calling webhook \\\"w\\\"", ""),
                  PARTS("service behind it runs"));
    expect_answer(500,
                  STATUS("",
                         "failed to create typed patch object (/x; v1): .dat: field not "
                         "declared in schema",
                         ""),
                  PARTS(".dat: field not declared", "leave the field out"));
    expect_answer(504, "", PARTS("overloaded, starting or broken"));
}
END_TEST

static void expect_silence(enum http_outcome outcome, bool maybe_sent, const char *const *parts)
{
    struct kubernetes_reply reply = { .outcome = outcome,
                                      .failure = STR("api.test: refused."),
                                      .maybe_sent = maybe_sent };
    expect_told(&reply, parts);
    ck_assert(str_contains(call.first->detail, "No answer from"));
    ck_assert(str_contains(call.first->detail, "api.test: refused.\n"));
}

START_TEST(tells_why_no_answer_came)
{
    expect_silence(HTTP_UNRESOLVED, false, PARTS("can resolve it"));
    expect_silence(HTTP_UNREACHED, false, PARTS("may reach it"));
    ck_assert(!str_contains(call.first->detail, "may have reached the server"));
    expect_silence(HTTP_TLS_REFUSED, false, PARTS("certificate authority", "tls_server_name"));
    expect_silence(HTTP_BROKEN, true, PARTS("ended early", "may have reached the server"));
    expect_silence(HTTP_TIMED_OUT, true, PARTS("in time", "may have reached the server"));
    expect_silence(HTTP_TOO_LARGE, true, PARTS("larger than what is accepted"));
    expect_silence(HTTP_CANCELLED, true, PARTS("was cancelled"));
    expect_silence(HTTP_MISUSED, false, PARTS("malformed"));
    expect_silence(HTTP_NO_MEMORY, false, PARTS("memory"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubernetes_error");
    TCase *cases = tcase_create("kubernetes_error");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, tells_what_the_server_said);
    tcase_add_test(cases, tells_who_was_refused);
    tcase_add_test(cases, names_the_missing_right);
    tcase_add_test(cases, tells_kinds_of_absence_apart);
    tcase_add_test(cases, names_conflicting_managers);
    tcase_add_test(cases, tells_other_conflicts);
    tcase_add_test(cases, lists_what_is_invalid);
    tcase_add_test(cases, advises_on_other_statuses);
    tcase_add_test(cases, tells_why_no_answer_came);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
