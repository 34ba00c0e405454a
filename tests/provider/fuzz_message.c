/* Fuzzes the unpacking of messages: a message that packs again, or exactly one error. */
#include "provider/message.h"

#include "proto/tfplugin6.pb-c.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const ProtobufCMessageDescriptor *const descriptors[] = {
    &tfplugin6__plan_resource_change__request__descriptor,
    &tfplugin6__upgrade_resource_state__request__descriptor,
    &tfplugin6__open_ephemeral_resource__response__descriptor,
    &tfplugin6__get_provider_schema__response__descriptor,
    &tfplugin6__invoke_action__event__descriptor,
    &tfplugin6__call_function__response__descriptor,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!len)
        return 0;
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    const ProtobufCMessageDescriptor *descriptor =
        descriptors[bytes[0] % (sizeof descriptors / sizeof *descriptors)];
    void *message =
        message_unpack(&call, descriptor, (struct str){ (const char *)bytes + 1, len - 1 });
    if ((message == NULL) != (call.errors == 1))
        abort();
    if (message) {
        struct str packed = message_pack(&call, message);
        if (!packed.at || !message_unpack(&call, descriptor, packed))
            abort();
    }
    arena_release(&arena);
    return 0;
}
