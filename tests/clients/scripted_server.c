/* A queue of answers and a list of requests. */
#include "tests/clients/scripted_server.h"

#include <check.h>
#include <string.h>

#define LIMIT 64

struct answer {
    enum http_outcome outcome;
    int status;
    const char *body;
    struct http_header header;
    bool maybe_sent;
};

static struct arena kept;
static struct answer answers[LIMIT];
static const char *requests[LIMIT];
static size_t queued, served;
static void (*on_request)(void);

static const char *print_request(const struct http_request *request)
{
    struct buf out = buf_make(&kept, BUF_LIMIT);
    buf_print(&out, "%s %.*s\n", request->method, STR_ARG(request->url));
    for (size_t i = 0; i < request->header_count; i++)
        buf_print(&out, "%s: %.*s\n", request->headers[i].name, STR_ARG(request->headers[i].value));
    buf_print(&out, "\n%.*s", STR_ARG(request->body));
    return buf_str(&out).at;
}

static bool answer_next(struct call *call, const struct http_request *request,
                        struct http_reply *reply)
{
    ck_assert_msg(served < queued, "no answer is queued for %s", print_request(request));
    const struct answer *answer = &answers[served];
    requests[served++] = print_request(request);
    if (on_request)
        on_request();
    *reply = (struct http_reply){ .outcome = answer->outcome,
                                  .status = answer->status,
                                  .maybe_sent = answer->maybe_sent };
    if (answer->outcome != HTTP_ANSWERED) {
        reply->failure = STR("api.test: nobody answers.");
        return false;
    }
    reply->body = str_copy(call->arena, str_of(answer->body));
    reply->headers = ARENA_NEW_ARRAY(call->arena, struct http_header, 1);
    reply->headers[0] = answer->header;
    reply->header_count = answer->header.name != NULL;
    return true;
}

void scripted_open(void)
{
    kept = arena_make(NULL);
    queued = served = 0;
    on_request = NULL;
    http_replace(answer_next);
}

void scripted_close(void)
{
    http_replace(NULL);
    arena_release(&kept);
    ck_assert_uint_eq(served, queued);
}

static void queue(struct answer answer)
{
    ck_assert_uint_lt(queued, LIMIT);
    answers[queued++] = answer;
}

void scripted_answer(int status, const char *body, const char *header, const char *value)
{
    queue((struct answer){ .outcome = HTTP_ANSWERED,
                           .status = status,
                           .body = body,
                           .header = { header, str_of(value) },
                           .maybe_sent = true });
}

void scripted_silence(enum http_outcome outcome, bool maybe_sent)
{
    queue((struct answer){ .outcome = outcome, .maybe_sent = maybe_sent });
}

void scripted_on_request(void (*run)(void))
{
    on_request = run;
}

size_t scripted_count(void)
{
    return served;
}

const char *scripted_request(size_t index)
{
    ck_assert_uint_lt(index, served);
    return requests[index];
}
