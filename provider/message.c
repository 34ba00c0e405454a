/* A walk over the wire format before protobuf-c sees it, and protobuf-c's memory held to a cap. */
#include "provider/message.h"

#include "base/encoding.h"

/* Takes a varint off BYTES. */
static bool take_varint(struct str *bytes, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 10 && i < bytes->len; i++) {
        unsigned char byte = (unsigned char)bytes->at[i];
        number |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (!(byte & 0x80)) {
            *bytes = str_slice(*bytes, i + 1, bytes->len);
            *out = number;
            return true;
        }
    }
    return false;
}

struct wire_field {
    uint64_t number;
    unsigned wire_type;
    struct str payload; /* of a length-delimited field */
};

/* Takes one field off BYTES; groups, which proto3 has not, count as malformed. */
static bool take_field(struct str *bytes, struct wire_field *field)
{
    uint64_t tag, length = 0;
    if (!take_varint(bytes, &tag))
        return false;
    field->number = tag >> 3;
    field->wire_type = tag & 7;
    switch (field->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return field->number != 0 && take_varint(bytes, &length);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        length = 8;
        break;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        length = 4;
        break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!take_varint(bytes, &length))
            return false;
        break;
    default:
        return false;
    }
    if (field->number == 0 || length > bytes->len)
        return false;
    field->payload = str_slice(*bytes, 0, length);
    *bytes = str_slice(*bytes, length, bytes->len);
    return true;
}

static bool refuse(struct call *call, const char *detail, const char *name)
{
    return fail(call, NULL, "Malformed request",
                "The message %s that Terraform sent %s. This points at a broken connection or an "
                "incompatible version of Terraform.",
                name, detail);
}

static bool check(struct call *call, const ProtobufCMessageDescriptor *descriptor, struct str bytes,
                  unsigned depth)
{
    if (depth > MESSAGE_DEPTH_LIMIT)
        return refuse(call, "nests too deep", descriptor->name);
    while (bytes.len) {
        struct wire_field wire;
        if (!take_field(&bytes, &wire))
            return refuse(call, "is not a protobuf message", descriptor->name);
        if (wire.wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || wire.number > UINT32_MAX)
            continue;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(descriptor, (unsigned)wire.number);
        if (!field)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING && !utf8_is_valid(wire.payload))
            return refuse(call, "holds a string that is not UTF-8", descriptor->name);
        if (field->type == PROTOBUF_C_TYPE_STRING && str_has(wire.payload, '\0'))
            return refuse(call, "holds a string with a zero byte", descriptor->name);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !check(call, field->descriptor, wire.payload, depth + 1))
            return false;
    }
    return true;
}

struct capped_memory {
    struct arena *arena;
    size_t left;
    bool exhausted;
};

static void *capped_alloc(void *data, size_t size)
{
    struct capped_memory *memory = data;
    void *at = size <= memory->left ? arena_try_alloc(memory->arena, size) : NULL;
    if (!at) {
        memory->exhausted = true;
        return NULL;
    }
    memory->left -= size;
    return at;
}

static void keep(void *data, void *at)
{
    (void)data;
    (void)at;
}

static size_t unpacked_limit(size_t len)
{
    return len < (MESSAGE_UNPACKED_LIMIT - MESSAGE_UNPACKED_FLOOR) / MESSAGE_UNPACKED_FACTOR
               ? MESSAGE_UNPACKED_FLOOR + len * MESSAGE_UNPACKED_FACTOR
               : MESSAGE_UNPACKED_LIMIT;
}

void *message_unpack(struct call *call, const ProtobufCMessageDescriptor *descriptor,
                     struct str bytes)
{
    if (!check(call, descriptor, bytes, /* depth */ 1))
        return NULL;
    struct capped_memory memory = { .arena = call->arena, .left = unpacked_limit(bytes.len) };
    ProtobufCAllocator allocator = { capped_alloc, keep, &memory };
    void *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.len,
                                              (const uint8_t *)(bytes.at ? bytes.at : ""));
    if (message)
        return message;
    refuse(call, memory.exhausted ? "unpacks to too much memory" : "is not a protobuf message",
           descriptor->name);
    return NULL;
}

struct str message_pack(struct call *call, const void *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    if (len > BUF_LIMIT) {
        fail(call, NULL, "Answer too large",
             "The answer takes %zu bytes, more than the %zu that may be sent at once.", len,
             BUF_LIMIT);
        return (struct str){ 0 };
    }
    uint8_t *bytes = arena_alloc(call->arena, len + 1);
    protobuf_c_message_pack(message, bytes);
    return (struct str){ (const char *)bytes, len };
}
