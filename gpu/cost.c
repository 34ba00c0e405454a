/* The arithmetic of nodes and money. */
#include "gpu/cost.h"

#include "gpu/replicas.h"

/* A MIG instance has a little less memory than its slices: 16 of 17.6 GiB on an H200, 20.5 of 22.4
 * on a B200.  What is counted on is this part of them. */
#define MIG_MEMORY_PART 0.9

#define NO_LIMIT INT64_MAX

const char *const cost_mode_names[COST_MODES] = {
    [COST_WHOLE] = "whole",
    [COST_TIME_SLICING] = "time-slicing",
    [COST_MPS] = "mps",
    [COST_MIG] = "mig",
};

const char *const cost_purchase_names[COST_PURCHASES] = {
    [COST_ON_DEMAND] = "on-demand",
    [COST_SPOT] = "spot",
    [COST_RESERVED] = "reserved",
};

double cost_price_of(const struct cost_question *question, const struct instance_type *type,
                     enum cost_purchase purchase)
{
    for (size_t i = 0; i < question->price_count; i++)
        if (str_is(question->prices[i].instance_type, type->name) &&
            question->prices[i].usd_per_hour[purchase] > 0)
            return question->prices[i].usd_per_hour[purchase];
    return purchase == COST_ON_DEMAND ? type->usd_per_hour : 0;
}

/* A fraction of a GPU is one device to the plugin. */
static int64_t devices_of(const struct instance_type *type)
{
    return type->gpus > 0 ? type->gpus : 1;
}

/* The part of a whole GPU that each device of TYPE is. */
static double part_of_gpu(const struct instance_type *type)
{
    unsigned whole = type->gpu_memory_mib;
    for (size_t i = 0; type->gpus == 0 && i < instance_type_count; i++) {
        const struct instance_type *row = &instance_type_rows[i];
        if (row->gpu == type->gpu && row->gpu_memory_mib > whole)
            whole = row->gpu_memory_mib;
    }
    return whole > 0 ? (double)type->gpu_memory_mib / whole : 1;
}

static double target_of(const struct cost_question *question)
{
    return question->utilisation_target > 0 ? question->utilisation_target : 1;
}

/* How many tasks MIB of memory hold. */
static int64_t fit_memory(const struct cost_question *question, double mib)
{
    return question->memory_mib > 0 ? (int64_t)(mib / (double)question->memory_mib) : NO_LIMIT;
}

/* How many tasks have enough of the time of PART of a GPU; ten tasks of 0.1 fit, whatever their
 * sum is in binary. */
static int64_t fit_time(const struct cost_question *question, double part)
{
    if (question->utilisation <= 0)
        return NO_LIMIT;
    double fit = target_of(question) * part / question->utilisation + 1e-9;
    return fit < 1e15 ? (int64_t)fit : NO_LIMIT;
}

static void limit(struct cost_plan *plan, int64_t tasks, const char *by)
{
    if (tasks >= plan->tasks_per_gpu)
        return;
    plan->tasks_per_gpu = tasks;
    plan->limited_by = by;
}

static int64_t most_pods(const struct cost_question *question, const struct instance_type *type)
{
    int64_t pods = question->max_pods > 0 ? question->max_pods : (int64_t)type->max_pods;
    return pods > 0 ? pods - question->system_pods : NO_LIMIT;
}

static void refuse(struct cost_plan *plan, struct str why)
{
    plan->refused = why;
    plan->tasks_per_gpu = 0;
    plan->limited_by = NULL;
}

/* What a single task asks of a device is the first thing to hold. */
static bool refuse_large_task(struct arena *arena, const struct cost_question *question,
                              struct cost_plan *plan)
{
    double part = part_of_gpu(plan->type);
    if (question->memory_mib > (int64_t)plan->type->gpu_memory_mib) {
        refuse(plan, str_print(arena, "A task needs %lld MiB, and each GPU of %s has %u MiB.",
                               (long long)question->memory_mib, plan->type->name,
                               plan->type->gpu_memory_mib));
        return true;
    }
    if (fit_time(question, part) < 1) {
        refuse(plan,
               str_print(arena,
                         "A task uses %.3g of a GPU's time, and %.3g of it may be used on "
                         "each device of %s.",
                         question->utilisation, target_of(question) * part, plan->type->name));
        return true;
    }
    return false;
}

static void plan_shared(struct arena *arena, const struct cost_question *question,
                        struct cost_plan *plan)
{
    int64_t in_memory = fit_memory(question, plan->type->gpu_memory_mib);
    unsigned most = plan->mode == COST_MPS ? replicas_mps_limit(plan->type->gpu) : 0;
    plan->tasks_per_gpu = NO_LIMIT;
    limit(plan, question->replicas > 0 ? question->replicas : NO_LIMIT, "replicas");
    limit(plan, most > 0 ? most : NO_LIMIT, "replicas");
    limit(plan, in_memory, "memory");
    limit(plan, fit_time(question, part_of_gpu(plan->type)), "utilisation");
    if (question->replicas <= in_memory)
        return;
    if (plan->mode == COST_MPS)
        plan->advice = str_print(arena,
                                 "With %lld replicas MPS gives each client %lld MiB, and a task "
                                 "needs %lld: use at most %lld replicas.",
                                 (long long)question->replicas,
                                 (long long)(plan->type->gpu_memory_mib / question->replicas),
                                 (long long)question->memory_mib, (long long)in_memory);
    else
        plan->advice = str_print(arena,
                                 "%lld replicas admit more tasks than the GPU's memory holds, and "
                                 "those run out of memory: use at most %lld replicas.",
                                 (long long)question->replicas, (long long)in_memory);
}

/* Whether one task can run in an instance of PROFILE. */
static bool profile_serves(const struct cost_question *question, const struct instance_type *type,
                           const struct mig_profile *profile)
{
    const struct mig_geometry *geometry = type->gpu->mig;
    double memory = (double)type->gpu_memory_mib * profile->memory_slices * MIG_MEMORY_PART /
                    geometry->memory_slices;
    unsigned whole = geometry->profiles[geometry->profile_count - 1].compute_slices;
    return fit_memory(question, memory) >= 1 &&
           fit_time(question, (double)profile->compute_slices / whole) >= 1;
}

struct packing {
    struct mig_counts counts; /* of the profiles that serve */
    int64_t tasks;
    unsigned kinds; /* of instances: one alone is simpler to ask for */
};

static struct packing pack(const struct cost_question *question, const struct instance_type *type,
                           const struct mig_counts *counts)
{
    struct packing packing = { .tasks = 0 };
    for (size_t i = 0; i < type->gpu->mig->profile_count; i++) {
        if (counts->of[i] == 0 || !profile_serves(question, type, &type->gpu->mig->profiles[i]))
            continue;
        packing.counts.of[i] = counts->of[i];
        packing.tasks += counts->of[i];
        packing.kinds++;
    }
    return packing;
}

/* The layout that holds most tasks; of those the one with fewest kinds of instances, then with the
 * largest. */
static struct packing pack_best(struct arena *arena, const struct cost_question *question,
                                const struct instance_type *type)
{
    struct mig_layouts layouts = mig_layouts(arena, type->gpu->mig, /* double memory */ true);
    struct packing best = { .tasks = 0 };
    for (size_t i = 0; i < layouts.count; i++) {
        struct packing packing = pack(question, type, &layouts.rows[i].counts);
        if (packing.tasks > best.tasks ||
            (packing.tasks == best.tasks && packing.kinds < best.kinds))
            best = packing;
    }
    return best;
}

static struct packing pack_profile(const struct cost_question *question,
                                   const struct instance_type *type,
                                   const struct mig_profile *profile)
{
    struct mig_counts counts = { { 0 } };
    counts.of[profile - type->gpu->mig->profiles] = profile->max;
    return pack(question, type, &counts);
}

static void plan_divided(struct arena *arena, const struct cost_question *question,
                         struct cost_plan *plan)
{
    const struct mig_geometry *geometry = plan->type->gpu->mig;
    const struct mig_profile *asked = NULL;
    if (geometry == NULL || plan->type->gpus == 0) {
        refuse(plan, str_print(arena, "The GPU of %s (%s) is not capable of MIG.", plan->type->name,
                               plan->type->gpu->marketing));
        return;
    }
    if (geometry->memory_slices == 0) {
        refuse(plan, str_print(arena, "The MIG profiles of %s are not known to this provider.",
                               plan->type->gpu->marketing));
        return;
    }
    if (question->mig_profile.at && !(asked = mig_profile_find(geometry, question->mig_profile))) {
        const char *nearest = mig_profile_nearest(geometry, question->mig_profile);
        refuse(plan, str_print(arena, "%s has no MIG profile %.*s%s%s.", plan->type->gpu->marketing,
                               STR_ARG(question->mig_profile), nearest ? "; the nearest is " : "",
                               nearest ? nearest : ""));
        return;
    }
    struct packing packing =
        asked ? pack_profile(question, plan->type, asked) : pack_best(arena, question, plan->type);
    if (packing.tasks == 0) {
        refuse(plan,
               str_print(arena,
                         "No MIG instance%s%s of %s has the memory and the share of "
                         "the GPU that a task needs.",
                         asked ? " " : "", asked ? asked->name : "", plan->type->gpu->marketing));
        return;
    }
    plan->tasks_per_gpu = packing.tasks;
    plan->limited_by = "profile";
    plan->layout = mig_counts_print(arena, geometry, &packing.counts);
    for (size_t i = geometry->profile_count; i > 0; i--)
        if (packing.counts.of[i - 1] > 0)
            plan->profile = str_of(geometry->profiles[i - 1].name);
}

static void add_contention(const struct cost_question *question, struct cost_plan *plan)
{
    const struct contention_curve *curve = question->curve;
    if (plan->mode == COST_WHOLE || plan->tasks_on_gpu <= 1) {
        plan->has_contention = plan->mode != COST_MIG;
        plan->throughput = plan->p99 = 1;
        return;
    }
    if (plan->mode == COST_MIG || (plan->mode == COST_MPS && curve == NULL))
        return;
    struct contention_point point = curve
                                        ? contention_at(curve, plan->tasks_on_gpu)
                                        : contention_of(question->utilisation, plan->tasks_on_gpu);
    plan->has_contention = true;
    plan->throughput = point.throughput / (double)plan->tasks_on_gpu;
    plan->p99 = point.p99;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

/* Tasks for each GPU are known: nodes and money follow. */
static void count_nodes(struct arena *arena, const struct cost_question *question,
                        struct cost_plan *plan)
{
    int64_t devices = devices_of(plan->type);
    int64_t pods = most_pods(question, plan->type);
    if (pods < 1) {
        refuse(plan, str_print(arena, "%s runs no pods beside the %lld of the system.",
                               plan->type->name, (long long)question->system_pods));
        return;
    }
    if (__builtin_mul_overflow(plan->tasks_per_gpu, devices, &plan->tasks_per_node))
        plan->tasks_per_node = NO_LIMIT;
    if (plan->tasks_per_node > pods) {
        plan->tasks_per_node = pods;
        plan->tasks_per_gpu = divide_up(pods, devices);
        plan->limited_by = "pods";
    }
    if (plan->tasks_per_node == NO_LIMIT)
        plan->limited_by = NULL;
    plan->nodes = divide_up(question->tasks, plan->tasks_per_node);
    if (__builtin_mul_overflow(plan->nodes, devices, &plan->gpus))
        plan->gpus = NO_LIMIT;
    plan->tasks_on_gpu = divide_up(question->tasks, plan->gpus);
    for (int i = 0; i < COST_PURCHASES; i++)
        plan->usd_per_hour[i] =
            (double)plan->nodes * cost_price_of(question, plan->type, (enum cost_purchase)i);
    add_contention(question, plan);
}

struct cost_plan cost_plan_make(struct arena *arena, const struct cost_question *question,
                                const struct instance_type *type, enum cost_mode mode)
{
    struct cost_plan plan = { .type = type, .mode = mode };
    if (type->gpu->refused)
        refuse(&plan, str_print(arena, "%s has the GPU %s: %s.", type->name, type->gpu->marketing,
                                type->gpu->refused));
    else if (mode != COST_WHOLE && !gpu_model_is_nvidia(type->gpu))
        refuse(&plan, str_print(arena, "NVIDIA's device plugin cannot share the GPU of %s (%s).",
                                type->name, type->gpu->marketing));
    if (plan.refused.at || refuse_large_task(arena, question, &plan))
        return plan;
    if (mode == COST_WHOLE) {
        plan.tasks_per_gpu = 1;
        plan.limited_by = "whole GPUs";
    } else if (mode == COST_MIG) {
        plan_divided(arena, question, &plan);
    } else {
        plan_shared(arena, question, &plan);
    }
    if (!plan.refused.at)
        count_nodes(arena, question, &plan);
    return plan;
}

/* A fraction of a GPU serves where it is known that a task needs no more. */
static bool is_candidate(const struct cost_question *question, const struct instance_type *type)
{
    bool fits_fraction = question->memory_mib > 0 && question->utilisation > 0;
    return gpu_model_is_nvidia(type->gpu) && (type->gpus > 0 || fits_fraction) &&
           (!question->arch.at || str_is(question->arch, type->arch)) &&
           cost_price_of(question, type, COST_ON_DEMAND) > 0;
}

struct cost_plan cost_plan_cheapest(struct arena *arena, const struct cost_question *question,
                                    enum cost_mode mode)
{
    struct cost_question any = *question;
    any.max_pods = 0;
    struct cost_plan best = { .mode = mode };
    best.refused = STR("No instance type whose price is known serves these tasks.");
    for (size_t i = 0; i < instance_type_count; i++) {
        if (!is_candidate(question, &instance_type_rows[i]))
            continue;
        struct cost_plan plan = cost_plan_make(arena, &any, &instance_type_rows[i], mode);
        if (!plan.refused.at && (best.refused.at || plan.usd_per_hour[COST_ON_DEMAND] <
                                                        best.usd_per_hour[COST_ON_DEMAND]))
            best = plan;
    }
    return best;
}

struct cost_simple_sum cost_simple_sum(const struct cost_question *question,
                                       const struct instance_type *type,
                                       enum cost_purchase purchase)
{
    double price = cost_price_of(question, type, purchase);
    double dedicated = price * (double)question->tasks;
    return (struct cost_simple_sum){ dedicated, price, dedicated - price };
}

static void check_counts(const struct cost_question *question, const struct instance_type *type,
                         struct problems *problems)
{
    double price = cost_price_of(question, type, COST_ON_DEMAND);
    int64_t nodes = divide_up(question->tasks, devices_of(type));
    if (type->gpus < 2 || question->tasks < 2)
        return;
    struct problem *problem = problem_add(
        problems, PROBLEM_SUSPICIOUS, STR(""),
        "A node of %s has %u GPUs, so %lld tasks with a whole GPU each need %lld %s, not %lld",
        type->name, type->gpus, (long long)question->tasks, (long long)nodes,
        nodes == 1 ? "node" : "nodes", (long long)question->tasks);
    struct str money = STR(".");
    if (price > 0)
        money = str_print(problems->arena, ": $%.2f an hour, not $%.2f.", price * (double)nodes,
                          price * (double)question->tasks);
    problem->sentence =
        str_print(problems->arena, "%.*s%.*s", STR_ARG(problem->sentence), STR_ARG(money));
}

void cost_check(const struct cost_question *question, const struct instance_type *type,
                struct problems *problems)
{
    double on_demand = cost_price_of(question, type, COST_ON_DEMAND);
    check_counts(question, type, problems);
    for (int i = COST_SPOT; i < COST_PURCHASES; i++) {
        double price = cost_price_of(question, type, (enum cost_purchase)i);
        if (price > on_demand && on_demand > 0)
            problem_add(problems, PROBLEM_SUSPICIOUS, STR(""),
                        "The %s price of %s, $%.4g an hour, is above its on-demand price of $%.4g "
                        "(%s), so it saves nothing.",
                        cost_purchase_names[i], type->name, price, on_demand,
                        on_demand == type->usd_per_hour ? instance_types_price_date : "as given");
    }
}
