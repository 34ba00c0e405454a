/* Encodings and hashes: nothing here can fail but for memory. */
#include "base/encoding.h"

/* The SHA256_ functions neither allocate nor look up providers, which the EVP interface does, so
 * they cannot fail; OpenSSL 3 marks them as deprecated unless told which version is meant. */
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHA256_BLOCK_BYTES 64

static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static struct str encode64(struct arena *arena, struct str bytes, const char *alphabet, bool pad)
{
    char *text = arena_array(arena, bytes.len / 3 + 2, 4);
    const unsigned char *in = (const unsigned char *)bytes.at;
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned group = (unsigned)in[i] << 16;
        group |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned)in[i + 2] : 0;
        text[len++] = alphabet[group >> 18];
        text[len++] = alphabet[group >> 12 & 63];
        if (left > 1 || pad)
            text[len++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
        if (left > 2 || pad)
            text[len++] = left > 2 ? alphabet[group & 63] : '=';
    }
    return (struct str){ text, len };
}

struct str base64_encode(struct arena *arena, struct str bytes)
{
    return encode64(arena, bytes, standard_alphabet, /* pad */ true);
}

struct str base64_encode_raw(struct arena *arena, struct str bytes)
{
    return encode64(arena, bytes, standard_alphabet, /* pad */ false);
}

struct str base64url_encode(struct arena *arena, struct str bytes)
{
    return encode64(arena, bytes, url_alphabet, /* pad */ false);
}

static int digit64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_skipped(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str base64_decode(struct arena *arena, struct str text)
{
    const struct str not_base64 = { 0 };
    unsigned char *bytes = arena_array(arena, text.len / 4 + 1, 3);
    unsigned group = 0;
    size_t len = 0, digits = 0, pads = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_skipped(text.at[i]))
            continue;
        if (text.at[i] == '=') {
            pads++;
            continue;
        }
        int digit = digit64(text.at[i]);
        if (digit < 0 || pads)
            return not_base64;
        group = group << 6 | (unsigned)digit;
        digits++;
        /* Each digit but the first of a group completes a byte. */
        if (digits % 4 != 1)
            bytes[len++] = (unsigned char)(group >> (6 - 2 * ((digits + 3) % 4)));
    }
    if (digits % 4 == 1 || (pads && (pads > 2 || (digits + pads) % 4 != 0)))
        return not_base64;
    return (struct str){ (char *)bytes, len };
}

static void write_hex(char *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

struct str hex_encode(struct arena *arena, struct str bytes)
{
    char *text = arena_array(arena, bytes.len + 1, 2);
    write_hex(text, (const unsigned char *)bytes.at, bytes.len);
    return (struct str){ text, 2 * bytes.len };
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

struct str percent_encode(struct arena *arena, struct str text, bool keep_slash)
{
    char *out = arena_array(arena, text.len + 1, 3);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (is_unreserved(text.at[i]) || (keep_slash && byte == '/')) {
            out[len++] = text.at[i];
            continue;
        }
        out[len++] = '%';
        out[len++] = "0123456789ABCDEF"[byte >> 4];
        out[len++] = "0123456789ABCDEF"[byte & 15];
    }
    return (struct str){ out, len };
}

size_t utf8_length(struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    if (!s.len || at[0] > 0xf4 || (at[0] >= 0x80 && at[0] < 0xc2))
        return 0;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies past U+10FFFF. */
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return len;
}

bool utf8_is_valid(struct str s)
{
    while (s.len) {
        size_t len = utf8_length(s);
        if (!len)
            return false;
        s = str_slice(s, len, s.len);
    }
    return true;
}

void sha256(struct str bytes, unsigned char out[32])
{
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes.at, bytes.len);
    SHA256_Final(out, &context);
}

/* RFC 2104. */
void hmac_sha256(struct str key, struct str bytes, unsigned char out[32])
{
    unsigned char block[SHA256_BLOCK_BYTES] = { 0 };
    SHA256_CTX context;
    if (key.len > sizeof block)
        sha256(key, block);
    else if (key.len)
        memcpy(block, key.at, key.len);

    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    SHA256_Init(&context);
    SHA256_Update(&context, block, sizeof block);
    SHA256_Update(&context, bytes.at, bytes.len);
    SHA256_Final(out, &context);

    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&context);
    SHA256_Update(&context, block, sizeof block);
    SHA256_Update(&context, out, 32);
    SHA256_Final(out, &context);
}

struct str sha256_hex(struct arena *arena, struct str bytes)
{
    unsigned char hash[32];
    sha256(bytes, hash);
    return hex_encode(arena, (struct str){ (const char *)hash, sizeof hash });
}

/* RFC 9562: the version in the seventh byte, the variant in the ninth. */
static struct str print_uuid(struct arena *arena, unsigned char bytes[16], unsigned version)
{
    static const size_t part_bytes[] = { 4, 2, 2, 2, 6 };
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char *text = arena_alloc(arena, 37);
    char *at = text;
    for (size_t i = 0; i < sizeof part_bytes / sizeof *part_bytes; i++) {
        if (i)
            *at++ = '-';
        write_hex(at, bytes, part_bytes[i]);
        at += 2 * part_bytes[i];
        bytes += part_bytes[i];
    }
    return (struct str){ text, 36 };
}

struct str uuid_random(struct arena *arena)
{
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0) {
        fputs("the system has no source of random numbers\n", stderr);
        abort();
    }
    return print_uuid(arena, bytes, /* random */ 4);
}

struct str uuid_of(struct arena *arena, struct str bytes)
{
    unsigned char hash[32];
    sha256(bytes, hash);
    return print_uuid(arena, hash, /* made from a name */ 5);
}
