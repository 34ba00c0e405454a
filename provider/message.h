/* Protobuf messages in the arena of a call: bytes that are not trusted in, our own answers out. */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "base/buf.h"
#include "base/call.h"

/* How deep messages may nest; protobuf-c recurses on a worker's stack. */
#define MESSAGE_DEPTH_LIMIT 100

/* What unpacking N bytes may take: a field of two bytes costs protobuf-c more than 80 bytes of
 * memory, so N * 16 and a constant allow for honest messages only, and never more than the limit.
 */
#define MESSAGE_UNPACKED_FACTOR 16
#define MESSAGE_UNPACKED_FLOOR ((size_t)1024 * 1024)
#define MESSAGE_UNPACKED_LIMIT ((size_t)512 * 1024 * 1024)

/* Unpacks one message of DESCRIPTOR from BYTES.  The result, a pointer to the generated struct,
 * lives in the call's arena and borrows nothing.  NULL with an error added where BYTES is not such
 * a message, nests too deep, has a string that is not UTF-8, or unpacks to more than is allowed. */
MUST_CHECK void *message_unpack(struct call *call, const ProtobufCMessageDescriptor *descriptor,
                                struct str bytes);

/* Packs MESSAGE, whose first member is its ProtobufCMessage, into the call's arena.  at == NULL
 * with an error added where it is larger than BUF_LIMIT. */
MUST_CHECK struct str message_pack(struct call *call, const void *message);
