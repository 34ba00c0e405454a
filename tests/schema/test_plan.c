/* Tests of planning.  Each plan is also held against core's rules. */
#include "schema/plan.h"

#include "tests/schema/suite.h"

static bool equal_in_any_case(struct str a, struct str b)
{
    return str_equal(str_lower(&arena, a), str_lower(&arena, b));
}

static const struct codec any_case = { .equal = equal_in_any_case };

static const struct value *derive_digest(struct call *c, const struct derivation *from)
{
    const struct value *text = value_at(from->planned, "text");
    if (!value_is_wholly_known(text))
        return &value_unknown;
    return value_string(c->arena, str_print(c->arena, "digest of %.*s", STR_ARG(value_text(text))));
}

static int once_calls;

static const struct value *derive_once(struct call *c, const struct derivation *from)
{
    (void)from;
    return value_string(c->arena, str_print(c->arena, "made %d", ++once_calls));
}

static const struct value *derive_from_context(struct call *c, const struct derivation *from)
{
    return from->context ? value_string(c->arena, str_of(from->context)) : NULL;
}

/* One text for each area, unknown where the area is. */
static const struct value *derive_rendered(struct call *c, const struct derivation *from)
{
    const struct value *areas = value_at(from->planned, "area");
    if (areas->kind != VALUE_MEMBERS)
        return &value_unknown;
    struct value_member *members = ARENA_NEW_ARRAY(c->arena, struct value_member, areas->count);
    for (size_t i = 0; i < areas->count; i++) {
        const struct value *nodes = value_at(areas->members[i].value, "nodes");
        members[i] = (struct value_member){ areas->members[i].name,
                                            value_is_unknown(nodes)
                                                ? &value_unknown
                                                : value_string(c->arena, value_text(nodes)) };
    }
    return value_members(c->arena, members, areas->count);
}

static bool same_text(struct call *c, struct str prior, struct str derived)
{
    (void)c;
    return equal_in_any_case(prior, derived);
}

static const struct attr taint_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { "effect", &type_string, REQUIRED, .codec = &any_case, .doc = "Effect." },
    { "value", &type_string, OPTIONAL, .doc = "Value." },
    { "id", &type_string, COMPUTED, .doc = "Id." },
    { 0 },
};

static const struct attr area_rows[] = {
    { "nodes", &type_string, OPTIONAL, .codec = &any_case, .doc = "Nodes." },
    { "strategy", &type_string, OPTIONAL | COMPUTED, .default_json = "\"slow\"", .doc = "S." },
    { 0 },
};

static const struct attr template_rows[] = {
    { "kind", &type_string, OPTIONAL | COMPUTED | REPLACES, .default_json = "\"A\"", .doc = "K." },
    { "version", &type_string, OPTIONAL, .doc = "Version." },
    { "deep", NULL, .nesting = BLOCK_SINGLE,
      .rows =
          (const struct attr[]){ { "fixed", &type_string, OPTIONAL | REPLACES, .doc = "Fixed." },
                                 { 0 } },
      .doc = "Deep." },
    { 0 },
};

static const struct attr access_rows[] = {
    { "who", &type_string, OPTIONAL, .doc = "Who." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED | REPLACES, .doc = "Name." },
    { "text", &type_string, OPTIONAL, .codec = &any_case, .doc = "Text." },
    { "loose", &type_string_list, OPTIONAL | UNORDERED, .doc = "Loose." },
    { "limits", &type_string_map, OPTIONAL, .codec = &any_case, .doc = "Limits." },
    { "cluster", &type_string, OPTIONAL | COMPUTED | REPLACES | UNSENT,
      .derive = derive_from_context, .doc = "Cluster." },
    { "mode", &type_string, OPTIONAL | COMPUTED, .default_json = "\"easy\"", .doc = "Mode." },
    { "adopt", &type_bool, OPTIONAL | COMPUTED | UNSENT, .default_json = "false", .doc = "Adopt." },
    { "version", &type_string, OPTIONAL | COMPUTED, .doc = "Version." },
    { "release", &type_string, OPTIONAL | COMPUTED, .derived_from = "version text", .doc = "R." },
    { "secret", &type_string, OPTIONAL | WRITE_ONLY | SENSITIVE, .doc = "Secret." },
    { "arn", &type_string, COMPUTED | STABLE | READ_ONLY, .doc = "Arn." },
    { "status", &type_string, COMPUTED | READ_ONLY, .doc = "Status." },
    { "names", &type_string, COMPUTED | READ_ONLY, .derived_from = "status", .doc = "Names." },
    { "digest", &type_string, COMPUTED | UNSENT, .derive = derive_digest,
      .derived_equal = same_text, .doc = "Digest." },
    { "once", &type_string, COMPUTED | UNSENT | ONCE, .derive = derive_once, .doc = "Once." },
    { "desired", &type_number, OPTIONAL | COMPUTED, .foreign_when = "managed_by=autoscaler",
      .doc = "Desired." },
    { "managed_by", &type_string, OPTIONAL | COMPUTED | UNSENT, .default_json = "\"terraform\"",
      .doc = "Who." },
    { "template", NULL, .nesting = BLOCK_SINGLE, .rows = template_rows, .doc = "Template." },
    { "access", NULL, REPLACES, .nesting = BLOCK_SINGLE, .rows = access_rows, .doc = "Access." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .key = "key", .doc = "Taint." },
    { "step", NULL, REPLACES, .nesting = BLOCK_LIST, .rows = area_rows, .doc = "Step." },
    { "area", NULL, UNSENT, .nesting = BLOCK_MAP, .rows = area_rows, .doc = "Area." },
    { "rendered", &type_string_map, COMPUTED, .derive = derive_rendered, .derived_equal = same_text,
      .doc = "Rendered." },
    { "timeouts", NULL, UNSENT, .nesting = BLOCK_SINGLE, .rows = access_rows, .doc = "Timeouts." },
    { 0 },
};

static const struct value *object(const char *text)
{
    return object_of(rows, text);
}

static struct plan plan_of(const struct value *config, const struct value *prior)
{
    struct plan plan = { .rows = rows, .config = config, .prior = prior, .context = "here" };
    ck_assert(plan_make(&call, &plan));
    ck_assert_msg(plan_self_check(&call, &plan), "%s",
                  call.first ? call.first->detail.at : "no reason");
    return plan;
}

/* What a create of CONFIG becomes, with the API's values filled in. */
static const struct value *made(const char *config)
{
    struct plan plan = plan_of(object(config), &value_null);
    const struct value *answer = object("{'arn': 'ARN', 'status': 'ACTIVE', 'names': 'n', "
                                        "'version': '1', 'release': 'r1', 'desired': 2}");
    return plan_fill(&arena, plan.planned, answer);
}

static const struct value *at(const struct value *object_, const char *name)
{
    return value_at(object_, name);
}

static const struct value *text(const char *s)
{
    return value_string(&arena, str_of(s));
}

START_TEST(create_makes_what_is_not_known_unknown)
{
    struct plan plan = plan_of(object("{'name': 'a', 'text': 't', 'secret': 's'}"), &value_null);
    ck_assert(plan.changed);
    ck_assert_uint_eq(plan.replace_count, 0);
    ASSERT_VALUE(at(plan.planned, "name"), text("a"));
    ASSERT_VALUE(at(plan.planned, "mode"), text("easy"));
    ASSERT_VALUE(at(plan.planned, "version"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "arn"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "status"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "digest"), text("digest of t"));
    ASSERT_VALUE(at(plan.planned, "cluster"), text("here"));
    ASSERT_VALUE(at(plan.planned, "adopt"), &value_false);
    ASSERT_VALUE(at(plan.planned, "secret"), &value_null);
    ASSERT_VALUE(at(plan.planned, "limits"), &value_null);
    ASSERT_VALUE(at(plan.planned, "taint"), &value_empty_sequence);
}
END_TEST

START_TEST(a_derivation_that_knows_nothing_is_unknown_on_create)
{
    struct plan plan = { .rows = rows, .config = object("{'name': 'a'}"), .prior = &value_null };
    ck_assert(plan_make(&call, &plan));
    ASSERT_VALUE(at(plan.planned, "cluster"), &value_unknown);
    struct plan later = { .rows = rows,
                          .config = object("{'name': 'a'}"),
                          .prior = made("{'name': 'a'}") };
    ck_assert(plan_make(&call, &later));
    ASSERT_VALUE(at(later.planned, "cluster"), text("here"));
    ck_assert(!later.changed);
}
END_TEST

#define ALL_KINDS                                                                                  \
    "{'name': 'a', 'text': 't', 'loose': ['x', 'y'], 'limits': {'cpu': '1K'}, 'desired': 3,"       \
    " 'template': {'version': '1'}, 'taint': [{'key': 'k', 'effect': 'No'}],"                      \
    " 'step': [{'nodes': '1'}], 'area': {'m': {'nodes': '2'}}, 'timeouts': {'who': '5m'}}"

START_TEST(no_change_gives_back_the_prior_state)
{
    const struct value *prior = made(ALL_KINDS);
    ck_assert(value_is_wholly_known(prior));
    struct plan plan = plan_of(object(ALL_KINDS), prior);
    ck_assert(!plan.changed);
    ck_assert_ptr_eq(plan.planned, prior);
    ck_assert_uint_eq(plan.replace_count, 0);
}
END_TEST

START_TEST(a_change_forgets_what_the_api_computes)
{
    struct plan plan = plan_of(object("{'name': 'a', 'text': 'new'}"), made("{'name': 'a'}"));
    ck_assert(plan.changed);
    ASSERT_VALUE(at(plan.planned, "status"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "arn"), text("ARN"));
    ASSERT_VALUE(at(plan.planned, "version"), text("1"));
    ASSERT_VALUE(at(plan.planned, "mode"), text("easy"));
    ASSERT_VALUE(at(plan.planned, "digest"), text("digest of new"));
}
END_TEST

START_TEST(a_change_of_client_only_arguments_forgets_nothing)
{
    const struct value *prior = made("{'name': 'a'}");
    struct plan plan =
        plan_of(object("{'name': 'a', 'adopt': true, 'timeouts': {'who': '5m'}}"), prior);
    ck_assert(!plan.changed);
    ASSERT_VALUE(at(plan.planned, "status"), text("ACTIVE"));
    ASSERT_VALUE(at(plan.planned, "adopt"), &value_true);
    ck_assert(!value_equal(plan.planned, prior));
}
END_TEST

START_TEST(what_is_removed_falls_back)
{
    const struct value *prior =
        made("{'name': 'a', 'mode': 'hard', 'adopt': true, 'text': 't', 'version': '7'}");
    struct plan plan = plan_of(object("{'name': 'a'}"), prior);
    ASSERT_VALUE(at(plan.planned, "mode"), text("easy"));
    ASSERT_VALUE(at(plan.planned, "adopt"), &value_false);
    ASSERT_VALUE(at(plan.planned, "text"), &value_null);
    ASSERT_VALUE(at(plan.planned, "version"), text("7"));
    ck_assert(plan.changed);
}
END_TEST

START_TEST(other_spellings_of_the_same_keep_the_prior_one)
{
    const struct value *prior = made(
        "{'name': 'a', 'text': 'Two', 'limits': {'cpu': '1K', 'mem': '2g'}, 'loose': ['x', 'y'],"
        " 'taint': [{'key': 'k', 'effect': 'No'}]}");
    struct plan plan =
        plan_of(object("{'name': 'a', 'text': 'two', 'limits': {'cpu': '1k', 'mem': '2G'},"
                       " 'loose': ['y', 'x'], 'taint': [{'key': 'k', 'effect': 'NO'}]}"),
                prior);
    ck_assert(!plan.changed);
    ck_assert_ptr_eq(plan.planned, prior);
}
END_TEST

START_TEST(a_real_change_beside_a_spelling_takes_the_configured_value)
{
    const struct value *prior = made("{'name': 'a', 'limits': {'cpu': '1K', 'mem': '2g'}}");
    const struct value *config = object("{'name': 'a', 'limits': {'cpu': '1k', 'mem': '3G'}}");
    ASSERT_VALUE(at(plan_of(config, prior).planned, "limits"), at(config, "limits"));
}
END_TEST

#define TAINT(key, effect) "{'key': '" key "', 'effect': '" effect "'}"

START_TEST(a_keyed_list_keeps_the_prior_order)
{
    const struct value *prior =
        made("{'name': 'a', 'taint': [" TAINT("k", "no") "," TAINT("l", "no") "]}");
    struct plan plan = plan_of(
        object("{'name': 'a', 'taint': [" TAINT("l", "NO") "," TAINT("k", "no") "]}"), prior);
    ck_assert(!plan.changed);
    ck_assert_ptr_eq(plan.planned, prior);
}
END_TEST

/* Core compares by index, and would refuse a value where the configuration has none. */
START_TEST(a_keyed_list_takes_the_new_order_where_core_would_refuse_the_old)
{
    const struct value *prior = made("{'name': 'a', 'taint': [{'key': 'k', 'effect': 'no',"
                                     " 'value': 'v'}," TAINT("l", "no") "]}");
    struct plan plan = plan_of(object("{'name': 'a', 'taint': [" TAINT(
                                   "l", "no") ","
                                              "{'key': 'k', 'effect': 'no', 'value': 'v'}]}"),
                               prior);
    ck_assert(!plan.changed);
    ASSERT_VALUE(at(plan.planned, "status"), text("ACTIVE"));
    ASSERT_VALUE(at(at(plan.planned, "taint")->items[0], "key"), text("l"));
}
END_TEST

START_TEST(moved_elements_are_planned_as_configured)
{
    const struct value *prior =
        made("{'name': 'a', 'taint': [" TAINT("k", "no") "," TAINT("l", "No") "]}");
    struct plan plan = plan_of(object("{'name': 'a', 'taint': [" TAINT("l", "NO") "," TAINT(
                                   "new", "no") "," TAINT("k", "no") "]}"),
                               prior);
    ck_assert(plan.changed);
    const struct value *taints = at(plan.planned, "taint");
    ASSERT_VALUE(at(taints->items[0], "effect"), text("NO"));
    ASSERT_VALUE(at(taints->items[1], "id"), &value_unknown);
    ASSERT_VALUE(at(taints->items[2], "id"), at(at(prior, "taint")->items[0], "id"));
}
END_TEST

START_TEST(elements_have_defaults_and_computed_values)
{
    struct plan plan = plan_of(
        object("{'name': 'a', 'taint': [" TAINT("k", "no") "],"
                                                           " 'area': {'m': {}}, 'template': {}}"),
        &value_null);
    ASSERT_VALUE(at(at(plan.planned, "taint")->items[0], "id"), &value_unknown);
    ASSERT_VALUE(at(at(at(plan.planned, "area"), "m"), "strategy"), text("slow"));
    ASSERT_VALUE(at(at(plan.planned, "template"), "kind"), text("A"));
    ASSERT_VALUE(at(at(plan.planned, "template"), "deep"), &value_null);
}
END_TEST

static struct str replaces_of(const struct plan *plan)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < plan->replace_count; i++)
        buf_print(&out, "%s%s", i ? " " : "", path_print(&arena, plan->replaces[i]).at);
    return buf_str(&out);
}

#define ASSERT_REPLACES(config, prior, expected)                                                   \
    do {                                                                                           \
        struct plan replaced_ = plan_of(object(config), made(prior));                              \
        ck_assert_str_eq(replaces_of(&replaced_).at, (expected));                                  \
        ck_assert(replaced_.changed || !(expected)[0]);                                            \
    } while (0)

START_TEST(replacements_are_named_by_their_paths)
{
    ASSERT_REPLACES("{'name': 'b'}", "{'name': 'a'}", "name");
    ASSERT_REPLACES("{'name': 'a', 'template': {'kind': 'B'}}", "{'name': 'a', 'template': {}}",
                    "template.kind");
    ASSERT_REPLACES("{'name': 'a', 'template': {'version': '2'}}", "{'name': 'a', 'template': {}}",
                    "");
    ASSERT_REPLACES("{'name': 'a', 'template': {'deep': {'fixed': 'x'}}}",
                    "{'name': 'a', 'template': {'deep': {'fixed': 'y'}}}", "template.deep.fixed");
    ASSERT_REPLACES("{'name': 'b', 'cluster': 'x'}", "{'name': 'a'}", "name cluster");
    ASSERT_REPLACES("{'name': 'a', 'cluster': 'x'}", "{'name': 'a'}", "cluster");
}
END_TEST

START_TEST(blocks_that_replace)
{
    ASSERT_REPLACES("{'name': 'a', 'access': {}}", "{'name': 'a'}", "access");
    ASSERT_REPLACES("{'name': 'a'}", "{'name': 'a', 'access': {'who': 'x'}}", "access");
    ASSERT_REPLACES("{'name': 'a', 'access': {'who': 'y'}}",
                    "{'name': 'a', 'access': {'who': 'x'}}", "");
    ASSERT_REPLACES("{'name': 'a', 'step': [{}]}", "{'name': 'a'}", "step");
    ASSERT_REPLACES("{'name': 'a', 'template': {}}", "{'name': 'a'}", "template.kind");
}
END_TEST

START_TEST(an_unknown_value_that_replaces)
{
    ASSERT_REPLACES("{'name': '?'}", "{'name': 'a'}", "name");
}
END_TEST

START_TEST(derived_values_follow_their_sources_only)
{
    const struct value *prior = made("{'name': 'a', 'text': 't'}");
    struct plan same = plan_of(object("{'name': 'a', 'text': 't', 'mode': 'hard'}"), prior);
    ASSERT_VALUE(at(same.planned, "release"), text("r1"));
    struct plan changed = plan_of(object("{'name': 'a', 'text': 't', 'version': '2'}"), prior);
    ASSERT_VALUE(at(changed.planned, "release"), &value_unknown);
    struct plan configured = plan_of(object("{'name': 'a', 'text': 'u', 'release': 'r9'}"), prior);
    ASSERT_VALUE(at(configured.planned, "release"), text("r9"));
}
END_TEST

START_TEST(what_derives_from_a_forgotten_value_is_unknown_too)
{
    const struct value *prior = made("{'name': 'a'}");
    struct plan plan = plan_of(object("{'name': 'a', 'text': 't'}"), prior);
    ASSERT_VALUE(at(plan.planned, "status"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "names"), &value_unknown);
    struct plan quiet = plan_of(object("{'name': 'a'}"), prior);
    ASSERT_VALUE(at(quiet.planned, "names"), text("n"));
}
END_TEST

START_TEST(once_is_kept)
{
    const struct value *prior = made("{'name': 'a'}");
    struct plan plan = plan_of(object("{'name': 'a', 'text': 't'}"), prior);
    ASSERT_VALUE(at(plan.planned, "once"), at(prior, "once"));
    const struct value *without = value_with(&arena, prior, STR("once"), &value_null);
    struct plan again = plan_of(object("{'name': 'a'}"), without);
    ck_assert(value_is_set(at(again.planned, "once")));
}
END_TEST

START_TEST(others_may_write_it)
{
    const struct value *prior = made("{'name': 'a', 'managed_by': 'autoscaler', 'desired': 2}");
    prior = value_with(&arena, prior, STR("desired"), value_int(&arena, 7));
    struct plan plan =
        plan_of(object("{'name': 'a', 'managed_by': 'autoscaler', 'desired': 2}"), prior);
    ck_assert(!plan.changed);
    ASSERT_VALUE(at(plan.planned, "desired"), value_int(&arena, 7));
    struct plan ours = plan_of(object("{'name': 'a', 'desired': 2}"), prior);
    ASSERT_VALUE(at(ours.planned, "desired"), value_int(&arena, 2));
    const struct value *unknown =
        value_with(&arena, object("{'name': 'a', 'managed_by': 'autoscaler'}"), STR("desired"),
                   &value_unknown);
    ASSERT_VALUE(at(plan_of(unknown, prior).planned, "desired"), value_int(&arena, 7));
}
END_TEST

START_TEST(others_may_write_it_by_default)
{
    static const struct attr by_default[] = {
        { "desired", &type_number, OPTIONAL | COMPUTED, .foreign_when = "by=autoscaler",
          .doc = "D." },
        { "by", &type_string, OPTIONAL | COMPUTED, .default_json = "\"autoscaler\"", .doc = "By." },
        { 0 },
    };
    struct plan plan = { .rows = by_default,
                         .config = object_of(by_default, "{'desired': 1}"),
                         .prior = object_of(by_default, "{'desired': 5, 'by': 'autoscaler'}") };
    ck_assert(plan_make(&call, &plan));
    ASSERT_VALUE(plan.planned, plan.prior);
    plan.config = object_of(by_default, "{'desired': 1, 'by': 'terraform'}");
    ck_assert(plan_make(&call, &plan));
    ASSERT_VALUE(plan.planned, plan.config);
}
END_TEST

START_TEST(unknown_values_stay_unknown)
{
    const struct value *prior = made(ALL_KINDS);
    const struct value *config =
        object("{'name': 'a', 'text': '?', 'loose': ['x', '?'], 'limits': {'cpu': '?'},"
               " 'template': {'version': '?'}, 'taint': [{'key': '?', 'effect': 'no'}],"
               " 'step': [{'nodes': '1'}], 'area': {'m': {'nodes': '?'}, 'n': {'nodes': '1'}}}");
    struct plan plan = plan_of(config, prior);
    ASSERT_VALUE(at(plan.planned, "text"), &value_unknown);
    ASSERT_VALUE(at(plan.planned, "loose"), at(config, "loose"));
    ASSERT_VALUE(at(plan.planned, "digest"), &value_unknown);
    ASSERT_VALUE(at(at(plan.planned, "rendered"), "m"), &value_unknown);
    ASSERT_VALUE(at(at(plan.planned, "rendered"), "n"), text("1"));
    plan_of(config, &value_null);
}
END_TEST

START_TEST(unknown_blocks_stay_unknown)
{
    static const char *const blocks[] = { "template", "taint", "area", "timeouts" };
    const struct value *config = object("{'name': 'a'}");
    for (size_t i = 0; i < 4; i++)
        config = value_with(&arena, config, str_of(blocks[i]), &value_unknown);
    const struct value *priors[] = { &value_null, made("{'name': 'a'}"), made(ALL_KINDS) };
    for (size_t p = 0; p < 3; p++) {
        struct plan plan = plan_of(config, priors[p]);
        for (size_t i = 0; i < 4; i++)
            ASSERT_VALUE(at(plan.planned, blocks[i]), &value_unknown);
        ASSERT_VALUE(at(plan.planned, "rendered"), &value_unknown);
        ck_assert(plan.changed);
    }
}
END_TEST

START_TEST(derived_texts_that_mean_the_same_stay)
{
    const struct value *prior = made("{'name': 'a', 'area': {'m': {'nodes': 'X'}}}");
    const struct value *other =
        value_with(&arena, prior, STR("rendered"),
                   value_with(&arena, at(prior, "rendered"), STR("m"), text("x")));
    struct plan plan = plan_of(object("{'name': 'a', 'area': {'m': {'nodes': 'X'}}}"), other);
    ck_assert(!plan.changed);
    ck_assert_ptr_eq(plan.planned, other);
    struct plan grown =
        plan_of(object("{'name': 'a', 'area': {'m': {'nodes': 'X'}, 'n': {'nodes': '1'}}}"), other);
    ck_assert(grown.changed);
    ASSERT_VALUE(at(at(grown.planned, "rendered"), "m"), text("x"));
    ASSERT_VALUE(at(at(grown.planned, "rendered"), "n"), text("1"));
}
END_TEST

START_TEST(a_derived_text_that_means_the_same_stays)
{
    const struct value *prior = made("{'name': 'a', 'text': 't'}");
    const struct value *other = value_with(&arena, prior, STR("digest"), text("DIGEST OF T"));
    ck_assert_ptr_eq(plan_of(object("{'name': 'a', 'text': 't'}"), other).planned, other);
    struct plan plan = plan_of(object("{'name': 'a', 'text': 'u'}"), other);
    ASSERT_VALUE(at(plan.planned, "digest"), text("digest of u"));
}
END_TEST

START_TEST(destroy_is_null)
{
    struct plan plan = plan_of(&value_null, made("{'name': 'a'}"));
    ck_assert(plan.changed);
    ck_assert(value_is_null(plan.planned));
    struct plan nothing = plan_of(&value_null, &value_null);
    ck_assert(!nothing.changed);
}
END_TEST

START_TEST(fill_takes_only_what_was_unknown)
{
    struct plan plan =
        plan_of(object("{'name': 'a', 'text': 't', 'taint': [" TAINT("k", "no") "]}"), &value_null);
    const struct value *decoded = object("{'name': 'other', 'text': 'other', 'arn': 'ARN',"
                                         " 'taint': [{'key': 'k', 'effect': 'x', 'id': 'i'}]}");
    const struct value *state = plan_fill(&arena, plan.planned, decoded);
    ck_assert(value_is_wholly_known(state));
    ASSERT_VALUE(at(state, "name"), text("a"));
    ASSERT_VALUE(at(state, "arn"), text("ARN"));
    ASSERT_VALUE(at(state, "status"), &value_null);
    ASSERT_VALUE(at(at(state, "taint")->items[0], "effect"), text("no"));
    ASSERT_VALUE(at(at(state, "taint")->items[0], "id"), text("i"));
    ck_assert(value_is_wholly_known(plan_fill(&arena, plan.planned, &value_null)));
    ASSERT_VALUE(plan_fill(&arena, &value_unknown, &value_unknown), &value_null);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        create_makes_what_is_not_known_unknown,
        a_derivation_that_knows_nothing_is_unknown_on_create,
        no_change_gives_back_the_prior_state,
        a_change_forgets_what_the_api_computes,
        a_change_of_client_only_arguments_forgets_nothing,
        what_is_removed_falls_back,
        other_spellings_of_the_same_keep_the_prior_one,
        a_real_change_beside_a_spelling_takes_the_configured_value,
        a_keyed_list_keeps_the_prior_order,
        a_keyed_list_takes_the_new_order_where_core_would_refuse_the_old,
        moved_elements_are_planned_as_configured,
        elements_have_defaults_and_computed_values,
        replacements_are_named_by_their_paths,
        blocks_that_replace,
        an_unknown_value_that_replaces,
        derived_values_follow_their_sources_only,
        what_derives_from_a_forgotten_value_is_unknown_too,
        once_is_kept,
        others_may_write_it,
        others_may_write_it_by_default,
        unknown_values_stay_unknown,
        unknown_blocks_stay_unknown,
        derived_texts_that_mean_the_same_stay,
        a_derived_text_that_means_the_same_stays,
        destroy_is_null,
        fill_takes_only_what_was_unknown,
    };
    return RUN_SUITE("plan", tests);
}
