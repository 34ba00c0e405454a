/* A connection over a socket pair: bytes plain and through TLS, full sockets, and peers that go. */
#include "provider/connection.h"

#include "provider/tls.h"
#include "tests/provider/certificates.h"
#include "tests/provider/client.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct connection *connection;
static int peer;
static size_t answer_len;
static int requests, closed;

static const void *find(void *context, struct str path)
{
    (void)path;
    return context;
}

/* Answers answer_len bytes. */
static void on_request(void *context, struct h2_stream *stream, const void *method,
                       struct str message)
{
    (void)context;
    (void)method;
    (void)message;
    requests++;
    struct parcel *parcel = parcel_make(answer_len + 5);
    const unsigned char prefix[] = { 0, (unsigned char)(answer_len >> 24),
                                     (unsigned char)(answer_len >> 16),
                                     (unsigned char)(answer_len >> 8), (unsigned char)answer_len };
    parcel_add(parcel, prefix, sizeof prefix);
    memset(parcel->bytes + 5, 'a', answer_len);
    parcel->len += answer_len;
    h2_send(stream, parcel);
    h2_finish(stream, GRPC_OK, NULL);
}

static void on_sent(void *context, struct h2_stream *stream, size_t len)
{
    (void)context;
    (void)stream;
    (void)len;
}

static void on_closed(void *context, struct h2_stream *stream)
{
    (void)context;
    (void)stream;
    closed++;
}

static const struct h2_events events = { &requests, find, on_request, on_sent, on_closed };

static void open_pair(SSL_CTX *tls)
{
    int fds[2];
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    peer = fds[1];
    connection = connection_open(fds[0], tls, &events);
    ck_assert_ptr_nonnull(connection);
    ck_assert_int_eq(connection_fd(connection), fds[0]);
}

/* Works until the connection is over. */
static void *work(void *unused)
{
    bool alive = true;
    while (alive) {
        struct pollfd polled = { connection_fd(connection), connection_wants(connection), 0 };
        poll(&polled, 1, connection_is_ready(connection) ? 0 : -1);
        alive = connection_work(connection, connection_is_ready(connection) ||
                                                polled.revents & (POLLIN | POLLHUP));
    }
    connection_close(connection);
    return unused;
}

START_TEST(plain_answers_of_any_size)
{
    static const size_t sizes[] = { 0, 1, 16384, 3000000 };
    struct client client;
    pthread_t thread;
    answer_len = sizes[_i];
    open_pair(NULL);
    client_open(&client);
    pthread_create(&thread, NULL, work, NULL);
    struct reply *reply = client_call(&client, "/x/Y", "q", 1);
    ck_assert(client_run(&client, peer, reply));
    ck_assert_uint_eq(reply->len, answer_len + 5);
    ck_assert_int_eq(reply->grpc_status, GRPC_OK);
    client_close(&client);
    close(peer);
    pthread_join(thread, NULL);
    ck_assert_int_eq(closed, 1);
}
END_TEST

START_TEST(full_socket_is_waited_for)
{
    struct client client;
    answer_len = 3000000;
    open_pair(NULL);
    client_open(&client);
    nghttp2_submit_window_update(client.session, 0, 0, 8 << 20);
    nghttp2_session_set_local_window_size(client.session, 0, 0, 8 << 20);
    const nghttp2_settings_entry window = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 8 << 20 };
    nghttp2_submit_settings(client.session, 0, &window, 1);
    client_call(&client, "/x/Y", "q", 1);
    const uint8_t *bytes;
    ssize_t len;
    while ((len = nghttp2_session_mem_send(client.session, &bytes)) > 0)
        ck_assert_int_eq(send(peer, bytes, (size_t)len, 0), len);
    ck_assert(connection_work(connection, /* readable */ true));
    ck_assert(!connection_is_flushed(connection));
    ck_assert_int_eq(connection_wants(connection), POLLIN | POLLOUT);
    ck_assert_int_eq(requests, 1);
    connection_close(connection);
    ck_assert_int_eq(closed, 1);
    client_close(&client);
    close(peer);
}
END_TEST

START_TEST(peer_that_goes)
{
    open_pair(NULL);
    ck_assert(connection_work(connection, /* readable */ false));
    ck_assert(connection_is_flushed(connection));
    close(peer);
    ck_assert(!connection_work(connection, /* readable */ true));
    connection_close(connection);
}
END_TEST

START_TEST(nothing_to_read_is_no_end)
{
    open_pair(NULL);
    ck_assert(connection_work(connection, /* readable */ true));
    ck_assert_int_eq(connection_wants(connection), POLLIN);
    ck_assert_ptr_nonnull(connection_h2(connection));
    connection_close(connection);
    close(peer);
}
END_TEST

START_TEST(garbage_is_answered_and_ended)
{
    open_pair(NULL);
    ck_assert_int_eq(send(peer, "GET / HTTP/1.1\r\n\r\n0123456789", 28, 0), 28);
    ck_assert(!connection_work(connection, /* readable */ true));
    connection_close(connection);
    close(peer);
}
END_TEST

/* The client's side of TLS on PEER: SETTINGS and one request, then the first bytes of the answer.
 */
static size_t talk_tls(SSL_CTX *context, char *out, size_t size)
{
    struct client client;
    SSL *ssl = SSL_new(context);
    size_t got = 0;
    SSL_set_fd(ssl, peer);
    client_open(&client);
    if (SSL_connect(ssl) == 1) {
        const uint8_t *bytes;
        ssize_t len;
        client_call(&client, "/x/Y", "q", 1);
        while ((len = nghttp2_session_mem_send(client.session, &bytes)) > 0)
            if (SSL_write(ssl, bytes, (int)len) <= 0)
                break;
        for (int n; got < size && (n = SSL_read(ssl, out + got, (int)(size - got))) > 0;)
            got += (size_t)n;
        SSL_shutdown(ssl);
    }
    client_close(&client);
    SSL_free(ssl);
    close(peer);
    return got;
}

static size_t run_tls(bool right_client, char *out, size_t size)
{
    struct arena arena = arena_make(NULL);
    EVP_PKEY *key;
    X509 *certificate;
    pthread_t thread;
    tls_open();
    struct str der = tls_make_certificate(&arena, &key);
    const unsigned char *at = (const unsigned char *)der.at;
    certificate = d2i_X509(NULL, &at, (long)der.len);
    ck_assert_ptr_nonnull(certificate);
    struct identity core = identity_make(&arena), stranger = identity_make(&arena);
    SSL_CTX *server = tls_make_context(key, der, core.pem);
    SSL_CTX *client =
        identity_client(right_client ? &core : &stranger, certificate, TLS1_3_VERSION, "h2");
    answer_len = 1000000;
    open_pair(server);
    pthread_create(&thread, NULL, work, NULL);
    size_t got = talk_tls(client, out, size);
    pthread_join(thread, NULL);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    identity_free(&core);
    identity_free(&stranger);
    X509_free(certificate);
    EVP_PKEY_free(key);
    arena_release(&arena);
    return got;
}

START_TEST(answers_through_tls)
{
    /* What fits the client's windows: more than several TLS records. */
    static char out[60000];
    ck_assert_uint_eq(run_tls(true, out, sizeof out), sizeof out);
    ck_assert_int_eq(out[3], NGHTTP2_SETTINGS);
    ck_assert_int_eq(requests, 1);
}
END_TEST

START_TEST(stranger_gets_nothing)
{
    static char out[100];
    ck_assert_uint_eq(run_tls(false, out, sizeof out), 0);
    ck_assert_int_eq(requests, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("connection");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, plain_answers_of_any_size, 0, 4);
    tcase_add_test(tests, full_socket_is_waited_for);
    tcase_add_test(tests, peer_that_goes);
    tcase_add_test(tests, nothing_to_read_is_no_end);
    tcase_add_test(tests, garbage_is_answered_and_ended);
    tcase_add_test(tests, answers_through_tls);
    tcase_add_test(tests, stranger_gets_nothing);
    Suite *suite = suite_create("connection");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
