/* Planning in three steps: what is configured, what is derived, what becomes unknown. */
#include "schema/plan.h"

#include "schema/same.h"

/* The walk down the configuration. */
struct planner {
    struct call *call;
    const struct plan *plan;
    /* Inside a list element whose prior one stands at another index: core compares by index, so a
     * configured value must be planned as it is configured. */
    bool moved;
};

static const struct value *plan_object(const struct planner *p, const struct attr *rows,
                                       const struct value *config, const struct value *prior);

/* What a computed attribute is before anything is derived: its default, else what it was. */
static const struct value *plan_unconfigured(const struct planner *p, const struct attr *row,
                                             const struct value *prior, bool creates)
{
    if (!(row->flags & COMPUTED))
        return &value_null;
    const struct value *fallback = attr_default(p->call, row);
    if (fallback)
        return value_is_set(prior) && same_meaning(row, prior, fallback) ? prior : fallback;
    return creates ? &value_unknown : prior;
}

/* Whether others write ROW, by what is configured or, where that is left out, by its default. */
static bool is_foreign(const struct planner *p, const struct attr *row)
{
    if (!row->foreign_when)
        return false;
    struct str rest = str_of(row->foreign_when);
    struct str name = { 0 };
    (void)str_split(&rest, '=', &name);
    const struct attr *by = attr_find(p->plan->rows, name);
    const struct value *fallback = by ? attr_default(p->call, by) : NULL;
    if (fallback && value_is_null(value_at_str(p->plan->config, name)))
        return str_equal(value_text(fallback), rest);
    return attr_is_foreign(row, p->plan->config);
}

static const struct value *plan_attribute(const struct planner *p, const struct attr *row,
                                          const struct value *config, const struct value *prior,
                                          bool creates)
{
    if (row->flags & WRITE_ONLY)
        return &value_null;
    if (value_is_null(config))
        return plan_unconfigured(p, row, prior, creates);
    if (p->moved || !value_is_set(prior))
        return config;
    bool same = value_is_set(config) && same_meaning(row, config, prior);
    return same || is_foreign(p, row) ? prior : config;
}

static const struct value *plan_list_block(const struct planner *p, const struct attr *row,
                                           const struct value *config, const struct value *prior)
{
    struct arena *arena = p->call->arena;
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, config->count);
    for (size_t i = 0; i < config->count; i++) {
        const struct value *before = same_element(row, prior, config->items[i], i);
        struct planner inner = *p;
        inner.moved = p->moved || (before && (i >= prior->count || before != prior->items[i]));
        items[i] = plan_object(&inner, row->rows, config->items[i], before ? before : &value_null);
    }
    const struct value *planned = value_sequence(arena, items, config->count);
    bool may_stay = !p->moved && value_is_set(prior) && same_elements(row, planned, prior) &&
                    plan_block_is_valid(row, config, prior, prior);
    return may_stay ? prior : planned;
}

static const struct value *plan_map_block(const struct planner *p, const struct attr *row,
                                          const struct value *config, const struct value *prior)
{
    struct arena *arena = p->call->arena;
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, config->count);
    for (size_t i = 0; i < config->count; i++) {
        struct str label = config->members[i].name;
        members[i] =
            (struct value_member){ label, plan_object(p, row->rows, config->members[i].value,
                                                      value_at_str(prior, label)) };
    }
    return value_members(arena, members, config->count);
}

static const struct value *plan_row(const struct planner *p, const struct attr *row,
                                    const struct value *config, const struct value *prior,
                                    bool creates)
{
    if (row->nesting == NOT_A_BLOCK)
        return plan_attribute(p, row, config, prior, creates);
    if (!value_is_set(config))
        return config;
    if (row->nesting == BLOCK_SINGLE)
        return plan_object(p, row->rows, config, prior);
    if (row->nesting == BLOCK_LIST)
        return plan_list_block(p, row, config, prior);
    return plan_map_block(p, row, config, prior);
}

static const struct value *plan_object(const struct planner *p, const struct attr *rows,
                                       const struct value *config, const struct value *prior)
{
    if (!value_is_set(config))
        return config;
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        count++;
    struct value_member *members = ARENA_NEW_ARRAY(p->call->arena, struct value_member, count);
    count = 0;
    FOR_EACH_ROW (row, rows) {
        const struct value *planned = plan_row(p, row, value_at(config, row->name),
                                               value_at(prior, row->name), !value_is_set(prior));
        members[count++] = (struct value_member){ str_of(row->name), planned };
    }
    return value_members(p->call->arena, members, count);
}

/* Texts that mean the same as before are kept as they were, element by element in a map. */
static const struct value *keep_equal_texts(struct call *call, const struct attr *row,
                                            const struct value *derived, const struct value *prior)
{
    if (!row->derived_equal || derived->kind != prior->kind)
        return derived;
    if (derived->kind == VALUE_STRING)
        return row->derived_equal(call, prior->text, derived->text) ? prior : derived;
    if (derived->kind != VALUE_MEMBERS)
        return derived;
    struct value_member *members =
        ARENA_NEW_ARRAY(call->arena, struct value_member, derived->count);
    for (size_t i = 0; i < derived->count; i++) {
        members[i] = derived->members[i];
        const struct value *before = value_at_str(prior, members[i].name);
        if (before->kind == VALUE_STRING && members[i].value->kind == VALUE_STRING &&
            row->derived_equal(call, before->text, members[i].value->text))
            members[i].value = before;
    }
    return value_members(call->arena, members, derived->count);
}

static const struct value *derive_row(struct call *call, const struct plan *plan,
                                      const struct attr *row)
{
    const struct value *prior = value_at(plan->prior, row->name);
    if ((row->flags & ONCE) && value_is_set(prior))
        return prior;
    const struct derivation from = { plan->context, row, plan->config, plan->prior, plan->planned };
    const struct value *derived = row->derive(call, &from);
    if (!derived)
        return value_is_set(plan->prior) ? prior : &value_unknown;
    if (value_is_set(prior) && value_is_set(derived) && same_meaning(row, derived, prior))
        return prior;
    return keep_equal_texts(call, row, derived, prior);
}

static bool source_changed(const struct attr *rows, const struct attr *row,
                           const struct value *planned, const struct value *prior)
{
    struct str names = str_of(row->derived_from ? row->derived_from : "");
    struct str name;
    while (attr_next_name(&names, &name))
        if (attr_find(rows, name) &&
            !value_equal(value_at_str(planned, name), value_at_str(prior, name)))
            return true;
    return false;
}

/* Root rows only: nested objects have no derived values. */
static void derive_all(struct call *call, struct plan *plan)
{
    FOR_EACH_ROW (row, plan->rows) {
        bool configured = !value_is_null(value_at(plan->config, row->name));
        if (configured || !(row->flags & COMPUTED))
            continue;
        const struct value *value = NULL;
        if (row->derive)
            value = derive_row(call, plan, row);
        else if (row->derived_from && value_is_set(plan->prior) &&
                 source_changed(plan->rows, row, plan->planned, plan->prior))
            value = &value_unknown;
        if (value)
            plan->planned = value_with(call->arena, plan->planned, str_of(row->name), value);
    }
}

/* UNSENT rows concern only us, and the order of a list with a key concerns nobody: a change of
 * theirs alone touches no object. */
static bool really_changes(const struct plan *plan)
{
    if (!value_is_set(plan->prior))
        return true;
    FOR_EACH_ROW (row, plan->rows)
        if (!(row->flags & UNSENT) &&
            !same_value(row, value_at(plan->planned, row->name), value_at(plan->prior, row->name)))
            return true;
    return false;
}

static void forget_computed(struct call *call, struct plan *plan)
{
    FOR_EACH_ROW (row, plan->rows) {
        bool chosen_here = row->derive || row->derived_from || (row->flags & (STABLE | OPTIONAL));
        if ((row->flags & COMPUTED) && !chosen_here && row->nesting == NOT_A_BLOCK)
            plan->planned =
                value_with(call->arena, plan->planned, str_of(row->name), &value_unknown);
    }
}

struct replace_list {
    const struct path **items;
    size_t count, room;
};

static void add_replace(struct call *call, struct replace_list *list, const struct path *at)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        const struct path **items = ARENA_NEW_ARRAY(call->arena, const struct path *, room);
        for (size_t i = 0; i < list->count; i++)
            items[i] = list->items[i];
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = path_copy(call->arena, at);
}

static void find_replaces(struct call *call, struct replace_list *list, const struct attr *rows,
                          const struct path *at, const struct value *planned,
                          const struct value *prior)
{
    FOR_EACH_ROW (row, rows) {
        const struct value *after = value_at(planned, row->name);
        const struct value *before = value_at(prior, row->name);
        const struct path *here = PATH_AT_ATTRIBUTE(at, str_of(row->name));
        if (value_equal(after, before))
            continue;
        bool stays = value_is_set(after) && value_is_set(before);
        if ((row->flags & REPLACES) && !(row->nesting == BLOCK_SINGLE && stays)) {
            /* An import does not take what the API had filled in; saying it changes nothing. */
            if (!same_to_api(call->arena, row, after, before))
                add_replace(call, list, here);
        } else if (row->nesting == BLOCK_SINGLE) {
            find_replaces(call, list, row->rows, here, after, before);
        }
    }
}

bool plan_make(struct call *call, struct plan *plan)
{
    if (value_is_null(plan->config)) {
        plan->planned = &value_null;
        plan->changed = value_is_set(plan->prior);
        return true;
    }
    const struct planner planner = { .call = call, .plan = plan };
    plan->planned = plan_object(&planner, plan->rows, plan->config, plan->prior);
    derive_all(call, plan);
    plan->changed = really_changes(plan);
    if (plan->changed && value_is_set(plan->prior)) {
        forget_computed(call, plan);
        derive_all(call, plan); /* what is made from what was just forgotten */
    }
    struct replace_list list = { 0 };
    if (value_is_set(plan->prior))
        find_replaces(call, &list, plan->rows, NULL, plan->planned, plan->prior);
    plan->replaces = list.items;
    plan->replace_count = list.count;
    plan->changed |= list.count > 0;
    if (value_equal(plan->planned, plan->prior))
        plan->planned = plan->prior;
    return true;
}

const struct value *plan_fill(struct arena *arena, const struct value *planned,
                              const struct value *decoded)
{
    if (value_is_unknown(planned))
        return value_is_unknown(decoded) ? &value_null : decoded;
    if (value_is_wholly_known(planned))
        return planned;
    if (planned->kind == VALUE_SEQUENCE) {
        const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, planned->count);
        for (size_t i = 0; i < planned->count; i++)
            items[i] =
                plan_fill(arena, planned->items[i],
                          decoded->kind == VALUE_SEQUENCE && i < decoded->count ? decoded->items[i]
                                                                                : &value_null);
        return value_sequence(arena, items, planned->count);
    }
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, planned->count);
    for (size_t i = 0; i < planned->count; i++)
        members[i] =
            (struct value_member){ planned->members[i].name,
                                   plan_fill(arena, planned->members[i].value,
                                             value_at_str(decoded, planned->members[i].name)) };
    return value_members(arena, members, planned->count);
}
