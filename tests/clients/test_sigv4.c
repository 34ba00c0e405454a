/* Signatures against AWS's published vectors, and against botocore for what EKS needs. */
#include "clients/sigv4.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/encoding.h"

/* What the published suite holds; fewer means that it was not read whole. */
#define LEAST_VECTORS 34

static struct arena arena;

static void begin(void)
{
    arena = arena_make(NULL);
}

static void end(void)
{
    arena_release(&arena);
}

static void expect(struct str found, const char *wanted, const char *what)
{
    ck_assert_msg(str_is(found, wanted), "%s\nfound:\n%.*s\nwanted:\n%s", what, STR_ARG(found),
                  wanted);
}

static struct str read_text(const char *folder, const char *name, const char *suffix)
{
    struct str path = str_print(&arena, "%s/%s%s", folder, name, suffix);
    struct buf out = buf_make(&arena, BUF_LIMIT);
    FILE *file = fopen(path.at, "r");
    ck_assert_msg(file != NULL, "%s is missing", path.at);
    for (int c; (c = fgetc(file)) != EOF;)
        if (c != '\r')
            buf_add_byte(&out, (char)c);
    fclose(file);
    return buf_str(&out);
}

/* The line, and the lines folded into it, as one value. */
static void read_header(struct http_header *headers, size_t *count, struct str line)
{
    if (line.at[0] == ' ') {
        struct http_header *last = &headers[*count - 1];
        last->value = str_print(&arena, "%.*s %.*s", STR_ARG(last->value), STR_ARG(line));
        return;
    }
    size_t colon = str_find(line, ':', 0);
    headers[(*count)++] = (struct http_header){ str_copy(&arena, str_slice(line, 0, colon)).at,
                                                str_slice(line, colon + 1, line.len) };
}

static struct sigv4_request read_request(struct str text)
{
    struct http_header *headers = ARENA_NEW_ARRAY(&arena, struct http_header, 32);
    struct sigv4_request request = { .headers = headers };
    struct str line;
    ck_assert(str_split(&text, '\n', &line));
    size_t first = str_find(line, ' ', 0), last = str_find_last(line, ' ');
    struct str target = str_slice(line, first + 1, last);
    size_t mark = str_find(target, '?', 0);
    request.method = str_copy(&arena, str_slice(line, 0, first)).at;
    request.path = str_slice(target, 0, mark);
    request.query = str_slice(target, mark + 1, target.len);
    while (str_split(&text, '\n', &line) && line.len)
        read_header(headers, &request.header_count, line);
    request.body = text;
    return request;
}

/* A token that the request of a vector lacks is part of the credentials: the canonical form has it.
 */
static void add_token(struct sigv4_request *request, struct str canonical)
{
    static const char name[] = "x-amz-security-token";
    struct http_header *headers = (struct http_header *)(uintptr_t)request->headers;
    struct str line;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(headers[i].name, name) == 0)
            return;
    while (str_split(&canonical, '\n', &line))
        if (str_starts(line, name) && str_has(line, ':'))
            headers[request->header_count++] =
                (struct http_header){ name, str_slice(line, sizeof name, line.len) };
}

static void check_vector(const char *folder, const char *name)
{
    static const struct aws_credentials credentials = {
        .access_key = { "AKIDEXAMPLE", 11 },
        .secret_key = { "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40 },
    };
    const struct sigv4_signer signer = { &credentials, STR("us-east-1"), STR("service"),
                                         1440938160000 };
    struct sigv4_request request = read_request(read_text(folder, name, ".req"));
    add_token(&request, read_text(folder, name, ".creq"));
    struct str hash = sha256_hex(&arena, request.body);
    struct str canonical = sigv4_canonical_request(&arena, &request, hash);
    expect(canonical, read_text(folder, name, ".creq").at, name);
    expect(sigv4_string_to_sign(&arena, &signer, canonical), read_text(folder, name, ".sts").at,
           name);
    expect(sigv4_authorization(&arena, &signer, &request), read_text(folder, name, ".authz").at,
           name);
}

static size_t check_folder(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    ck_assert_msg(stream != NULL, "no folder %s", folder);
    for (struct dirent *entry; (entry = readdir(stream));) {
        struct str path = str_print(&arena, "%s/%s", folder, entry->d_name);
        struct stat status;
        if (entry->d_name[0] == '.' || stat(path.at, &status) || !S_ISDIR(status.st_mode))
            continue;
        struct str request = str_print(&arena, "%s/%s.req", path.at, entry->d_name);
        if (stat(request.at, &status) == 0) {
            check_vector(path.at, entry->d_name);
            count++;
        }
        count += check_folder(path.at);
    }
    closedir(stream);
    return count;
}

START_TEST(published_vectors)
{
    const char *folder = getenv("SIGV4_VECTORS");
    ck_assert_msg(folder && *folder,
                  "SIGV4_VECTORS has to name the folder that fetch_sigv4_vectors filled");
    size_t count = check_folder(folder);
    ck_assert_msg(count >= LEAST_VECTORS, "only %zu vectors", count);
}
END_TEST

/* 2026-11-21T09:30:05Z */
#define NOW 1795253405000

struct own_case {
    const char *method, *host, *path, *query, *body, *token;
    const char *signed_headers, *signature; /* as botocore 1.44.5 gives them */
};

static const struct own_case own_cases[] = {
    { "GET", "eks.eu-west-1.amazonaws.com", "/clusters/c1", "", NULL, NULL, "host;x-amz-date",
      "74f9c7faea99560b2a8b960eaccfe09869085c6655baf11cce9a60e083e90d63" },
    { "POST", "eks.eu-west-1.amazonaws.com",
      "/tags/arn%3Aaws%3Aeks%3Aeu-west-1%3A123456789012%3Anodegroup%2Fc1%2Fgpu%2Fab", "",
      "{\"tags\":{\"a\":\"b\"}}", "tok/en+=", "content-type;host;x-amz-date;x-amz-security-token",
      "ed0220d52df90318c98e102c18b365d6a95d7c09bdb331c2ac81b9f3896e8e67" },
    { "DELETE", "eks.eu-west-1.amazonaws.com",
      "/tags/arn%3Aaws%3Aeks%3Aeu-west-1%3A123456789012%3Acluster%2Fc1",
      "tagKeys=b%20c&tagKeys=a%2Fb&tagKeys=%C3%A9", NULL, NULL, "host;x-amz-date",
      "41186a360060a0ef831a7bdf647dfac563dd0f5e8e0a293ef031d4ca039b1216" },
    { "GET", "127.0.0.1:4566", "/base/clusters/c1/updates/u1", "nodegroupName=gpu", NULL, "t",
      "host;x-amz-date;x-amz-security-token",
      "cd8eed823c6c54dd5e86f594fd08a137d249ca7f657dcf88cab936001ce190b4" },
};

static void check_own(const struct own_case *own)
{
    struct aws_credentials credentials = { .access_key = STR("AKIDTEST"),
                                           .secret_key = STR("secret/test+key"),
                                           .session_token = str_of(own->token) };
    struct sigv4_signer signer = { &credentials, STR("eu-west-1"), STR("eks"), NOW };
    struct http_header headers[] = { { "Host", str_of(own->host) },
                                     { "Content-Type", STR("application/json") } };
    struct sigv4_request request = { own->method, str_of(own->path), str_of(own->query),
                                     headers,     own->body ? 2 : 1, str_of(own->body) };
    size_t count;
    struct http_header *all = sigv4_sign(&arena, &signer, &request, &count);
    ck_assert_uint_eq(count, request.header_count + 2 + (own->token != NULL));
    expect(all[request.header_count].value, "20261121T093005Z", "x-amz-date");
    struct str wanted = str_print(&arena,
                                  "AWS4-HMAC-SHA256 Credential=AKIDTEST/20261121/eu-west-1/eks/"
                                  "aws4_request, SignedHeaders=%s, Signature=%s",
                                  own->signed_headers, own->signature);
    expect(all[count - 1].value, wanted.at, own->path);
    ck_assert_str_eq(all[count - 1].name, "authorization");
}

START_TEST(requests_as_botocore_signs_them)
{
    for (size_t i = 0; i < sizeof own_cases / sizeof *own_cases; i++)
        check_own(&own_cases[i]);
}
END_TEST

static struct str presign(struct str region, struct str host, const char *token)
{
    struct aws_credentials credentials = { .access_key = STR("AKIDTEST"),
                                           .secret_key = STR("secret/test+key"),
                                           .session_token = str_of(token) };
    struct sigv4_signer signer = { &credentials, region, STR("sts"), NOW };
    struct http_header headers[] = { { "x-k8s-aws-id", STR("sandbox") }, { "host", host } };
    struct sigv4_request request = {
        .method = "GET",
        .query = STR("Action=GetCallerIdentity&Version=2011-06-15"),
        .headers = headers,
        .header_count = 2,
    };
    return sigv4_presign(&arena, &signer, &request, host, 60);
}

START_TEST(urls_as_botocore_signs_them)
{
    expect(presign(STR("eu-west-1"), STR("sts.eu-west-1.amazonaws.com"), NULL),
           "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
           "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
           "&X-Amz-Credential=AKIDTEST%2F20261121%2Feu-west-1%2Fsts%2Faws4_request"
           "&X-Amz-Date=20261121T093005Z&X-Amz-Expires=60"
           "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature="
           "8ed21033b93a32c98bc9ee0887a37888928ef9805a8e28b0f2df735e9876758c",
           "standard");
    expect(presign(STR("cn-north-1"), STR("sts.cn-north-1.amazonaws.com.cn"), "tok/en+="),
           "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15"
           "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
           "&X-Amz-Credential=AKIDTEST%2F20261121%2Fcn-north-1%2Fsts%2Faws4_request"
           "&X-Amz-Date=20261121T093005Z&X-Amz-Expires=60"
           "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=tok%2Fen%2B%3D"
           "&X-Amz-Signature=765ef1b48597071ab2f27e2727e96ad5235539da9d0265d82a4e71a8ddce1967",
           "China, with a session token");
}
END_TEST

START_TEST(times)
{
    char text[SIGV4_TIME_BYTES];
    sigv4_print_time(0, text);
    ck_assert_str_eq(text, "19700101T000000Z");
    sigv4_print_time(1440938160999, text);
    ck_assert_str_eq(text, "20150830T123600Z");
    sigv4_print_time(INT64_MAX, text);
    ck_assert_str_eq(text, "19700101T000000Z");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sigv4");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, published_vectors);
    tcase_add_test(tests, requests_as_botocore_signs_them);
    tcase_add_test(tests, urls_as_botocore_signs_them);
    tcase_add_test(tests, times);
    Suite *suite = suite_create("sigv4");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
