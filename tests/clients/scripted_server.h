/* A server in place of HTTP for tests: answers are queued, requests are kept as text. */
#pragma once

#include "clients/http.h"

/* Takes the place of `http_send`, with an empty queue. */
void scripted_open(void);
/* Puts `http_send` back; fails the test where answers are left over. */
void scripted_close(void);

/* Queues an answer with one header (NULL: none). */
void scripted_answer(int status, const char *body, const char *header, const char *value);
/* Queues a missing answer. */
void scripted_silence(enum http_outcome outcome, bool maybe_sent);
/* Called at each request, before its answer. */
void scripted_on_request(void (*run)(void));

/* How many requests came. */
size_t scripted_count(void);
/* Request INDEX as "METHOD URL\nname: value\n...\n\nbody". */
const char *scripted_request(size_t index);
