/* cost_projection: what tasks cost on whole, shared and divided GPUs. */
#include "gpu/cost.h"
#include "resources/resource.h"
#include "resources/values.h"
#include "schema/check.h"

static const char *const architectures[] = { "amd64", "arm64", NULL };
static const char *const curves[] = { "saturating", "inference", "bursty", NULL };
static const struct check check_arch = { check_words, .words = architectures };
static const struct check check_curve = { check_words, .words = curves };
static const struct check check_tasks = { check_range, .min = 1, .max = 1000000 };
static const struct check check_replicas = { check_range, .min = 2, .max = 1000 };
static const struct check check_memory = { check_range, .min = 1, .max = 100000000 };
static const struct check check_pods = { check_range, .min = 0, .max = 10000 };

static bool part_valid(struct str s)
{
    const struct value number = { .kind = VALUE_NUMBER, .text = s };
    double part = values_double(&number, 0);
    return part > 0 && part <= 1;
}

static bool positive(struct str s)
{
    const struct value number = { .kind = VALUE_NUMBER, .text = s };
    return values_double(&number, 0) > 0;
}

static const struct check check_part = { check_valid, .valid = part_valid,
                                         .doc = "more than 0 and at most 1" };
static const struct check check_positive = { check_valid, .valid = positive, .doc = "more than 0" };

static const struct attr price_rows[] = {
    { "instance_type", &type_string, REQUIRED, .doc = "The instance type." },
    { "on_demand", &type_number, OPTIONAL, .check = &check_positive,
      .doc = "USD per hour on demand. Taken from the provider's table when left out." },
    { "spot", &type_number, OPTIONAL, .check = &check_positive,
      .doc = "USD per hour on the spot market." },
    { "reserved", &type_number, OPTIONAL, .check = &check_positive,
      .doc = "USD per hour when reserved." },
    { 0 },
};

static const struct attr contention_rows[] = {
    { "tasks", &type_number, REQUIRED, .check = &check_tasks, .doc = "Tasks on one GPU at once." },
    { "throughput", &type_number, REQUIRED, .check = &check_positive,
      .doc = "What all of them together get done, where one alone gets 1 done." },
    { "p99", &type_number, REQUIRED, .check = &check_positive,
      .doc = "Their 99th percentile of latency, where one alone has 1." },
    { 0 },
};

static const struct type_member plan_members[] = {
    TYPE_MEMBER("advice", &type_string),        TYPE_MEMBER("gpus", &type_number),
    TYPE_MEMBER("instance_type", &type_string), TYPE_MEMBER("limited_by", &type_string),
    TYPE_MEMBER("mig_layout", &type_string),    TYPE_MEMBER("mig_profile", &type_string),
    TYPE_MEMBER("nodes", &type_number),         TYPE_MEMBER("on_demand", &type_number),
    TYPE_MEMBER("p99", &type_number),           TYPE_MEMBER("possible", &type_bool),
    TYPE_MEMBER("reason", &type_string),        TYPE_MEMBER("reserved", &type_number),
    TYPE_MEMBER("spot", &type_number),          TYPE_MEMBER("tasks_on_busiest_gpu", &type_number),
    TYPE_MEMBER("tasks_per_gpu", &type_number), TYPE_MEMBER("tasks_per_node", &type_number),
    TYPE_MEMBER("throughput", &type_number),    TYPE_MEMBER("usd_per_task_hour", &type_number),
};
static const struct type plan_type = OBJECT_TYPE(plan_members);
static const struct type plan_map = { .kind = TYPE_MAP, .element = &plan_type };

static const struct type_member sum_members[] = {
    TYPE_MEMBER("dedicated", &type_number),
    TYPE_MEMBER("saved", &type_number),
    TYPE_MEMBER("shared", &type_number),
};
static const struct type sum_type = OBJECT_TYPE(sum_members);
static const struct type sum_map = { .kind = TYPE_MAP, .element = &sum_type };

static const struct attr rows[] = {
    { "instance_type", &type_string, REQUIRED,
      .doc = "The instance type of the nodes, like `p3.8xlarge`." },
    { "tasks", &type_number, REQUIRED, .check = &check_tasks,
      .doc = "How many tasks run at once." },
    { "replicas", &type_number, OPTIONAL, .check = &check_replicas,
      .doc = "Shares of each GPU, for time-slicing and MPS. As many as the other limits allow when "
             "left out." },
    { "memory_mib", &type_number, OPTIONAL, .check = &check_memory,
      .doc = "GPU memory of each task in MiB, its CUDA context included." },
    { "utilisation", &type_number, OPTIONAL, .check = &check_part,
      .doc = "The part of a GPU's time that a task uses, like `0.22`, as measured on this "
             "`instance_type`." },
    { "utilisation_target", &type_number, OPTIONAL | COMPUTED, .default_json = "1",
      .check = &check_part, .doc = "The part of a GPU's time that may be used in all." },
    { "max_pods", &type_number, OPTIONAL, .check = &check_pods,
      .doc = "Pods that a node of `instance_type` may run; with prefix delegation it is more than "
             "the table says." },
    { "system_pods", &type_number, OPTIONAL | COMPUTED, .default_json = "4", .check = &check_pods,
      .doc = "Pods of each node that are no tasks: network, proxy, device plugin." },
    { "mig_profile", &type_string, OPTIONAL,
      .doc = "The MIG profile that each task gets. When left out, the layout that holds the most "
             "instances with enough memory and time for a task." },
    { "arch", &type_string, OPTIONAL, .check = &check_arch,
      .doc =
          "Architecture of the types that `cheapest` looks at: `amd64` or `arm64`. Any when left "
          "out." },
    { "contention_curve", &type_string, OPTIONAL, .check = &check_curve,
      .doc = "What tasks lose to each other by time-slicing, as measured on an H200: `saturating` "
             "(tasks that are always busy), `inference` (small ones without a pause) or `bursty` "
             "(busy 22 % of the time). When left out, `bursty`, scaled by the load that the tasks "
             "make "
             "together, for a `utilisation` of up to a third, else `saturating`." },
    { "contention", NULL, .nesting = BLOCK_LIST, .rows = contention_rows,
      .max_items = CONTENTION_POINT_LIMIT, .key = "tasks",
      .doc = "A curve of your own instead, in ascending `tasks`; it is used for MPS too, for which "
             "nothing was measured." },
    { "price", NULL, .nesting = BLOCK_LIST, .rows = price_rows, .key = "instance_type",
      .doc = "Prices of your own. Those on demand go over the table's; spot and reserved ones are "
             "known only from here." },
    { "price_date", &type_string, OPTIONAL | COMPUTED,
      .doc = "When the prices were read. The date of the provider's table when left out." },
    { "projection", &plan_map, COMPUTED,
      .doc =
          "What it takes on `instance_type`, by `whole`, `time-slicing`, `mps` and `mig`: objects "
          "with `possible`, else `reason`; `tasks_per_gpu` and what they are `limited_by`, "
          "`tasks_per_node`, `nodes`, `gpus`, `tasks_on_busiest_gpu`; `on_demand`, `spot` and "
          "`reserved` in USD per hour for all nodes and `usd_per_task_hour` on demand, null where "
          "the price is not known; `throughput` and `p99` of a task, where one alone has 1, null "
          "where nothing was measured; `mig_layout`, `mig_profile` and `advice`." },
    { "cheapest", &plan_map, COMPUTED,
      .doc = "The same for the type of the provider's table that serves the tasks for the least "
             "money on demand. A faster or slower GPU than yours is not accounted for." },
    { "simple_sum", &sum_map, COMPUTED,
      .doc = "The sum that is often made, one node for each task against one node for all, by "
             "`on-demand`, `spot` and `reserved`: `dedicated`, `shared` and `saved` in USD per "
             "hour." },
    { "findings", &type_string_list, COMPUTED,
      .doc = "What is wrong with that sum, and with the prices." },
    { 0 },
};

static const struct value *plan_value(struct arena *arena, const struct cost_question *question,
                                      const struct cost_plan *plan)
{
    bool possible = !plan->refused.at;
    double per_task = plan->usd_per_hour[COST_ON_DEMAND] / (double)question->tasks;
    bool loss = possible && plan->has_contention;
    const struct value_member members[] = {
        { STR("instance_type"), values_text(arena, str_of(plan->type ? plan->type->name : NULL)) },
        { STR("possible"), value_bool(possible) },
        { STR("reason"), values_text(arena, plan->refused) },
        { STR("tasks_per_gpu"), values_int_or_null(arena, plan->tasks_per_gpu) },
        { STR("limited_by"), values_text(arena, str_of(plan->limited_by)) },
        { STR("tasks_per_node"), values_int_or_null(arena, plan->tasks_per_node) },
        { STR("nodes"), values_int_or_null(arena, plan->nodes) },
        { STR("gpus"), values_int_or_null(arena, plan->gpus) },
        { STR("tasks_on_busiest_gpu"), values_int_or_null(arena, plan->tasks_on_gpu) },
        { STR("on_demand"), values_number_or_null(arena, plan->usd_per_hour[COST_ON_DEMAND]) },
        { STR("spot"), values_number_or_null(arena, plan->usd_per_hour[COST_SPOT]) },
        { STR("reserved"), values_number_or_null(arena, plan->usd_per_hour[COST_RESERVED]) },
        { STR("usd_per_task_hour"), values_number_or_null(arena, per_task) },
        { STR("throughput"), loss ? values_number(arena, plan->throughput) : &value_null },
        { STR("p99"), loss ? values_number(arena, plan->p99) : &value_null },
        { STR("mig_layout"), values_text(arena, plan->layout) },
        { STR("mig_profile"), values_text(arena, plan->profile) },
        { STR("advice"), values_text(arena, plan->advice) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

static const struct value *plan_values(struct arena *arena, const struct cost_question *question,
                                       const struct instance_type *type)
{
    struct value_member members[COST_MODES];
    for (int i = 0; i < COST_MODES; i++) {
        enum cost_mode mode = (enum cost_mode)i;
        struct cost_plan plan = type ? cost_plan_make(arena, question, type, mode)
                                     : cost_plan_cheapest(arena, question, mode);
        members[i] =
            (struct value_member){ str_of(cost_mode_names[i]), plan_value(arena, question, &plan) };
    }
    return value_members(arena, members, COST_MODES);
}

static const struct value *sum_values(struct arena *arena, const struct cost_question *question,
                                      const struct instance_type *type)
{
    struct value_member members[COST_PURCHASES];
    for (int i = 0; i < COST_PURCHASES; i++) {
        struct cost_simple_sum sum = cost_simple_sum(question, type, (enum cost_purchase)i);
        bool known = sum.shared > 0;
        const struct value_member parts[] = {
            { STR("dedicated"), known ? values_number(arena, sum.dedicated) : &value_null },
            { STR("shared"), known ? values_number(arena, sum.shared) : &value_null },
            { STR("saved"), known ? values_number(arena, sum.saved) : &value_null },
        };
        members[i] =
            (struct value_member){ str_of(cost_purchase_names[i]), value_members(arena, parts, 3) };
    }
    return value_members(arena, members, COST_PURCHASES);
}

static const struct value *findings(struct arena *arena, const struct cost_question *question,
                                    const struct instance_type *type)
{
    struct problems problems = problems_make(arena);
    cost_check(question, type, &problems);
    struct str *sentences = ARENA_NEW_ARRAY(arena, struct str, problems.count);
    size_t count = 0;
    for (const struct problem *problem = problems.first; problem; problem = problem->next)
        sentences[count++] = problem->sentence;
    return values_text_list(arena, sentences, count);
}

static bool read_prices(struct call *call, const struct value *list, struct cost_question *out)
{
    struct cost_price *prices = ARENA_NEW_ARRAY(call->arena, struct cost_price, list->count);
    bool ok = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *block = list->items[i];
        struct str name = value_text(value_at(block, "instance_type"));
        const struct path *at = PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("price")), (int64_t)i);
        prices[i] = (struct cost_price){ name,
                                         { values_double(value_at(block, "on_demand"), 0),
                                           values_double(value_at(block, "spot"), 0),
                                           values_double(value_at(block, "reserved"), 0) } };
        if (!values_instance_type(call, PATH_AT_ATTRIBUTE(at, STR("instance_type")), name))
            ok = false;
    }
    out->prices = prices;
    out->price_count = list->count;
    return ok;
}

/* The curve of the contention blocks, or the named one, or NULL for the standard one. */
static bool read_curve(struct call *call, const struct value *config, struct cost_question *out)
{
    const struct value *list = value_at(config, "contention");
    struct str name = value_text(value_at(config, "contention_curve"));
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("contention"));
    out->curve = name.at ? contention_find(name) : NULL;
    if (!list->count)
        return true;
    if (name.at)
        return fail(call, at, "Two curves",
                    "`contention_curve` and `contention` blocks exclude each other.");
    struct contention_curve *curve = ARENA_NEW(call->arena, struct contention_curve);
    for (size_t i = 0; i < list->count && i < CONTENTION_POINT_LIMIT; i++) {
        const struct value *block = list->items[i];
        struct contention_point *point = &curve->points[curve->count++];
        *point = (struct contention_point){ values_int(value_at(block, "tasks"), 1),
                                            values_double(value_at(block, "throughput"), 1),
                                            values_double(value_at(block, "p99"), 1) };
        if (i > 0 && point->tasks <= point[-1].tasks)
            return fail(
                call, PATH_AT_ATTRIBUTE(PATH_AT_INDEX(at, (int64_t)i), STR("tasks")),
                "Points out of order",
                "%lld tasks come after %lld; the points of a curve stand in ascending order.",
                (long long)point->tasks, (long long)point[-1].tasks);
    }
    out->curve = curve;
    return true;
}

static bool read_question(struct call *call, const struct value *config, struct cost_question *out)
{
    *out = (struct cost_question){
        .tasks = values_int(value_at(config, "tasks"), 1),
        .memory_mib = values_int(value_at(config, "memory_mib"), 0),
        .utilisation = values_double(value_at(config, "utilisation"), 0),
        .utilisation_target = values_double(value_at(config, "utilisation_target"), 1),
        .replicas = values_int(value_at(config, "replicas"), 0),
        .max_pods = values_int(value_at(config, "max_pods"), 0),
        .system_pods = values_int(value_at(config, "system_pods"), 0),
        .mig_profile = value_text(value_at(config, "mig_profile")),
        .arch = value_text(value_at(config, "arch")),
    };
    return read_prices(call, value_at(config, "price"), out) && read_curve(call, config, out);
}

static const struct value *read_cost_projection(struct call *call, const struct context *context,
                                                const struct value *given)
{
    (void)context;
    struct arena *arena = call->arena;
    struct cost_question question;
    const struct value *config = values_with_defaults(call, rows, given);
    if (!config || !read_question(call, config, &question))
        return NULL;
    struct str date = value_text(value_at(config, "price_date"));
    const struct instance_type *type =
        values_instance_type(call, PATH_AT_ATTRIBUTE(NULL, STR("instance_type")),
                             value_text(value_at(config, "instance_type")));
    if (!type)
        return NULL;
    struct cost_question anywhere = question;
    anywhere.mig_profile = (struct str){ 0 };
    const struct value_member results[] = {
        { STR("price_date"),
          value_string(arena, date.at ? date : str_of(instance_types_price_date)) },
        { STR("projection"), plan_values(arena, &question, type) },
        { STR("cheapest"), plan_values(arena, &anywhere, NULL) },
        { STR("simple_sum"), sum_values(arena, &question, type) },
        { STR("findings"), findings(arena, &question, type) },
    };
    return values_with(arena, config, results, sizeof results / sizeof *results);
}

const struct data_source cost_projection = {
    .name = "cost_projection",
    .doc =
        "What tasks cost on whole GPUs, by time-slicing, by MPS and by MIG: counted in nodes that "
        "are really needed, with what tasks lose to each other as measured on an H200. It needs "
        "neither credentials nor a cluster.",
    .rows = rows,
    .read = read_cost_projection,
};
