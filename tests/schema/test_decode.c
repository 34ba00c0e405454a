/* Tests of the state made from an answer. */
#include "schema/decode.h"

#include "schema/encode.h"
#include "tests/schema/suite.h"

static bool equal_in_any_case(struct str a, struct str b)
{
    return str_equal(str_lower(&arena, a), str_lower(&arena, b));
}

static const struct codec any_case = { .equal = equal_in_any_case };

static json_t *flag_to_text(struct arena *a, const struct value *v)
{
    return str_is(v->text, "mps") ? json_new_str(a, STR("true")) : NULL;
}

static const struct value *flag_from_text(struct arena *a, const json_t *json)
{
    return str_is(json_str(json), "true") ? value_string(a, STR("mps")) : &value_null;
}

static const struct codec codec_flag = { .to_api = flag_to_text, .from_api = flag_from_text };

static const struct value *name_of_group(struct arena *a, const json_t *json)
{
    struct str name = json_str_at(json, "name");
    return name.at ? value_string(a, name) : &value_null;
}

static const struct codec codec_group = { .from_api = name_of_group };

static const struct value *derive_digest(struct call *c, const struct derivation *from)
{
    struct str text = value_text(value_at(from->planned, "text"));
    return value_string(c->arena, str_print(c->arena, "digest of %.*s", STR_ARG(text)));
}

static const struct value *derive_cluster(struct call *c, const struct derivation *from)
{
    return from->context ? value_string(c->arena, str_of(from->context)) : NULL;
}

/* How many blocks there are, once they have been parsed. */
static const struct value *derive_blocks(struct call *c, const struct derivation *from)
{
    size_t count = value_at(from->planned, "config")->count;
    return count ? value_int(c->arena, (int64_t)count) : NULL;
}

/* Runs in plans only: what is sent is read from the answer. */
static const struct value *derive_tags(struct call *c, const struct derivation *from)
{
    (void)from;
    return value_string(c->arena, STR("never"));
}

static const struct attr config_rows[] = {
    { "line", &type_string, OPTIONAL, .doc = "Line." },
    { 0 },
};

/* Each text becomes a block with that line. */
static const struct value *parse_config(struct call *c, const struct derivation *from)
{
    const struct value *texts = value_at(from->planned, "rendered");
    size_t count = texts->kind == VALUE_MEMBERS ? texts->count : 0;
    struct value_member *members = ARENA_NEW_ARRAY(c->arena, struct value_member, count);
    for (size_t i = 0; i < count; i++) {
        if (str_is(texts->members[i].value->text, "broken"))
            return fail_null(c, NULL, "Broken", "The text is broken.");
        const struct value_member line = { STR("line"), texts->members[i].value };
        members[i] =
            (struct value_member){ texts->members[i].name, value_members(c->arena, &line, 1) };
    }
    return value_members(c->arena, members, count);
}

static const struct attr taint_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { "effect", &type_string, REQUIRED, .codec = &any_case, .doc = "Effect." },
    { "value", &type_string, OPTIONAL, .doc = "Value." },
    { "policy", &type_string, OPTIONAL, .server_default = "\"usual\"", .doc = "Policy." },
    { 0 },
};

static const struct attr one_rows[] = {
    { "after", &type_string, OPTIONAL, .server_default = "\"0s\"", .doc = "After." },
    { "size", &type_number, OPTIONAL, .doc = "Size." },
    { "mine", &type_string, OPTIONAL | UNSENT, .doc = "Mine." },
    { 0 },
};

#define LABELS "spec.labels"

static const struct attr sharing_rows[] = {
    { "config_key", &type_string, OPTIONAL, .api = LABELS "[\"x.y/config\"]", .doc = "Key." },
    { "strategy", &type_string, OPTIONAL, .api = LABELS "[\"x.y/mps\"]", .codec = &codec_flag,
      .doc = "Strategy." },
    { 0 },
};

static const struct attr plain_rows[] = {
    { "alpha", &type_string, OPTIONAL, .api = "spec.alpha", .doc = "Alpha." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED, .api = "metadata.name", .doc = "Name." },
    { "text", &type_string, OPTIONAL, .codec = &any_case, .doc = "Text." },
    { "size", &type_number, OPTIONAL, .doc = "Size." },
    { "enabled", &type_bool, OPTIONAL, .doc = "Enabled." },
    { "expire", &type_string, OPTIONAL, .server_default = "\"720h\"", .doc = "Expire." },
    { "list", &type_string_list, OPTIONAL, .doc = "List." },
    { "loose", &type_string_list, OPTIONAL | UNORDERED, .doc = "Loose." },
    { "set", &type_string_set, OPTIONAL, .doc = "Set." },
    { "labels", &type_string_map, OPTIONAL, .api = LABELS, .codec = &any_case, .doc = "Labels." },
    { "annotations", &type_string_map, OPTIONAL, .foreign_keys = "a.b/ c.d/", .doc = "Notes." },
    { "password", &type_string, OPTIONAL | SENSITIVE | UNREAD, .doc = "Password." },
    { "token", &type_string, OPTIONAL | SENSITIVE | WRITE_ONLY, .doc = "Token." },
    { "status", &type_string, COMPUTED | READ_ONLY, .doc = "Status." },
    { "facts", &type_string_map, COMPUTED | READ_ONLY, .doc = "Facts." },
    { "groups", &type_string_list, COMPUTED | READ_ONLY, .api = "res.groups", .codec = &codec_group,
      .doc = "Groups." },
    { "version", &type_string, OPTIONAL | COMPUTED, .doc = "Version." },
    { "adopt", &type_bool, OPTIONAL | COMPUTED | UNSENT, .default_json = "false", .doc = "Adopt." },
    { "cluster", &type_string, OPTIONAL | COMPUTED | UNSENT, .derive = derive_cluster,
      .doc = "Cluster." },
    { "digest", &type_string, COMPUTED | UNSENT, .derive = derive_digest, .doc = "Digest." },
    { "desired", &type_number, OPTIONAL, .foreign_when = "by=autoscaler", .doc = "Desired." },
    { "by", &type_string, OPTIONAL | COMPUTED | UNSENT, .default_json = "\"terraform\"",
      .doc = "By." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = one_rows,
      .server_default = "{\"after\": \"0s\", \"size\": 1}", .doc = "One." },
    { "step", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .api = "steps",
      .server_default = "[{\"key\": \"all\"}]", .doc = "Step." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .api = "taints",
      .key = "key effect", .doc = "Taint." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = one_rows, .doc = "Area." },
    { "sharing", NULL, .nesting = BLOCK_SINGLE, .rows = sharing_rows, .api = "",
      .present = LABELS "[\"x.y/present\"]", .doc = "Sharing." },
    { "plain", NULL, .nesting = BLOCK_SINGLE, .rows = plain_rows, .api = "", .doc = "Plain." },
    { "blocks", &type_number, COMPUTED | UNSENT, .derive = derive_blocks, .doc = "Blocks." },
    { "options", &type_string_map, OPTIONAL | COMPUTED, .doc = "Options." },
    { "tags_all", &type_string_map, COMPUTED, .api = "tags", .derive = derive_tags,
      .doc = "Tags." },
    { "config", NULL, UNSENT, .nesting = BLOCK_MAP, .rows = config_rows, .parse = parse_config,
      .doc = "Config." },
    { "rendered", &type_string_map, COMPUTED, .api = "data", .doc = "Rendered." },
    { "timeouts", NULL, UNSENT, .nesting = BLOCK_SINGLE, .rows = config_rows, .doc = "Timeouts." },
    { 0 },
};

static const struct value *decoded(const char *prior, const char *answer)
{
    const struct decode_options options = { prior ? object_of(rows, prior) : &value_null, "here" };
    const struct value *state = decode_answer(&call, rows, json_of(answer), &options);
    ck_assert_ptr_nonnull(state);
    return state;
}

static const struct value *imported(const char *answer)
{
    return decoded(NULL, answer);
}

/* Attribute NAME after reading ANSWER must be what it is in the object EXPECTED. */
#define ASSERT_AT(state, name, expected)                                                           \
    ASSERT_VALUE(value_at((state), (name)), value_at(object_of(rows, (expected)), (name)))

START_TEST(what_was_sent_comes_back)
{
    const char *sent =
        "{'name': 'a', 'text': 't', 'size': 2.5, 'enabled': true, 'list': ['b', 'a'],"
        " 'loose': ['y', 'x'], 'set': ['p', 'q'], 'labels': {'team': 'ml'}, 'adopt': true,"
        " 'one': {'size': 3, 'mine': 'm'}, 'by': 'terraform', 'cluster': 'here',"
        " 'digest': 'digest of t', 'taint': [{'key': 'k', 'effect': 'No', 'value': ''}],"
        " 'area': {'x': {}, 'y': {'size': 0}}, 'sharing': {'config_key': 'any', 'strategy': 'mps'},"
        " 'timeouts': {'line': '5m'}, 'plain': {'alpha': 'A'}}";
    const struct value *object = object_of(rows, sent);
    const struct decode_options options = { object, "here" };
    const struct value *state =
        decode_answer(&call, rows, encode_body(&call, rows, object), &options);
    ASSERT_VALUE(state, object);
}
END_TEST

START_TEST(only_what_is_ours_is_read)
{
    const struct value *state = decoded(
        "{'name': 'a', 'labels': {'team': 'ml'}, 'by': 'terraform'}",
        "{'metadata': {'name': 'a'}, 'text': 't', 'size': 1, 'list': ['x'], 'status': 'ACTIVE',"
        " 'version': '7', 'spec': {'labels': {'team': 'ml', 'other': 'x'}}, 'facts': {'f': 'v'},"
        " 'one': {'size': 1}, 'steps': [{'key': 'k', 'effect': 'e'}], 'area': {'x': {}},"
        " 'res': {'groups': [{'name': 'g1'}, {'name': 'g2'}]}}");
    ASSERT_VALUE(state, object_of(rows, "{'name': 'a', 'labels': {'team': 'ml'}, 'by': 'terraform',"
                                        " 'status': 'ACTIVE', 'version': '7', 'facts': {'f': 'v'},"
                                        " 'groups': ['g1', 'g2'], 'digest': 'digest of ',"
                                        " 'cluster': 'here'}"));
}
END_TEST

START_TEST(drift_is_seen)
{
    const struct value *state = decoded(
        "{'name': 'a', 'text': 't', 'size': 1, 'labels': {'team': 'ml', 'gone': 'x'},"
        " 'one': {'size': 1}, 'step': [{'key': 'k', 'effect': 'e'}], 'area': {'x': {}, 'y': {}},"
        " 'sharing': {'config_key': 'any'}, 'list': ['x']}",
        "{'metadata': {'name': 'a'}, 'text': 'u', 'spec': {'labels': {'team': 'web'}},"
        " 'area': {'x': {'size': 4}}}");
    ASSERT_AT(state, "text", "{'text': 'u'}");
    ASSERT_AT(state, "size", "{}");
    ASSERT_AT(state, "list", "{}");
    ASSERT_AT(state, "labels", "{'labels': {'team': 'web'}}");
    ASSERT_AT(state, "one", "{}");
    ASSERT_AT(state, "step", "{}");
    ASSERT_AT(state, "area", "{'area': {'x': {}}}");
    ASSERT_AT(state, "sharing", "{}");
}
END_TEST

START_TEST(what_means_the_same_keeps_its_spelling)
{
    const char *prior = "{'name': 'a', 'text': 'Two', 'loose': ['b', 'a'], 'labels': {'k': 'V'},"
                        " 'taint': [{'key': 'x', 'effect': 'NO'}, {'key': 'w', 'effect': 'No'}]}";
    const struct value *state =
        decoded(prior, "{'metadata': {'name': 'a'}, 'text': 'two', 'loose': ['a', 'b'],"
                       " 'spec': {'labels': {'k': 'v'}}, 'taints': [{'key': 'w', 'effect': 'no'},"
                       " {'key': 'x', 'effect': 'no', 'policy': 'usual'}]}");
    static const char *const names[] = { "text", "loose", "labels", "taint" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ASSERT_AT(state, names[i], prior);
}
END_TEST

START_TEST(order_is_restored_where_some_drifted)
{
    const struct value *state =
        decoded("{'name': 'a', 'loose': ['c', 'b', 'a'],"
                " 'taint': [{'key': 'x', 'effect': 'NO'}, {'key': 'w', 'effect': 'No'}]}",
                "{'loose': ['a', 'new', 'c'], 'taints': [{'key': 'new', 'effect': 'e'},"
                " {'key': 'w', 'effect': 'no', 'value': 'v'}, {'key': 'x', 'effect': 'no'}]}");
    ASSERT_AT(state, "loose", "{'loose': ['c', 'a', 'new']}");
    ASSERT_AT(state, "taint",
              "{'taint': [{'key': 'x', 'effect': 'NO'},"
              " {'key': 'w', 'effect': 'No', 'value': 'v'},"
              " {'key': 'new', 'effect': 'e'}]}");
}
END_TEST

START_TEST(elements_without_a_key_go_by_index)
{
    const struct value *state =
        decoded("{'name': 'a', 'step': [{'key': 'x', 'effect': 'NO'}]}",
                "{'steps': [{'key': 'x', 'effect': 'no'}, {'key': 'y', 'effect': 'no'}]}");
    ASSERT_AT(state, "step",
              "{'step': [{'key': 'x', 'effect': 'NO'}, {'key': 'y', 'effect': 'no'}]}");
}
END_TEST

START_TEST(zero_values_may_be_left_out_of_answers)
{
    const char *prior = "{'name': 'a', 'text': '', 'size': 0, 'enabled': false, 'list': [],"
                        " 'set': [], 'labels': {}, 'one': {'size': 0},"
                        " 'taint': [{'key': 'k', 'effect': 'e', 'value': ''}]}";
    const struct value *state =
        decoded(prior, "{'taints': [{'key': 'k', 'effect': 'e'}], 'loose': null}");
    static const char *const names[] = { "text", "size",   "enabled", "list",
                                         "set",  "labels", "one",     "taint" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ASSERT_AT(state, names[i], prior);
}
END_TEST

START_TEST(types_are_coerced)
{
    const struct value *state = imported(
        "{'text': 4, 'size': '2.50', 'enabled': 'true', 'list': ['a', 1, true], 'version': false}");
    ASSERT_AT(state, "text", "{'text': '4'}");
    ASSERT_AT(state, "size", "{'size': 2.5}");
    ASSERT_AT(state, "enabled", "{'enabled': true}");
    ASSERT_AT(state, "list", "{'list': ['a', '1', 'true']}");
    ASSERT_AT(state, "version", "{'version': 'false'}");
    ASSERT_AT(imported("{'size': 0.1}"), "size", "{'size': 0.1}");
    ASSERT_AT(imported("{'size': 0.3333333333333333}"), "size", "{'size': 0.3333333333333333}");
}
END_TEST

START_TEST(what_does_not_fit_is_null)
{
    const struct value *state = imported(
        "{'text': {}, 'size': 'many', 'enabled': 'yes', 'list': 'x', 'spec': {'labels': []},"
        " 'one': [], 'taints': {}, 'area': 1, 'annotations': {'x': null, 'y': {}, 'z': 'v'}}");
    static const char *const names[] = { "text",   "size", "enabled", "list",
                                         "labels", "one",  "taint",   "area" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ASSERT_AT(state, names[i], "{}");
    ASSERT_AT(state, "annotations", "{'annotations': {'z': 'v'}}");
}
END_TEST

START_TEST(scalars_of_another_type_are_null)
{
    const struct value *state = imported("{'size': true, 'enabled': 1, 'list': [[]], 'text': [1]}");
    ASSERT_AT(state, "size", "{}");
    ASSERT_AT(state, "enabled", "{}");
    ASSERT_AT(state, "text", "{}");
    ASSERT_AT(state, "list", "{'list': [null]}");
}
END_TEST

START_TEST(computed_maps_are_read_whole_unless_made_here)
{
    const char *answer = "{'facts': {'a': '1', 'b': '2'}, 'options': {'a': '1', 'b': '2'},"
                         " 'tags': {'a': '1', 'b': '2'}}";
    const char *all = "{'facts': {'a': '1', 'b': '2'}, 'options': {'a': '1', 'b': '2'},"
                      " 'tags_all': {'a': '1', 'b': '2'}}";
    const struct value *made = decoded("{'name': 'a'}", answer);
    ASSERT_AT(made, "facts", all);
    ASSERT_AT(made, "options", all);
    ASSERT_AT(made, "tags_all", all);
    const char *prior = "{'name': 'a', 'facts': {'a': '0'}, 'options': {'a': '0'},"
                        " 'tags_all': {'a': '0'}}";
    const struct value *read = decoded(prior, answer);
    ASSERT_AT(read, "facts", all);
    ASSERT_AT(read, "options", "{'options': {'a': '1'}}");
    ASSERT_AT(read, "tags_all", "{'tags_all': {'a': '1'}}");
}
END_TEST

START_TEST(an_answer_must_be_an_object)
{
    const struct decode_options options = { &value_null, NULL };
    ck_assert_ptr_null(decode_answer(&call, rows, json_of("[1]"), &options));
    ASSERT_ONE_ERROR("", "object");
    call = (struct call){ .arena = &arena };
    ck_assert_ptr_null(decode_answer(&call, rows, NULL, &options));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

START_TEST(an_import_takes_everything_but_defaults)
{
    const struct value *state = imported(
        "{'metadata': {'name': 'a'}, 'text': 't', 'expire': '720h', 'list': [], 'one':"
        " {'after': '0s', 'size': 1}, 'steps': [{'key': 'all'}], 'area': {'x': {'size': 2}},"
        " 'taints': [{'key': 'k', 'effect': 'e', 'policy': 'usual'}], 'token': 'T',"
        " 'password': 'P', 'annotations': {'a.b/last': 'x', 'c.d/e': 'y', 'mine': 'z'}}");
    ASSERT_VALUE(state, object_of(rows, "{'name': 'a', 'text': 't', 'area': {'x': {'size': 2}},"
                                        " 'taint': [{'key': 'k', 'effect': 'e'}], 'adopt': false,"
                                        " 'by': 'terraform', 'annotations': {'mine': 'z'},"
                                        " 'digest': 'digest of t', 'cluster': 'here'}"));
}
END_TEST

START_TEST(an_import_takes_what_differs_from_defaults)
{
    const struct value *state =
        imported("{'expire': '1h', 'one': {'after': '0s', 'size': 2}, 'steps': [{'key': 'x',"
                 " 'effect': 'e', 'policy': 'other'}]}");
    ASSERT_AT(state, "expire", "{'expire': '1h'}");
    ASSERT_AT(state, "one", "{'one': {'size': 2}}");
    ASSERT_AT(state, "step", "{'step': [{'key': 'x', 'effect': 'e', 'policy': 'other'}]}");
    ASSERT_AT(imported("{'one': {'after': '0s'}}"), "one", "{}");
}
END_TEST

START_TEST(defaults_count_as_values_once_they_are_written)
{
    const char *prior = "{'name': 'a', 'expire': '720h', 'one': {'after': '0s', 'size': 1},"
                        " 'step': [{'key': 'all'}]}";
    const struct value *state = decoded(prior, "{'expire': '720h', 'one': {'after': '0s',"
                                               " 'size': 1}, 'steps': [{'key': 'all'}]}");
    ASSERT_AT(state, "expire", prior);
    ASSERT_AT(state, "one", prior);
    ASSERT_AT(state, "step", prior);
}
END_TEST

START_TEST(transparent_blocks_claim_their_keys)
{
    const struct value *state =
        imported("{'spec': {'labels': {'team': 'ml', 'x.y/present': 'true', 'x.y/config': 'any',"
                 " 'x.y/mps': 'true'}, 'alpha': 'A'}}");
    ASSERT_AT(state, "labels", "{'labels': {'team': 'ml'}}");
    ASSERT_AT(state, "sharing", "{'sharing': {'config_key': 'any', 'strategy': 'mps'}}");
    ASSERT_AT(state, "plain", "{'plain': {'alpha': 'A'}}");
    ASSERT_AT(imported("{}"), "plain", "{}");
}
END_TEST

START_TEST(keys_are_the_maps_where_the_block_is_absent)
{
    const struct value *state =
        imported("{'spec': {'labels': {'x.y/present': 'false', 'x.y/config': 'any'}}}");
    ASSERT_AT(state, "labels", "{'labels': {'x.y/present': 'false', 'x.y/config': 'any'}}");
    ASSERT_AT(state, "sharing", "{}");
    const struct value *owned =
        decoded("{'name': 'a', 'labels': {'x.y/config': 'any'}}",
                "{'spec': {'labels': {'x.y/present': 'true', 'x.y/config': 'any'}}}");
    ASSERT_AT(owned, "labels", "{'labels': {'x.y/config': 'any'}}");
    ASSERT_AT(owned, "sharing", "{}");
}
END_TEST

START_TEST(keys_that_the_block_leaves_to_the_map)
{
    const char *prior = "{'name': 'a', 'sharing': {}, 'labels': {'x.y/config': 'own'}}";
    const struct value *state =
        decoded(prior, "{'spec': {'labels': {'x.y/present': 'true', 'x.y/config': 'own'}}}");
    ASSERT_AT(state, "labels", prior);
    ASSERT_AT(state, "sharing", prior);
}
END_TEST

START_TEST(what_is_never_answered_is_kept)
{
    const char *prior = "{'name': 'a', 'password': 'P', 'adopt': true, 'timeouts': {'line': '5m'}}";
    const struct value *state = decoded(prior, "{'password': '***', 'token': 'T'}");
    ASSERT_AT(state, "password", prior);
    ASSERT_AT(state, "adopt", prior);
    ASSERT_AT(state, "timeouts", prior);
    ASSERT_AT(state, "token", "{}");
}
END_TEST

START_TEST(others_may_write_it)
{
    const char *theirs = "{'name': 'a', 'desired': 2, 'by': 'autoscaler'}";
    ASSERT_AT(decoded(theirs, "{'desired': 9}"), "desired", theirs);
    ASSERT_AT(decoded("{'name': 'a', 'desired': 2, 'by': 'terraform'}", "{'desired': 9}"),
              "desired", "{'desired': 9}");
}
END_TEST

START_TEST(texts_are_parsed_into_blocks)
{
    const struct value *state = imported("{'data': {'any': 'x', 'b': 'y'}}");
    ASSERT_AT(state, "rendered", "{'rendered': {'any': 'x', 'b': 'y'}}");
    ASSERT_AT(state, "config", "{'config': {'any': {'line': 'x'}, 'b': {'line': 'y'}}}");
    ASSERT_AT(state, "blocks", "{'blocks': 2}");
    const struct decode_options options = { &value_null, NULL };
    ck_assert_ptr_null(decode_answer(&call, rows, json_of("{'data': {'a': 'broken'}}"), &options));
    ASSERT_ONE_ERROR("", "broken");
}
END_TEST

START_TEST(derived_values_are_made_anew_unless_configured)
{
    const struct value *state =
        decoded("{'name': 'a', 'text': 't', 'digest': 'old', 'cluster': 'mine'}", "{'text': 'u'}");
    ASSERT_AT(state, "digest", "{'digest': 'digest of u'}");
    ASSERT_AT(state, "cluster", "{'cluster': 'mine'}");
}
END_TEST

START_TEST(unknown_planned_values_are_read)
{
    const struct value *state =
        decoded("{'name': 'a', 'status': '?', 'version': '?', 'by': 'terraform'}",
                "{'metadata': {'name': 'a'}, 'status': 'ACTIVE', 'version': '7'}");
    ASSERT_AT(state, "status", "{'status': 'ACTIVE'}");
    ASSERT_AT(state, "version", "{'version': '7'}");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_sent_comes_back,
        only_what_is_ours_is_read,
        drift_is_seen,
        what_means_the_same_keeps_its_spelling,
        order_is_restored_where_some_drifted,
        elements_without_a_key_go_by_index,
        zero_values_may_be_left_out_of_answers,
        types_are_coerced,
        what_does_not_fit_is_null,
        scalars_of_another_type_are_null,
        computed_maps_are_read_whole_unless_made_here,
        an_answer_must_be_an_object,
        an_import_takes_everything_but_defaults,
        an_import_takes_what_differs_from_defaults,
        defaults_count_as_values_once_they_are_written,
        transparent_blocks_claim_their_keys,
        keys_are_the_maps_where_the_block_is_absent,
        keys_that_the_block_leaves_to_the_map,
        what_is_never_answered_is_kept,
        others_may_write_it,
        texts_are_parsed_into_blocks,
        derived_values_are_made_anew_unless_configured,
        unknown_planned_values_are_read,
    };
    return RUN_SUITE("decode", tests);
}
