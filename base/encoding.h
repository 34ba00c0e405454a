/* Base64, hex, percent-encoding, UTF-8, SHA-256 and random identifiers. */
#pragma once

#include "base/call.h"

/* Standard base64 with padding. */
struct str base64_encode(struct arena *arena, struct str bytes);
/* The standard alphabet without padding, as go-plugin's handshake wants it. */
struct str base64_encode_raw(struct arena *arena, struct str bytes);
/* The URL-safe alphabet without padding. */
struct str base64url_encode(struct arena *arena, struct str bytes);
/* Decodes standard base64, padding optional, blanks and line ends skipped; at == NULL where TEXT is
 * not base64. */
struct str base64_decode(struct arena *arena, struct str text);

/* Lower-case hex. */
struct str hex_encode(struct arena *arena, struct str bytes);

/* RFC 3986: everything but letters, digits and -_.~ becomes %XX in upper case; '/' stays where
 * KEEP_SLASH. */
struct str percent_encode(struct arena *arena, struct str text, bool keep_slash);

/* The length of the well-formed UTF-8 sequence that S begins with (Unicode, table 3-7), or 0. */
size_t utf8_length(struct str s);
/* Whether the whole of S is well-formed. */
bool utf8_is_valid(struct str s);

/* The 32 bytes of SHA-256(bytes), and of HMAC-SHA-256(key, bytes). */
void sha256(struct str bytes, unsigned char out[32]);
void hmac_sha256(struct str key, struct str bytes, unsigned char out[32]);
/* SHA-256 as lower-case hex. */
struct str sha256_hex(struct arena *arena, struct str bytes);

/* A random UUID (version 4). */
struct str uuid_random(struct arena *arena);
/* A UUID-shaped name of BYTES: the same bytes give the same name (for idempotency tokens). */
struct str uuid_of(struct arena *arena, struct str bytes);
