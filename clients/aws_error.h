/* Errors of AWS: reading them from an answer, and telling them to the user. */
#pragma once

#include "clients/aws_api.h"

/* Fills code, message, request id and body of REPLY from reply->http. */
void aws_error_read(struct call *call, struct aws_reply *reply);

/* The cut-out of an answer that is no JSON: its first line, at most 200 bytes. */
struct str aws_error_excerpt(struct arena *arena, struct str text);
