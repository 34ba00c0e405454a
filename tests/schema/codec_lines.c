/* Puts values of another implementation through our codecs.
 *
 * Reads lines {"type":..., "msgpack": hex, "json": value or null} on stdin, decodes and encodes
 * each with our codecs, and prints lines {"type":..., "a": the given hex, "b": ours} for a judge:
 * one from msgpack, one from JSON where there is one, and one from JSON made by us.  Exits with 1
 * at the first value that we refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "schema/codec.h"
#include "schema/json_text.h"

struct line {
    struct str type;
    struct str msgpack;
    struct str json;
};

static bool read_member(struct json_text *text, struct line *out)
{
    struct str name;
    if (!json_text_name(text, NULL, &name))
        return false;
    json_text_peek(text);
    size_t from = text->at;
    if (!json_text_skip(text, NULL, 4096))
        return false;
    struct str value = str_slice(text->text, from, text->at);
    if (str_is(name, "type"))
        out->type = value;
    else if (str_is(name, "msgpack"))
        out->msgpack = str_slice(value, 1, value.len - 1);
    else if (str_is(name, "json") && !str_is(value, "null"))
        out->json = value;
    return true;
}

static bool read_line(struct call *call, struct str bytes, struct line *out)
{
    struct json_text text = { .call = call, .text = bytes, .what = "the line" };
    bool more;
    *out = (struct line){ 0 };
    if (!json_text_expect(&text, NULL, "{"))
        return false;
    for (bool first = true;; first = false) {
        if (!json_text_next(&text, NULL, "}", first, &more))
            return false;
        if (!more)
            return out->type.at && out->msgpack.at;
        if (!read_member(&text, out))
            return false;
    }
}

static struct str from_hex(struct arena *arena, struct str hex)
{
    char *bytes = arena_alloc(arena, hex.len / 2 + 1);
    for (size_t i = 0; i < hex.len / 2; i++) {
        const char pair[3] = { hex.at[2 * i], hex.at[2 * i + 1], '\0' };
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    return (struct str){ bytes, hex.len / 2 };
}

static void print_pair(struct arena *arena, const struct line *line, const struct type *type,
                       const struct value *v)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    value_to_msgpack(&out, type, v);
    struct str hex = hex_encode(arena, buf_str(&out));
    printf("{\"type\":%.*s,\"a\":\"%.*s\",\"b\":\"%.*s\"}\n", STR_ARG(line->type),
           STR_ARG(line->msgpack), STR_ARG(hex));
}

static bool pass(struct call *call, struct str bytes)
{
    struct line line;
    if (!read_line(call, bytes, &line))
        return false;
    const struct type *type = type_parse(call, line.type);
    if (!type)
        return false;
    const struct value *v = value_from_msgpack(call, type, from_hex(call->arena, line.msgpack));
    if (!v)
        return false;
    print_pair(call->arena, &line, type, v);
    if (!line.json.at)
        return true;
    const struct value *given = value_from_json(call, type, line.json, false);
    if (!given)
        return false;
    print_pair(call->arena, &line, type, given);
    struct buf json = buf_make(call->arena, BUF_LIMIT);
    value_to_json(&json, type, v);
    const struct value *ours = value_from_json(call, type, buf_str(&json), false);
    if (!ours)
        return false;
    print_pair(call->arena, &line, type, ours);
    return true;
}

int main(void)
{
    char *bytes = NULL;
    size_t room = 0;
    ssize_t len;
    bool passed = true;
    for (unsigned long number = 1; passed && (len = getline(&bytes, &room, stdin)) > 0; number++) {
        struct arena arena = arena_make(NULL);
        struct call call = { .arena = &arena };
        passed = pass(&call, (struct str){ bytes, (size_t)len });
        if (!passed)
            fprintf(stderr, "line %lu: %s\n", number,
                    call.first ? call.first->detail.at : "type or msgpack is missing");
        arena_release(&arena);
    }
    free(bytes);
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
