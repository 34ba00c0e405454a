/* Starting the server, and looking at its answers. */
#include "tests/clients/loopback.h"

#include <check.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

extern char **environ;

struct loopback loopback;

static pid_t server;
static int server_in;
static FILE *server_out;

struct str loopback_read(const char *name)
{
    char path[160], text[8192];
    snprintf(path, sizeof path, "%s/%s", loopback.folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return str_copy_bytes(&loopback.arena, text, len);
}

/* The script beside this source. */
static void find_script(char *room, size_t size)
{
    const char *slash = strrchr(__FILE__, '/');
    int folder_len = slash ? (int)(slash + 1 - __FILE__) : 0;
    snprintf(room, size, "%.*sloopback_server.py", folder_len, __FILE__);
}

void loopback_start(void)
{
    snprintf(loopback.folder, sizeof loopback.folder, "/tmp/test_http.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(loopback.folder));
    int in[2], out[2];
    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    char script[512], python[] = "python3";
    find_script(script, sizeof script);
    char *arguments[] = { python, script, loopback.folder, NULL };
    ck_assert_int_eq(posix_spawnp(&server, "python3", &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_in = in[1];
    server_out = fdopen(out[0], "r");
    char line[128];
    int ports[4];
    ck_assert_ptr_nonnull(fgets(line, sizeof line, server_out));
    ck_assert_int_eq(sscanf(line, "%d %d %d %d", &ports[0], &ports[1], &ports[2], &ports[3]), 4);
    snprintf(loopback.plain_url, sizeof loopback.plain_url, "http://127.0.0.1:%d", ports[0]);
    snprintf(loopback.https_url, sizeof loopback.https_url, "https://127.0.0.1:%d", ports[1]);
    snprintf(loopback.h2_url, sizeof loopback.h2_url, "https://127.0.0.1:%d", ports[2]);
    snprintf(loopback.mutual_url, sizeof loopback.mutual_url, "https://127.0.0.1:%d", ports[3]);
    loopback.https_port = ports[1];
}

void loopback_stop(void)
{
    close(server_in);
    fclose(server_out);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", loopback.folder);
    ck_assert_int_eq(system(command), 0);
}

/* Blocks until the server has read a request for PATH. */
void loopback_await(const char *path)
{
    char line[256];
    while (fgets(line, sizeof line, server_out)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, path) == 0)
            return;
    }
    ck_abort_msg("the server ended");
}

void loopback_begin(void)
{
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("SSL_CERT_FILE");
    loopback.arena = arena_make(NULL);
    loopback.call = (struct call){ .arena = &loopback.arena };
    ck_assert(http_open());
    loopback.right_ca = loopback_read("right.pem");
    loopback.wrong_ca = loopback_read("wrong.pem");
}

void loopback_end(void)
{
    http_close();
    ck_assert_uint_eq(loopback.call.errors, 0);
    arena_release(&loopback.arena);
}

struct str loopback_url(const char *base, const char *path)
{
    return str_print(&loopback.arena, "%s%s", base, path);
}

bool loopback_get(const char *base, const char *path, const struct http_tls *tls)
{
    return http_send(
        &loopback.call,
        &(struct http_request){ .method = "GET", .url = loopback_url(base, path), .tls = tls },
        &loopback.reply);
}

struct str loopback_echoed(const char *path)
{
    return json_str_at(json_try_parse(&loopback.arena, loopback.reply.body), path);
}

int64_t loopback_connection(void)
{
    return json_integer_value(
        json_at(json_try_parse(&loopback.arena, loopback.reply.body), "connection"));
}

void loopback_expect(enum http_outcome outcome, const char *words)
{
    ck_assert_msg(loopback.reply.outcome == outcome, "outcome %d, %s", loopback.reply.outcome,
                  loopback.reply.failure.at ? loopback.reply.failure.at : "answered");
    ck_assert_msg(str_contains(loopback.reply.failure, words), "failure: %s",
                  loopback.reply.failure.at);
}

void loopback_expect_str(struct str found, const char *wanted)
{
    ck_assert_msg(str_is(found, wanted), "found \"%.*s\", wanted \"%s\"", STR_ARG(found), wanted);
}
