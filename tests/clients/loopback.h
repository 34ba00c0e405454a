/* The server of loopback_server.py, and what all tests of HTTP do with it. */
#pragma once

#include "clients/http.h"

extern struct loopback {
    char folder[64]; /* with the certificates */
    char plain_url[64], https_url[64], h2_url[64], mutual_url[64];
    int https_port;
    /* Anew for each test. */
    struct arena arena;
    struct call call;
    struct http_reply reply;
    struct str right_ca, wrong_ca;
} loopback;

/* Unchecked fixture: one server for all tests of a program. */
void loopback_start(void);
void loopback_stop(void);
/* Checked fixture: an open loop, and no proxy from the environment. */
void loopback_begin(void);
void loopback_end(void);

/* Blocks until the server has read a request for PATH. */
void loopback_await(const char *path);

/* The file NAME of the server's folder. */
struct str loopback_read(const char *name);
struct str loopback_url(const char *base, const char *path);
/* A GET into loopback.reply. */
bool loopback_get(const char *base, const char *path, const struct http_tls *tls);

/* What the server saw, by a path into its echo ("headers.host"). */
struct str loopback_echoed(const char *path);
/* The number of the connection that the answer came over. */
int64_t loopback_connection(void);

void loopback_expect(enum http_outcome outcome, const char *words);
void loopback_expect_str(struct str found, const char *wanted);
