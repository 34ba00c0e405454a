/* Tests of the lint: each rule broken once. */
#include "schema/lint.h"

#include "tests/schema/suite.h"

static const struct value *derive(struct call *c, const struct derivation *from)
{
    (void)c;
    (void)from;
    return NULL;
}

static bool derived_equal(struct call *c, struct str prior, struct str derived)
{
    (void)c;
    return str_equal(prior, derived);
}

static const struct check full_stop = { .doc = "1 to 50." };
static const struct check fine = { .doc = "1 to 50" };

static const struct attr inner_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { "fixed", &type_string, OPTIONAL, .doc = "Fixed." },
    { 0 },
};

static const struct attr replacing_rows[] = {
    { "fixed", &type_string, OPTIONAL | REPLACES, .doc = "Fixed." },
    { 0 },
};

static const struct attr nesting_rows[] = {
    { "single", NULL, .nesting = BLOCK_SINGLE, .rows = replacing_rows, .doc = "Single." },
    { 0 },
};

static const struct attr sharing_rows[] = {
    { "config", &type_string, OPTIONAL, .api = "labels[\"x/config\"]", .doc = "Config." },
    { 0 },
};

/* The complaints about ROW in a table with some fellows. */
static const char *complaints_about(struct attr row, bool is_block)
{
    const struct attr rows[] = {
        { "name", &type_string, REQUIRED, .doc = "Name." },
        { "labels", &type_string_map, OPTIONAL, .doc = "Labels." },
        { "kind", &type_string, OPTIONAL | COMPUTED, .default_json = "\"a\"", .doc = "Kind." },
        { "size", &type_number, OPTIONAL, .api = "spec.size", .doc = "Size." },
        { "client", &type_string, OPTIONAL | UNSENT, .doc = "Client." },
        row,
        { 0 },
    };
    struct buf out = buf_make(&arena, BUF_LIMIT);
    bool clean = attr_lint(&out, "thing", rows, is_block);
    ck_assert_int_eq(clean, !buf_str(&out).len);
    return buf_str(&out).at;
}

#define ROW(...) ((struct attr){ __VA_ARGS__ })
#define FINE(...) ck_assert_str_eq(complaints_about(ROW(__VA_ARGS__), false), "")
#define FINE_IN_BLOCK(...) ck_assert_str_eq(complaints_about(ROW(__VA_ARGS__), true), "")

static void assert_one_complaint(const char *complaints, const char *place, const char *words)
{
    struct str text = str_of(complaints);
    struct str start = str_print(&arena, "thing.%s: ", place);
    ck_assert_msg(str_starts(text, start.at), "found: %s", complaints);
    ck_assert_msg(str_contains(text, words), "found: %s", complaints);
    ck_assert_uint_eq(str_find(text, '\n', 0), text.len - 1);
}

#define WRONG(place, words, ...)                                                                   \
    assert_one_complaint(complaints_about(ROW(__VA_ARGS__), false), place, words)
#define WRONG_IN_BLOCK(place, words, ...)                                                          \
    assert_one_complaint(complaints_about(ROW(__VA_ARGS__), true), place, words)

#define STRING(flags) &type_string, (flags), .doc = "Row."

START_TEST(right_rows_pass)
{
    FINE("row", STRING(OPTIONAL));
    FINE("row2_b", STRING(COMPUTED | STABLE | READ_ONLY));
    FINE("row", STRING(OPTIONAL | COMPUTED | ONCE | REPLACES), .derive = derive, .check = &fine);
    FINE("row", STRING(OPTIONAL | SENSITIVE | WRITE_ONLY | UNSENT));
    FINE("row", &type_string_list, OPTIONAL | UNORDERED, .doc = "Row.", .server_default = "[]");
    FINE("row", &type_string_map, OPTIONAL, .doc = "Row.", .foreign_keys = "a/",
         .key_check = &fine);
    FINE("row", STRING(OPTIONAL), .foreign_when = "kind=b", .yields_to = "name");
    FINE("row", STRING(OPTIONAL | COMPUTED), .derived_from = "name kind");
    FINE("row", NULL, .nesting = BLOCK_SINGLE, .rows = replacing_rows, .doc = "Row.");
    FINE("row", NULL, .nesting = BLOCK_LIST, .rows = inner_rows, .key = "key fixed", .min_items = 1,
         .max_items = 50, .doc = "Row.");
    FINE("row", NULL, UNSENT, .nesting = BLOCK_MAP, .rows = inner_rows, .key_check = &fine,
         .parse = derive, .doc = "Row.");
    FINE_IN_BLOCK("count", STRING(OPTIONAL), .foreign_when = "other=word");
}
END_TEST

START_TEST(names)
{
    WRONG("Row", "snake_case", "Row", STRING(OPTIONAL));
    WRONG("rowName", "snake_case", "rowName", STRING(OPTIONAL));
    WRONG("row_", "snake_case", "row_", STRING(OPTIONAL));
    WRONG("a__b", "snake_case", "a__b", STRING(OPTIONAL));
    WRONG("2a", "snake_case", "2a", STRING(OPTIONAL));
    WRONG("count", "Terraform's own", "count", STRING(OPTIONAL));
    WRONG("client", "there twice", "client", STRING(OPTIONAL));
}
END_TEST

START_TEST(texts)
{
    WRONG("row", "doc is no text", "row", &type_string, .flags = OPTIONAL);
    WRONG("row", "doc is no text", "row", &type_string, OPTIONAL, .doc = "No stop");
    WRONG("row", "doc is no text", "row", &type_string, OPTIONAL, .doc = "Two\nlines.");
    WRONG("row", "deprecated is no text", "row", STRING(OPTIONAL), .deprecated = "Use x");
    WRONG("row", "the doc of its check", "row", STRING(OPTIONAL), .check = &full_stop);
}
END_TEST

START_TEST(flags)
{
    WRONG("row", "either REQUIRED", "row", STRING(0));
    WRONG("row", "either REQUIRED", "row", STRING(REQUIRED | OPTIONAL));
    WRONG("row", "either REQUIRED", "row", STRING(REQUIRED | COMPUTED));
    WRONG("row", "STABLE", "row", STRING(OPTIONAL | STABLE));
    WRONG("row", "ONCE", "row", STRING(COMPUTED | ONCE));
    WRONG("row", "WRITE_ONLY and", "row", STRING(OPTIONAL | COMPUTED | WRITE_ONLY));
    WRONG("row", "READ_ONLY", "row", STRING(COMPUTED | READ_ONLY | UNSENT));
    WRONG("row", "READ_ONLY", "row", STRING(REQUIRED | READ_ONLY));
    WRONG("row", "UNSENT and UNREAD", "row", STRING(OPTIONAL | UNSENT | UNREAD));
    WRONG("row", "secret", "row", STRING(OPTIONAL | SENSITIVE | UNSENT));
    WRONG("row", "UNORDERED", "row", STRING(OPTIONAL | UNORDERED));
}
END_TEST

START_TEST(attributes)
{
    WRONG("row", "without a type", "row", NULL, OPTIONAL, .doc = "Row.");
    WRONG("row", "are for blocks", "row", STRING(OPTIONAL), .max_items = 1);
    WRONG("row", "are for blocks", "row", STRING(OPTIONAL), .rows = inner_rows);
    WRONG("row", "without an API path", "row", STRING(OPTIONAL), .api = "");
    WRONG("row", "key_check, but no map", "row", STRING(OPTIONAL), .key_check = &fine);
    WRONG("row", "foreign_keys, but no map", "row", STRING(OPTIONAL), .foreign_keys = "a/");
}
END_TEST

#define BLOCK(kind) NULL, .nesting = (kind), .doc = "Row."

START_TEST(blocks)
{
    WRONG("row", "a block with a type", "row", &type_string, .nesting = BLOCK_LIST,
          .rows = inner_rows, .doc = "Row.");
    WRONG("row", "a block without rows", "row", BLOCK(BLOCK_LIST));
    WRONG("row", "a flag that only", "row", BLOCK(BLOCK_LIST), .rows = inner_rows,
          .flags = OPTIONAL);
    WRONG("row", "are for attributes", "row", BLOCK(BLOCK_LIST), .rows = inner_rows,
          .check = &fine);
    WRONG("row", "key_check, but no map", "row", BLOCK(BLOCK_LIST), .rows = inner_rows,
          .key_check = &fine);
    WRONG("row", "without an API path", "row", BLOCK(BLOCK_LIST), .rows = inner_rows, .api = "");
    WRONG("row", "with parse", "row", BLOCK(BLOCK_LIST), .rows = inner_rows, .parse = derive);
    WRONG("row", "a level of its own", "row", BLOCK(BLOCK_SINGLE), .rows = inner_rows,
          .present = "labels[\"x\"]");
    WRONG("row", "key, but no LIST", "row", BLOCK(BLOCK_MAP), .rows = inner_rows, .key = "key");
    WRONG("row", "a member of its key", "row", BLOCK(BLOCK_LIST), .rows = inner_rows,
          .key = "key other");
}
END_TEST

START_TEST(block_counts)
{
    WRONG("row", "do not fit", "row", BLOCK(BLOCK_SINGLE), .rows = inner_rows, .max_items = 1);
    WRONG("row", "do not fit", "row", BLOCK(BLOCK_SINGLE), .rows = inner_rows, .min_items = 2,
          .max_items = 2);
    WRONG("row", "do not fit", "row", BLOCK(BLOCK_MAP), .rows = inner_rows, .max_items = 1);
    WRONG("row", "do not fit", "row", BLOCK(BLOCK_LIST), .rows = inner_rows, .min_items = 2,
          .max_items = 1);
    WRONG("row", "do not fit", "row", BLOCK(BLOCK_LIST), .rows = inner_rows, .min_items = -1);
}
END_TEST

START_TEST(defaults)
{
    WRONG("row", "without OPTIONAL | COMPUTED", "row", STRING(OPTIONAL), .default_json = "\"a\"");
    WRONG("row", "no value of its type", "row", STRING(OPTIONAL | COMPUTED), .default_json = "a");
    WRONG("row", "no value of its type", "row", STRING(OPTIONAL | COMPUTED), .default_json = "{}");
    WRONG("row", "no value of its type", "row", STRING(OPTIONAL | COMPUTED),
          .default_json = "null");
    WRONG("row", "both a default", "row", STRING(OPTIONAL | COMPUTED), .default_json = "\"a\"",
          .derive = derive);
    WRONG("row", "server_default", "row", STRING(OPTIONAL), .server_default = "720h");
}
END_TEST

START_TEST(derivations)
{
    WRONG("row", "a derivation without", "row", STRING(OPTIONAL), .derive = derive);
    WRONG("row", "derived_equal", "row", STRING(COMPUTED), .derived_equal = derived_equal);
    WRONG("row", "derived_from names", "row", STRING(COMPUTED), .derived_from = "name other");
    WRONG("row", "derived_from names", "row", STRING(COMPUTED), .derived_from = "row");
    WRONG_IN_BLOCK("row", "root rows only", "row", STRING(COMPUTED), .derive = derive);
    WRONG_IN_BLOCK("row", "root rows only", "row", STRING(OPTIONAL), .parse = derive);
}
END_TEST

START_TEST(relations)
{
    WRONG("row", "yields_to", "row", STRING(OPTIONAL), .yields_to = "other");
    WRONG("row", "no root attribute", "row", STRING(OPTIONAL), .foreign_when = "other=a");
    WRONG("row", "no root attribute", "row", STRING(OPTIONAL), .foreign_when = "size=1");
    WRONG("row", "has no word", "row", STRING(OPTIONAL), .foreign_when = "kind");
    WRONG("row.fixed", "REPLACES inside", "row", BLOCK(BLOCK_LIST), .rows = replacing_rows);
    WRONG("row.fixed", "REPLACES inside", "row", BLOCK(BLOCK_MAP), .rows = replacing_rows);
    WRONG("row.single.fixed", "REPLACES inside", "row", BLOCK(BLOCK_LIST), .rows = nesting_rows);
}
END_TEST

START_TEST(paths)
{
    WRONG("row", "another row's too", "row", STRING(OPTIONAL), .api = "spec.size");
    WRONG("row", "another row's too", "row", STRING(OPTIONAL), .api = "kind");
    WRONG("row", "inside another row's", "row", STRING(OPTIONAL), .api = "spec.size.x");
    WRONG("row", "inside another row's", "row", STRING(OPTIONAL), .api = "labels[\"x\"]");
    WRONG("size", "inside another row's", "row", STRING(OPTIONAL), .api = "spec");
    FINE("row", STRING(OPTIONAL), .api = "spec.sizes");
    FINE("row", STRING(OPTIONAL | UNSENT), .api = "spec.size");
    FINE("row", STRING(COMPUTED | READ_ONLY), .api = "spec.size");
    FINE("row", BLOCK(BLOCK_SINGLE), .rows = inner_rows, .api = "spec");
    FINE("row", BLOCK(BLOCK_SINGLE), .rows = sharing_rows, .api = "",
         .present = "labels[\"x/present\"]");
    WRONG("row", "inside another row's", "row", BLOCK(BLOCK_SINGLE), .rows = sharing_rows,
          .api = "", .present = "kind[\"x/present\"]");
    WRONG("config", "another row's too", "row", BLOCK(BLOCK_SINGLE), .rows = sharing_rows,
          .api = "", .present = "labels[\"x/config\"]");
}
END_TEST

START_TEST(every_mistake_is_told)
{
    const char *complaints = complaints_about(ROW("Row", .flags = STABLE), false);
    unsigned lines = 0;
    for (const char *at = complaints; *at; at++)
        lines += *at == '\n';
    ck_assert_msg(lines == 5, "found: %s", complaints);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        right_rows_pass, names,    texts,       flags,     attributes, blocks,
        block_counts,    defaults, derivations, relations, paths,      every_mistake_is_told,
    };
    return RUN_SUITE("lint", tests);
}
