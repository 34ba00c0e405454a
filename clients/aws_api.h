/* One signed call of a REST-JSON service, with retries; what its failure means is the caller's. */
#pragma once

#include "base/json.h"
#include "clients/aws_endpoint.h"

/* A configuration together with the region that is meant. */
struct aws_client {
    const struct aws_config *config;
    struct str region;
    const char *user_agent; /* "terraform-provider-gpushare/1.0"; may be NULL */
};

/* A client for REGION (at == NULL: the configuration's).  False with an error added where there is
 * no region, or it is none. */
MUST_CHECK bool aws_client_make(struct call *call, const struct path *at,
                                const struct aws_config *config, struct str region,
                                struct aws_client *out);

struct aws_operation {
    enum aws_service service;
    const char *action; /* as IAM names it: "eks:CreateNodegroup" */
    const char *method;
    struct str path;                 /* as sent, percent-encoded */
    const struct http_header *query; /* names and values not encoded; a name may be repeated */
    size_t query_count;
    const json_t
        *body;    /* NULL: none; sent unchanged by every attempt, clientRequestToken included */
    bool polling; /* one of many in a wait: tried more often */
};

enum aws_failure {
    AWS_ANSWERED,       /* status, code and message are there */
    AWS_NO_CREDENTIALS, /* nothing was sent; PROBLEM says why */
    AWS_NO_ENDPOINT,    /* likewise */
    AWS_NO_ANSWER,      /* HTTP.failure says why */
};

struct aws_reply {
    enum aws_failure failure;
    int status;
    struct str code;    /* "ResourceInUseException"; empty where the answer has none */
    struct str message; /* AWS's; of an answer that is no JSON its first line, cut */
    struct str request_id;
    json_t *body; /* NULL where the answer is empty or no JSON */
    struct http_reply http;
    struct aws_problem problem;
    struct aws_endpoint endpoint;
    struct str credentials_source;
    struct str region;
    const char *action;
    unsigned attempts;
};

/* Sends OPERATION, again where that may help, and fills *REPLY.  True where AWS answered 2xx;
 * false, without a diagnostic, otherwise: the caller decides, or calls `aws_fail`. */
bool aws_send(struct call *call, const struct aws_client *client,
              const struct aws_operation *operation, struct aws_reply *reply);

/* Adds the error that REPLY tells of, at AT.  DOING is what was wanted ("creating the node group
 * gpu"). Returns false. */
bool aws_fail(struct call *call, const struct path *at, const char *doing,
              const struct aws_reply *reply);

/* Whether AWS answered with error CODE; "ResourceInUse" matches "ResourceInUseException" too. */
bool aws_reply_is(const struct aws_reply *reply, const char *code);

/* Our clock, corrected by what AWS's answers said. */
int64_t aws_clock_ms(const struct aws_config *config);
