/* Any bytes as manifests: converted, linted and printed without a crash. */
#include "gpu/manifests.h"
#include "gpu/provisioner.h"
#include "gpu/workload_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    struct problems problems = problems_make(&arena);
    struct str text = str_copy_bytes(&arena, bytes, len);
    const struct offered_resources unknown = { NULL, 0 };
    struct provisioner provisioner;
    struct buf out = buf_make(&arena, BUF_LIMIT);
    workload_lint(&call, text, &unknown, &problems);
    provisioner_convert(&call, text, &provisioner, &problems);
    if (provisioner.node_pool)
        manifest_print(&out, provisioner.node_pool);
    if (provisioner.node_class)
        manifest_print(&out, provisioner.node_class);
    arena_release(&arena);
    return 0;
}
