/* The plugin's process: arguments, handshake, serving, and an end that leaves nothing behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "clients/http.h"
#include "provider/dispatch.h"
#include "provider/docs.h"
#include "provider/handshake.h"
#include "provider/signals.h"
#include "provider/tls.h"

static int report(const struct call *call)
{
    for (const struct diagnostic *error = call->first; error; error = error->next)
        fprintf(stderr, "%s. %s\n", error->summary.at, error->detail.at);
    return EXIT_FAILURE;
}

/* Nothing but this line ever goes to stdout: core takes the first line for the handshake. */
static bool write_out(struct call *call, struct str text)
{
    if (fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0)
        return true;
    return fail(call, NULL, "Nobody listens", "Standard output is closed.");
}

static bool serve(struct call *call, const struct handshake *handshake, bool debug, int end,
                  int *status)
{
    struct str text = debug ? handshake_reattach(call, handshake) : handshake_line(call, handshake);
    SSL_CTX *tls = NULL;
    if (!write_out(call, text))
        return false;
    if (handshake->certificate.at && !(tls = handshake_tls(call, handshake)))
        return false;
    /* After the line, for which core waits, and after the signal handlers, for it starts a thread.
     * Never closed: a call that did not stop in time may still be using it. */
    if (!http_open())
        return fail(call, NULL, "No HTTP client", "The system gives no thread or no memory.");
    *status = grpc_serve(&(const struct grpc_server_options){
        .listener = handshake->listener,
        .tls = tls,
        .methods = dispatch_methods,
        .method_count = dispatch_method_count,
        .many_connections = debug,
        .end = end,
    });
    return true;
}

static int run(bool debug)
{
    struct handshake handshake;
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    int status = EXIT_FAILURE;
    if (!debug && !handshake_check(&call))
        return report(&call);
    log_open();
    tls_open();
    int end = signals_open(/* interrupt_ends */ debug);
    if (!handshake_open(&call, /* with_tls */ !debug, &handshake))
        return report(&call);
    if (!serve(&call, &handshake, debug, end, &status))
        report(&call);
    handshake_close(&handshake);
    return status;
}

static int write_docs(const char *directory)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    int status = docs_write(&call, str_of(directory)) ? EXIT_SUCCESS : report(&call);
    arena_release(&arena);
    return status;
}

static int usage(void)
{
    fputs("usage: terraform-provider-gpushare [-debug | -version | -docs DIRECTORY]\n"
          "Without an argument it is a plugin that Terraform or OpenTofu starts. With -debug it "
          "serves until\nCtrl-C and prints how to point them at it. With -docs it writes its "
          "pages.\n",
          stderr);
    return EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    const char *argument = count > 1 ? arguments[1] : "";
    if (count == 3 && (strcmp(argument, "-docs") == 0 || strcmp(argument, "--docs") == 0))
        return write_docs(arguments[2]);
    if (count > 2)
        return usage();
    if (strcmp(argument, "-version") == 0 || strcmp(argument, "--version") == 0)
        return puts("terraform-provider-gpushare " PROVIDER_VERSION) < 0;
    bool debug = strcmp(argument, "-debug") == 0 || strcmp(argument, "--debug") == 0;
    if (count == 2 && !debug)
        return usage();
    int status = run(debug);
    fflush(NULL);
    /* Not exit: a call that did not stop in time may still use what exit handlers tear down. */
    _exit(status);
}
