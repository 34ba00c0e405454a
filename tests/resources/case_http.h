/* Canned answers instead of a network: the exchanges that a case expects, in order. */
#pragma once

#include "base/json.h"

/* Takes the place of HTTP for this process.  EXCHANGES, which stand in FOLDER, is an array of
 * objects:
 *
 *   "request"       "METHOD /path?query"; with scheme and host where they are not those of the
 *                   sandbox's EKS endpoint (/clusters, /tags) or API server (/api, /apis)
 *   "content-type"  of the request, where it is not "application/json"
 *   "authorization" "(none)" where the request carries neither a signature nor a token
 *   "body"          of the request, as JSON; "clientRequestToken" is compared as "(token)"
 *   "times"         how often the exchange happens, 1 where left out; "any": once or more
 *   "status"        of the answer, 200 where left out
 *   "headers"       of the answer, names in lower case
 *   "answer"        its body as JSON, or as it is where it is a string
 *   "failure"       instead of it: "unresolved", "unreached", "tls", "broken", "timed out"
 *
 * In an answer, an object with "$sent" is the body that was sent last, and one with "$from" what
 * that file holds, each with the members beside it merged in (tests/resources/case_file.h).
 *
 * A DescribeCluster of "sandbox" that is not expected is answered all the same. */
void case_http_begin(struct arena *arena, struct str folder, json_t *exchanges);

/* Puts HTTP back.  The exchanges as they were, but with the requests that came; *WRONG is empty
 * where all came as expected. */
json_t *case_http_end(struct str *wrong);
