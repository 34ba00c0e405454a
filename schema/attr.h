/* The table every resource is written in: one row says everything about one attribute or block.
 *
 * From the rows are computed, and never written by hand: the protocol schema (schema/emit.h), the
 * checks of a configuration (schema/check.h), the plan (schema/plan.h), the request body
 * (schema/encode.h), the state from an answer (schema/decode.h) and the page under docs/
 * (schema/page.h).  An attribute's name stands in one place. */
#pragma once

#include <jansson.h>

#include "schema/value.h"

enum attr_flag {
    REQUIRED = 1 << 0,
    OPTIONAL = 1 << 1,
    COMPUTED = 1 << 2,   /* the provider may choose it where the configuration is null */
    SENSITIVE = 1 << 3,  /* never in logs or messages */
    WRITE_ONLY = 1 << 4, /* in the configuration only, never in state */
    /* A change destroys and creates anew; of a SINGLE block: when it comes or goes, while a change
     * inside it follows the rows inside. */
    REPLACES = 1 << 5,
    STABLE = 1 << 6,     /* once known it stays: an update plans the prior value */
    UNSENT = 1 << 7,     /* for us alone: in no request, read from no answer */
    UNREAD = 1 << 8,     /* sent, but never returned: state keeps what was planned */
    READ_ONLY = 1 << 9,  /* read from answers, in no request */
    ONCE = 1 << 10,      /* `derive` runs only where there is no prior value */
    UNORDERED = 1 << 11, /* a list whose order means nothing: Read restores the prior order */
    ATOMIC = 1 << 12, /* a map that the API owns as one value: once a key of it is ours, all are */
};

enum nesting {
    NOT_A_BLOCK,
    BLOCK_SINGLE, /* an object or null */
    BLOCK_LIST,   /* never null */
    BLOCK_MAP,    /* the label is the key; never null */
};

struct attr;

/* A check of one known value: adds one error at AT and returns false, or returns true.  For a
 * collection it runs on each element. */
struct check {
    bool (*run)(struct call *call, const struct check *self, const struct path *at,
                const struct value *v);
    int64_t min, max;
    const char *const *words; /* up to NULL */
    bool (*valid)(struct str s);
    const char *doc; /* ends the attribute's text: "1 to 63 characters" */
};

/* How an attribute is spelt, where one meaning has several spellings or the API has its own.  For a
 * collection it applies to each element.  NULL members do nothing. */
struct codec {
    bool (*equal)(struct str a, struct str b);                     /* the same meaning */
    json_t *(*to_api)(struct arena *arena, const struct value *v); /* NULL: leave it out */
    const struct value *(*from_api)(struct arena *arena, const json_t *json);
};

/* What a computed value may be made from. */
struct derivation {
    const void *context; /* struct context of the resources; NULL while unconfigured */
    const struct attr *row;
    const struct value *config;  /* the whole object, null in Read */
    const struct value *prior;   /* the whole object, null on create */
    const struct value *planned; /* the whole object, with what stands above this row done */
};

/* Makes the value of a computed row.  &value_unknown: known after apply.  NULL: keep the prior
 * value, or unknown where there is none.  Adds no error. */
typedef const struct value *(*derive_fn)(struct call *call, const struct derivation *from);

/* Makes the value of a row whose form in the API is another row's (a document's text), or corrects
 * what was decoded for its own row: called once the other rows are decoded, with FROM->planned the
 * decoded object and FROM->prior the state before, null on import.  NULL: an error was added. */
typedef const struct value *(*parse_fn)(struct call *call, const struct derivation *from);

/* How an update call wants a member of the body (see resources/eks_object.h). */
enum update_form {
    FORM_WHOLE,     /* the member as in create */
    FORM_MAP_DELTA, /* {addOrUpdateX: {}, removeX: []} */
    FORM_SET_DELTA, /* {addOrUpdateX: [], removeX: []} */
};

struct attr {
    const char *name;
    const struct type *type; /* attributes: one of the constants of schema/type.h; blocks: NULL */
    unsigned flags;

    /* Blocks. */
    enum nesting nesting;
    const struct attr *rows; /* up to a row without name */
    int64_t min_items, max_items;
    const char *key; /* BLOCK_LIST: members that identify an element whose order means nothing */

    /* The API.  A path of member names separated by dots, relative to the block's; a member with
     * dots stands in brackets: labels["nvidia.com/gpu.present"].  NULL: camelCase of name.  "": the
     * block adds no level of its own. */
    const char *api;
    const char *present;        /* a path that is "true" where this block is present */
    const char *server_default; /* JSON; what the API fills in where nothing was sent */
    const struct codec *codec;
    unsigned char call; /* which update call carries a change, see the resource */
    enum update_form form;
    const char *yields_to;    /* a sibling: where that is sent, this is not */
    const char *foreign_when; /* "attribute=word": then others write it; Read and Plan keep it */
    /* A map whose keys with these prefixes (separated by blanks) are others': not taken on import.
     */
    const char *foreign_keys;

    /* The plan. */
    const char *default_json; /* the value where the configuration is null, as JSON */
    /* Names of root rows, separated by blanks: without a `derive` the value becomes unknown when
     * one of these changes, and only then. */
    const char *derived_from;
    derive_fn derive;
    /* Whether the prior text and the derived one mean the same: then the prior one stays. */
    bool (*derived_equal)(struct call *call, struct str prior, struct str derived);
    parse_fn parse;

    /* The configuration. */
    const struct check *check;     /* of the value, or of each element */
    const struct check *key_check; /* of each key of a map */
    const char *doc;               /* Markdown, whole sentences */
    const char *deprecated;        /* says what to use instead */
};

/* Rules across the attributes of one object. */
enum rule_kind {
    RULES_END,
    EXACTLY_ONE_OF,
    AT_MOST_ONE_OF,
    AT_LEAST_ONE_OF,
    ALL_OR_NONE_OF,
};

struct rule {
    enum rule_kind kind;
    const char *block; /* the block whose members are meant ("launch_template"), NULL: the root */
    const char *names; /* separated by blanks */
};

#define FOR_EACH_ROW(row, rows) for (const struct attr *row = (rows); row->name; row++)

/* The row NAME of ROWS, or NULL. */
const struct attr *attr_find(const struct attr *rows, struct str name);

/* The object type of ROWS, made in ARENA: what the wire carries. */
const struct type *attr_type(struct arena *arena, const struct attr *rows);

/* A null object: every attribute null, every list and map block empty. */
const struct value *attr_empty(struct arena *arena, const struct attr *rows);

/* OBJECT (of ROWS, or null) with every list or map block that is null made empty, at every depth:
 * what a state lacks that was written before there was such a block. */
const struct value *attr_fill_blocks(struct arena *arena, const struct attr *rows,
                                     const struct value *object);

/* The value of ROW's default_json, or NULL where it has none. */
const struct value *attr_default(struct call *call, const struct attr *row);

/* The next name of a list separated by blanks; false at the end. */
bool attr_next_name(struct str *names, struct str *name);

/* Whether ROW is written by others now: its foreign_when holds in the object ROOT. */
bool attr_is_foreign(const struct attr *row, const struct value *root);
