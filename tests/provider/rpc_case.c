/* The surroundings of one RPC: its stream, its values and its API server. */
#include "tests/provider/rpc_case.h"

#include "clients/http.h"
#include "provider/config.h"
#include "provider/grpc_call.h"
#include "provider/message.h"
#include "resources/lifecycle.h"

#define FOR_SANITIZER __attribute__((visibility("default")))

/* Each configuration is kept until the process ends: calls may still use it. */
FOR_SANITIZER const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:config_use\n";
}

FOR_SANITIZER const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

static struct str with_quotes(struct arena *in, const char *text, char from, char to)
{
    struct str copy = str_copy(in, str_of(text));
    for (char *at = (char *)copy.at; *at; at++)
        if (*at == from)
            *at = to;
    return copy;
}

/* What is configured on this machine must not decide a case. */
static void forget_environment(void)
{
    static const char *const variables[] = {
        "AWS_REGION",           "AWS_DEFAULT_REGION",    "AWS_PROFILE", "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_EKS", "AWS_USE_FIPS_ENDPOINT", "KUBECONFIG"
    };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    setenv("HOME", "/nonexistent", 1);
}

/* Runs METHOD on a stream of its own; what it sent, in memory of TO, without the prefix of gRPC,
 * and at == NULL where it sent nothing. */
static enum grpc_status run(struct arena *to, grpc_method_fn method, struct str request,
                            struct str *sent, struct str *text)
{
    struct grpc_outbox outbox = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                                  .drained = PTHREAD_COND_INITIALIZER,
                                  .wake = -1 };
    const struct grpc_method row = { "/tfplugin6.Provider/Case", method };
    struct grpc_stream stream = { .outbox = &outbox, .method = &row, .request = request };
    forget_environment();
    grpc_call_run(&stream.task);
    ck_assert(stream.finished);
    *sent = (struct str){ 0 };
    if (stream.first) {
        ck_assert_ptr_null(stream.first->next);
        const struct str whole = { stream.first->bytes, stream.first->len };
        *sent = str_copy(to, str_slice(whole, H2_PREFIX_BYTES, whole.len));
        parcel_release(stream.first);
    }
    *text = str_copy(to, str_of(stream.status_text));
    return stream.status;
}

const void *rpc_case_run(struct call *in, grpc_method_fn method, const void *request,
                         const ProtobufCMessageDescriptor *descriptor)
{
    struct str packed = message_pack(in, request);
    struct str sent, text;
    ck_assert_ptr_nonnull(packed.at);
    ck_assert_msg(run(in->arena, method, packed, &sent, &text) == GRPC_OK, "%s", text.at);
    ck_assert_ptr_nonnull(sent.at);
    const void *answer = message_unpack(in, descriptor, sent);
    ck_assert_ptr_nonnull(answer);
    return answer;
}

enum grpc_status rpc_case_status(struct call *in, grpc_method_fn method, struct str bytes,
                                 struct str *text)
{
    struct str sent;
    enum grpc_status status = run(in->arena, method, bytes, &sent, text);
    ck_assert((status == GRPC_OK) == (sent.at != NULL));
    return status;
}

void rpc_case_refuses_malformed(struct call *in, grpc_method_fn method)
{
    /* Of field 1 five bytes are announced, and one is there. */
    struct str text;
    ck_assert_int_eq(rpc_case_status(in, method, STR("\x0a\x05t"), &text), GRPC_INTERNAL);
    ck_assert_msg(str_contains(text, "not a protobuf"), "%s", text.at);
}

void rpc_case_configure(struct call *in, const char *text)
{
    struct str json = with_quotes(in->arena, text, '\'', '"');
    const struct value *config = value_from_json(in, attr_type(in->arena, config_rows), json,
                                                 /* ignore_unknown_members */ true);
    ck_assert_ptr_nonnull(config);
    forget_environment();
    ck_assert(config_use(in, config));
}

Tfplugin6__DynamicValue *rpc_case_encode(struct arena *to, const struct type *type,
                                         const struct value *v)
{
    struct buf bytes = buf_make(to, BUF_LIMIT);
    value_to_msgpack(&bytes, type, v);
    Tfplugin6__DynamicValue *message = ARENA_NEW(to, Tfplugin6__DynamicValue);
    tfplugin6__dynamic_value__init(message);
    struct str packed = buf_str(&bytes);
    message->msgpack = (ProtobufCBinaryData){ packed.len, (uint8_t *)packed.at };
    return message;
}

const struct value *rpc_case_decode(struct call *in, const struct type *type,
                                    const Tfplugin6__DynamicValue *message)
{
    ck_assert_ptr_nonnull(message);
    ck_assert_uint_eq(message->json.len, 0);
    const struct value *v = value_from_msgpack(
        in, type, (struct str){ (const char *)message->msgpack.data, message->msgpack.len });
    ck_assert_ptr_nonnull(v);
    return v;
}

const struct attr *rpc_case_rows(void)
{
    return registry_find_resource(STR(SHARING))->rows;
}

void rpc_case_expect_identity(struct call *in, const char *type_name,
                              const Tfplugin6__ResourceIdentityData *identity, const char *text)
{
    const struct resource *resource = registry_find_resource(str_of(type_name));
    const struct type *type = lifecycle_identity_type(in->arena, resource);
    ck_assert_ptr_nonnull(identity);
    struct buf json = buf_make(in->arena, BUF_LIMIT);
    value_to_json(&json, type, rpc_case_decode(in, type, identity->identity_data));
    ck_assert_str_eq(with_quotes(in->arena, buf_str(&json).at, '"', '\'').at, text);
}

/* Written by the one thread of a test. */
static const struct rpc_case_exchange *next_exchange;

static bool send_scripted(struct call *from, const struct http_request *request,
                          struct http_reply *reply)
{
    struct str line = str_print(from->arena, "%s %.*s", request->method, STR_ARG(request->url));
    ck_assert_msg(next_exchange->request != NULL, "not expected: %s", line.at);
    ck_assert_str_eq(line.at, next_exchange->request);
    *reply = (struct http_reply){ .outcome = HTTP_ANSWERED,
                                  .status = next_exchange->status,
                                  .body = with_quotes(from->arena, next_exchange->body, '\'', '"'),
                                  .started_ms = clock_wall_ms(),
                                  .ended_ms = clock_wall_ms() };
    next_exchange++;
    return true;
}

void rpc_case_http(const struct rpc_case_exchange *exchanges)
{
    next_exchange = exchanges;
    http_replace(send_scripted);
}

void rpc_case_http_end(void)
{
    http_replace(NULL);
    ck_assert_msg(next_exchange->request == NULL, "did not come: %s", next_exchange->request);
}

struct str rpc_case_place(struct arena *in, const Tfplugin6__AttributePath *path)
{
    const struct path *last = NULL;
    for (size_t i = 0; path && i < path->n_steps; i++) {
        const Tfplugin6__AttributePath__Step *step = path->steps[i];
        struct path *made = ARENA_NEW(in, struct path);
        *made = (struct path){ .up = last };
        switch (step->selector_case) {
        case TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME:
            made->step = PATH_ATTRIBUTE;
            made->name = str_of(step->attribute_name);
            break;
        case TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING:
            made->step = PATH_KEY;
            made->name = str_of(step->element_key_string);
            break;
        case TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT:
            made->step = PATH_INDEX;
            made->index = step->element_key_int;
            break;
        default:
            ck_abort_msg("a step without selector");
        }
        last = made;
    }
    return path_print(in, last);
}
