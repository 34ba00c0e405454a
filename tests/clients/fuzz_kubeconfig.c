/* Fuzzes the kubeconfig reader: an endpoint or exactly one error, and never localhost by itself. */
#include "clients/kubeconfig.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    struct kubernetes_endpoint endpoint;
    int fd = memfd_create("kubeconfig", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        abort();
    struct kubernetes_settings settings = {
        .config_path = str_print(&arena, "/proc/self/fd/%d", fd),
    };
    bool is_read = kubeconfig_read(&call, &settings, &endpoint);
    if (is_read != (call.errors == 0) || call.errors > 1)
        abort();
    if (is_read && endpoint.server.len <= sizeof "http://" - 1)
        abort();
    (void)close(fd);
    arena_release(&arena);
    return 0;
}
