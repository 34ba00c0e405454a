/* RPCs run by hand, as a worker runs them: a request in, the one answer that the client would get
 * out, and a scripted API server behind them. */
#pragma once

#include "provider/rpc.h"
#include "tests/schema/suite.h"
#include "tfplugin6.pb-c.h"

/* Runs METHOD on REQUEST, a message.  Its answer, unpacked as DESCRIPTOR into CALL's arena.  Ends
 * the test where the status is not OK or not exactly one message was sent. */
const void *rpc_case_run(struct call *call, grpc_method_fn method, const void *request,
                         const ProtobufCMessageDescriptor *descriptor);

/* The status of METHOD for a request of BYTES; *TEXT is the message that goes with it. Ends the
 * test where METHOD sent something but failed. */
enum grpc_status rpc_case_status(struct call *call, grpc_method_fn method, struct str bytes,
                                 struct str *text);

/* Ends the test unless METHOD refuses what is no message. */
void rpc_case_refuses_malformed(struct call *call, grpc_method_fn method);

/* Makes TEXT, written as for `object_of`, the provider's configuration. */
void rpc_case_configure(struct call *call, const char *text);

/* A configuration that goes past EKS to one API server. */
#define PAST_EKS "{'kubernetes': {'host': 'https://sandbox.example', 'token': 'test'}}"

/* V as msgpack of TYPE. */
Tfplugin6__DynamicValue *rpc_case_encode(struct arena *arena, const struct type *type,
                                         const struct value *v);

/* What MESSAGE (not NULL) carries, which must be a msgpack value of TYPE. */
const struct value *rpc_case_decode(struct call *call, const struct type *type,
                                    const Tfplugin6__DynamicValue *message);

/* The resource that the cases are about, its rows, and its objects to and from msgpack. */
const struct attr *rpc_case_rows(void);
#define SHARING "gpushare_time_slicing_config"
#define SHARING_OBJECT(text) object_of(rpc_case_rows(), (text))
#define SHARING_ENCODE(v) rpc_case_encode(&arena, attr_type(&arena, rpc_case_rows()), (v))
#define SHARING_DECODE(message)                                                                    \
    rpc_case_decode(&call, attr_type(&arena, rpc_case_rows()), (message))

/* A configuration, the state that it leads to past EKS, and the object that the API has of it. */
#define SHARING_CONFIG                                                                             \
    "{'name': 'plugin', 'config': [{'name': 'any', 'replicas': {'nvidia.com/gpu': 10}}]}"
#define SHARING_DOCUMENT                                                                           \
    "version: v1\\nflags:\\n  migStrategy: none\\nsharing:\\n  timeSlicing:\\n    resources:\\n"   \
    "    - name: nvidia.com/gpu\\n      replicas: 10\\n"
#define SHARING_STATE                                                                              \
    "{'name': 'plugin', 'namespace': 'kube-system', 'config': [{'name': 'any', "                   \
    "'strategy': 'time-slicing', 'replicas': {'nvidia.com/gpu': 10}, 'mig_strategy': 'none'}], "   \
    "'rendered': {'any': '" SHARING_DOCUMENT "'}, 'checksum': "                                    \
    "'30af0d2799f6d810fedf90baf127161014ed6123d2430b3beff41ce454885f96', "                         \
    "'replicas': {'any': {'nvidia.com/gpu': 10}}, 'advertised': {'any': {'nvidia.com/gpu': 10}}, " \
    "'adopt': false, 'force_conflicts': false}"
#define SHARING_LIVE                                                                               \
    "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'any': '" SHARING_DOCUMENT "'}, "          \
    "'metadata': {'name': 'plugin', 'namespace': 'kube-system', 'uid': 'u-1', "                    \
    "'resourceVersion': '7', 'managedFields': [{'manager': 'gpushare', 'operation': 'Apply', "     \
    "'apiVersion': 'v1', 'time': '2026-10-01T00:00:00Z', 'fieldsType': 'FieldsV1', "               \
    "'fieldsV1': {'f:data': {'f:any': {}}}}]}}"
#define SHARING_URL "https://sandbox.example/api/v1/namespaces/kube-system/configmaps/plugin"
#define SHARING_PATCH "PATCH " SHARING_URL "?fieldManager=gpushare&fieldValidation=Strict"

/* Ends the test unless IDENTITY, of a TYPE_NAME, is the JSON of TEXT (quotes written as '). */
void rpc_case_expect_identity(struct call *call, const char *type_name,
                              const Tfplugin6__ResourceIdentityData *identity, const char *text);

/* One request that has to come, and its answer; quotes in BODY are written as '. */
struct rpc_case_exchange {
    const char *request; /* "METHOD URL" */
    int status;
    const char *body;
};

/* Answers the next requests by EXCHANGES, up to a row without request; any other ends the test.
 * With none the API must not be asked. */
void rpc_case_http(const struct rpc_case_exchange *exchanges);

/* Ends the test where an exchange did not come. */
void rpc_case_http_end(void);

/* PATH as a user writes it; "" for NULL. */
struct str rpc_case_place(struct arena *arena, const Tfplugin6__AttributePath *path);

/* ANSWER's one diagnostic is an error at PLACE whose detail has WORDS. */
#define ASSERT_ERROR(answer, place, words)                                                         \
    do {                                                                                           \
        ck_assert_uint_eq((answer)->n_diagnostics, 1);                                             \
        const Tfplugin6__Diagnostic *found_ = (answer)->diagnostics[0];                            \
        ck_assert_int_eq(found_->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR);                \
        ck_assert_str_ne(found_->summary, "");                                                     \
        ck_assert_str_eq(rpc_case_place(&arena, found_->attribute).at, (place));                   \
        ck_assert_msg(strstr(found_->detail, (words)), "found: %s", found_->detail);               \
    } while (0)

#define ASSERT_NO_DIAGNOSTICS(answer)                                                              \
    ck_assert_msg((answer)->n_diagnostics == 0, "found: %s", (answer)->diagnostics[0]->detail)

#define ASSERT_BYTES(actual, expected)                                                             \
    ck_assert_msg((actual).len == strlen(expected) &&                                              \
                      memcmp((actual).data, (expected), (actual).len) == 0,                        \
                  "expected %s, found %.*s", (expected), (int)(actual).len, (actual).data)
