/* Core's plan-validity rules, held against our own plan before it is sent. */
#include "schema/plan.h"

/* CALL is NULL where only the answer is asked for. */
static bool broken(struct call *call, const struct path *at, const char *rule)
{
    if (!call)
        return false;
    return fail(call, at, "The provider planned something invalid",
                "%s This is a mistake of the provider, not of the configuration: please report it "
                "with the configuration of this resource.",
                rule);
}

static bool check_attribute(struct call *call, const struct attr *row, const struct path *at,
                            const struct value *config, const struct value *prior,
                            const struct value *planned)
{
    if (row->flags & WRITE_ONLY)
        return value_is_null(planned) || broken(call, at, "A write-only value was planned.");
    if (value_equal(planned, config))
        return true;
    if (value_is_null(config) && (row->flags & COMPUTED))
        return true;
    if (!value_is_null(prior) && !value_is_null(config) && value_equal(planned, prior))
        return true;
    return broken(call, at, "The planned value is neither the configured nor the prior one.");
}

static bool check_object(struct call *call, const struct attr *rows, const struct path *at,
                         const struct value *config, const struct value *prior,
                         const struct value *planned);

static bool check_element(struct call *call, const struct attr *row, const struct path *at,
                          const struct value *config, const struct value *prior,
                          const struct value *planned)
{
    if (!value_is_set(planned))
        return value_equal(planned, config) ||
               broken(call, at, "A configured block was not planned.");
    return check_object(call, row->rows, at, config, prior, planned);
}

static bool check_elements(struct call *call, const struct attr *row, const struct path *at,
                           const struct value *config, const struct value *prior,
                           const struct value *planned)
{
    if (planned->kind != config->kind || planned->count != config->count)
        return broken(call, at, "The planned blocks are not as many as the configured ones.");
    for (size_t i = 0; i < planned->count; i++) {
        if (planned->kind == VALUE_SEQUENCE) {
            const struct value *before =
                prior->kind == VALUE_SEQUENCE && i < prior->count ? prior->items[i] : &value_null;
            if (!check_element(call, row, PATH_AT_INDEX(at, (int64_t)i), config->items[i], before,
                               planned->items[i]))
                return false;
            continue;
        }
        struct str key = planned->members[i].name;
        if (!str_equal(key, config->members[i].name))
            return broken(call, at, "The planned blocks have other labels than the configured.");
        if (!check_element(call, row, PATH_AT_KEY(at, key), config->members[i].value,
                           value_at_str(prior, key), planned->members[i].value))
            return false;
    }
    return true;
}

static bool check_block(struct call *call, const struct attr *row, const struct path *at,
                        const struct value *config, const struct value *prior,
                        const struct value *planned)
{
    if (!value_is_set(config))
        return value_equal(planned, config) ||
               broken(call, at, "A block was planned that is not configured.");
    if (row->nesting == BLOCK_SINGLE)
        return check_element(call, row, at, config, prior, planned);
    return check_elements(call, row, at, config, prior, planned);
}

static bool check_object(struct call *call, const struct attr *rows, const struct path *at,
                         const struct value *config, const struct value *prior,
                         const struct value *planned)
{
    FOR_EACH_ROW (row, rows) {
        const struct path *here = PATH_AT_ATTRIBUTE(at, str_of(row->name));
        const struct value *c = value_at(config, row->name);
        const struct value *b = value_at(prior, row->name);
        const struct value *p = value_at(planned, row->name);
        if (row->nesting == NOT_A_BLOCK ? !check_attribute(call, row, here, c, b, p)
                                        : !check_block(call, row, here, c, b, p))
            return false;
    }
    return true;
}

bool plan_block_is_valid(const struct attr *row, const struct value *config,
                         const struct value *prior, const struct value *planned)
{
    return check_block(NULL, row, NULL, config, prior, planned);
}

/* What stands at a path of attribute names in OBJECT. */
static const struct value *value_of_path(const struct value *object, const struct path *at)
{
    return at ? value_at_str(value_of_path(object, at->up), at->name) : object;
}

/* Core refuses paths that lead nowhere, and forgets those where nothing changes. */
static bool check_replaces(struct call *call, const struct plan *plan)
{
    for (size_t i = 0; i < plan->replace_count; i++) {
        const struct path *at = plan->replaces[i];
        if (value_equal(value_of_path(plan->planned, at), value_of_path(plan->prior, at)))
            return broken(call, at, "A replacement was planned for something that stays as it is.");
    }
    return true;
}

bool plan_self_check(struct call *call, const struct plan *plan)
{
    if (value_is_null(plan->config))
        return value_is_null(plan->planned) || broken(call, NULL, "A destroy plan was not null.");
    if (!value_is_set(plan->planned))
        return broken(call, NULL, "A configured object was planned as null.");
    return check_object(call, plan->rows, NULL, plan->config, plan->prior, plan->planned) &&
           check_replaces(call, plan);
}
