/* Points and reasons for each way of sharing. */
#include "gpu/recommendation.h"

#include <stdlib.h>

#include "gpu/cost.h"
#include "gpu/recommendation_hcl.h"
#include "gpu/replicas.h"

/* How many tasks to begin with where nothing says how many fit. */
#define USUAL_REPLICAS 10
/* Of a GPU's time, what tasks may use together before they wait for each other. */
#define TARGET 0.9
#define BUSY 0.5
#define BURSTY (1.0 / 3)
#define SYSTEM_PODS 4

const char *const sharing_way_names[WAYS] = {
    [WAY_TIME_SLICING] = "time-slicing",
    [WAY_MPS] = "mps",
    [WAY_MIG] = "mig",
    [WAY_MIG_TIME_SLICING] = "mig-with-time-slicing",
    [WAY_DRA] = "dra",
    [WAY_NONE] = "none",
};

struct judging {
    struct arena *arena;
    const struct sharing_need *need;
    struct recommendation *out;
};

PRINTF_LIKE(3, 4)
static void add(struct judging *judging, int points, const char *format, ...)
{
    struct recommendation *out = judging->out;
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(judging->arena, format, arguments);
    va_end(arguments);
    out->points += points;
    if (out->reason_count < REASON_LIMIT)
        out->reasons[out->reason_count++] = sentence;
}

/* Rules the way out; its reason comes first. */
PRINTF_LIKE(2, 3)
static void rule_out(struct judging *judging, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(judging->arena, format, arguments);
    va_end(arguments);
    *judging->out = (struct recommendation){ .way = judging->out->way };
    judging->out->reasons[0] = sentence;
    judging->out->reason_count = 1;
}

static struct cost_question question_of(const struct sharing_need *need)
{
    return (struct cost_question){ .tasks = 1,
                                   .memory_mib = need->memory_mib,
                                   .utilisation = need->utilisation,
                                   .utilisation_target = need->utilisation > TARGET ? 1 : TARGET,
                                   .system_pods = SYSTEM_PODS };
}

/* How many tasks share a GPU in MODE; 0 with the way ruled out where they cannot. */
static int64_t count_tasks(struct judging *judging, enum cost_mode mode, struct cost_plan *plan)
{
    struct cost_question question = question_of(judging->need);
    bool is_known = question.memory_mib > 0 || question.utilisation > 0;
    *plan = cost_plan_make(judging->arena, &question, judging->need->type, mode);
    if (plan->refused.at) {
        rule_out(judging, "%.*s", STR_ARG(plan->refused));
        return 0;
    }
    if (mode == COST_MIG || is_known)
        return plan->tasks_per_gpu;
    return plan->tasks_per_gpu < USUAL_REPLICAS ? plan->tasks_per_gpu : USUAL_REPLICAS;
}

/* What rules every way of sharing out. */
static bool is_shareable(struct judging *judging)
{
    const struct gpu_model *gpu = judging->need->type->gpu;
    if (gpu->refused) {
        rule_out(judging, "%s: %s.", gpu->marketing, gpu->refused);
        return false;
    }
    if (!gpu_model_is_nvidia(gpu)) {
        rule_out(judging, "%s is no GPU of NVIDIA's, and only those can be shared.",
                 gpu->marketing);
        return false;
    }
    if (judging->need->autoscaler == AUTOSCALER_AUTO_MODE) {
        rule_out(judging, "EKS Auto Mode runs a device plugin of its own that cannot be "
                          "configured, so its nodes' GPUs are not shared.");
        return false;
    }
    return true;
}

static void judge_autoscaler(struct judging *judging)
{
    if (judging->need->autoscaler == AUTOSCALER_KARPENTER)
        add(judging, 0,
            "Karpenter counts physical GPUs: it needs a NodeOverlay and its gate NodeOverlay.");
    if (judging->need->autoscaler == AUTOSCALER_CLUSTER)
        add(judging, -5,
            "The cluster autoscaler counts physical GPUs while a node group has no node, unless "
            "the group's tags say how many shares a node has.");
}

static void judge_replicas(struct judging *judging, int64_t tasks, const struct cost_plan *plan)
{
    if (judging->need->memory_mib > 0 || judging->need->utilisation > 0)
        add(judging, 0, "%lld tasks share a GPU, limited by %s.", (long long)tasks,
            plan->limited_by ? plan->limited_by : "nothing that is known");
    else
        add(judging, 0,
            "How many tasks share a GPU well is not known without their memory and utilisation; "
            "%lld is a number to begin with.",
            (long long)tasks);
    judging->out->replicas = tasks;
    judging->out->tasks_per_gpu = tasks;
}

static void judge_slices(struct judging *judging, int64_t tasks)
{
    double utilisation = judging->need->utilisation;
    const struct contention_curve *curve = contention_for(utilisation);
    struct contention_point point = contention_of(utilisation, tasks);
    bool is_bursty = utilisation > 0 && utilisation <= BURSTY;
    add(judging,
        is_bursty            ? 25
        : utilisation > BUSY ? -20
                             : 0,
        "As measured on an H200 with %s, a task keeps %.0f %% of its speed when %lld share a GPU, "
        "and "
        "its 99th percentile of latency is %.1f times that of one alone.",
        curve->doc, 100 * point.throughput / (double)tasks, (long long)tasks, point.p99);
    if (judging->need->needs_steady_latency)
        add(judging, -30, "Latency is not steady: tasks wait for each other's slices.");
}

static void judge_time_slicing(struct judging *judging)
{
    struct cost_plan plan;
    if (!is_shareable(judging))
        return;
    if (judging->need->isolation != ISOLATION_NONE) {
        rule_out(judging, "Time-slicing isolates nothing: tasks share the GPU's memory, and one "
                          "can take what the others need.");
        return;
    }
    int64_t tasks = count_tasks(judging, COST_TIME_SLICING, &plan);
    if (tasks == 0)
        return;
    if (tasks < REPLICAS_LEAST) {
        rule_out(judging, "Only one task fits on a GPU (%s).", plan.limited_by);
        return;
    }
    add(judging, 50, "It works on every NVIDIA GPU and changes without a new node.");
    judge_replicas(judging, tasks, &plan);
    judge_slices(judging, tasks);
    add(judging, 0,
        "Nothing limits a task's memory: tasks that take more than planned end each "
        "other.");
    judge_autoscaler(judging);
}

static void judge_mps(struct judging *judging)
{
    struct cost_plan plan;
    if (!is_shareable(judging))
        return;
    if (judging->need->isolation == ISOLATION_FAULT) {
        rule_out(judging, "A fatal fault of one MPS client can end the others of its GPU.");
        return;
    }
    int64_t tasks = count_tasks(judging, COST_MPS, &plan);
    if (tasks == 0)
        return;
    if (tasks < REPLICAS_LEAST) {
        rule_out(judging, "Only one task fits on a GPU (%s).", plan.limited_by);
        return;
    }
    add(judging, 45, "Tasks run at the same time, each with its part of threads and memory.");
    judge_replicas(judging, tasks, &plan);
    if (judging->need->isolation == ISOLATION_MEMORY)
        add(judging, 15, "Each client's memory is capped and protected.");
    if (judging->need->needs_steady_latency)
        add(judging, 10,
            "Nobody waits for a slice, but clients share caches and memory "
            "bandwidth.");
    add(judging, -5, "It needs a control daemon on each node, and is not for MIG.");
    judge_autoscaler(judging);
}

static void judge_mig_isolation(struct judging *judging)
{
    if (judging->need->isolation == ISOLATION_FAULT)
        add(judging, 40, "Instances have memory, caches and faults of their own.");
    else if (judging->need->isolation == ISOLATION_MEMORY)
        add(judging, 25, "Instances have memory and caches of their own.");
    else
        add(judging, -10, "Isolation is not asked for, and its partitions are fixed.");
}

static void judge_boot(struct judging *judging)
{
    if (judging->need->autoscaler == AUTOSCALER_KARPENTER)
        add(judging, -5,
            "On new nodes a pod may start before mig-manager divided the GPU; nodes that divide it "
            "while they boot (Bottlerocket's settings) have no such race.");
}

static void judge_mig(struct judging *judging)
{
    struct cost_plan plan;
    if (!is_shareable(judging) || !count_tasks(judging, COST_MIG, &plan))
        return;
    struct str count;
    struct str layout = plan.layout;
    (void)str_split(&layout, ' ', &count);
    judging->out->profile = plan.profile;
    (void)str_to_int(count, &judging->out->instances);
    judging->out->tasks_per_gpu = plan.tasks_per_gpu;
    add(judging, 40, "%s can be divided into %.*s.", judging->need->type->gpu->marketing,
        STR_ARG(plan.layout));
    judge_mig_isolation(judging);
    if (judging->need->needs_steady_latency)
        add(judging, 20, "Latency is steady: nobody else uses an instance.");
    judge_boot(judging);
    judge_autoscaler(judging);
}

/* How many tasks share an instance of the smallest profile. */
static int64_t tasks_per_instance(const struct sharing_need *need, const struct cost_plan *mig)
{
    const struct mig_geometry *geometry = need->type->gpu->mig;
    double share = TARGET / (double)geometry->max_instances;
    double memory = (double)need->type->gpu_memory_mib / (double)geometry->memory_slices * TARGET;
    int64_t tasks = USUAL_REPLICAS;
    if (mig->tasks_per_gpu < (int64_t)geometry->max_instances)
        return 1;
    if (need->memory_mib > 0 && memory / (double)need->memory_mib < (double)tasks)
        tasks = (int64_t)(memory / (double)need->memory_mib);
    if (need->utilisation > 0 && share / need->utilisation < (double)tasks)
        tasks = (int64_t)(share / need->utilisation);
    return tasks;
}

static void judge_both(struct judging *judging)
{
    struct cost_plan plan;
    if (!is_shareable(judging))
        return;
    if (judging->need->isolation != ISOLATION_NONE) {
        rule_out(judging, "Tasks that share an instance are not isolated from each other.");
        return;
    }
    if (!count_tasks(judging, COST_MIG, &plan))
        return;
    int64_t tasks = tasks_per_instance(judging->need, &plan);
    if (tasks < REPLICAS_LEAST) {
        rule_out(judging, "Only one task fits into a MIG instance.");
        return;
    }
    judge_mig(judging);
    judging->out->replicas = tasks;
    judging->out->tasks_per_gpu = tasks * judging->out->instances;
    add(judging, judging->need->utilisation > 0 ? 5 : -10,
        "%lld tasks share each instance, and disturb only those of the same instance.",
        (long long)tasks);
    if (judging->need->needs_steady_latency)
        add(judging, -30, "Latency is not steady: tasks wait for each other's slices.");
}

static void judge_dra(struct judging *judging)
{
    struct cost_plan plan;
    if (!is_shareable(judging))
        return;
    int64_t tasks = count_tasks(judging, COST_TIME_SLICING, &plan);
    if (tasks == 0)
        return;
    if (tasks < REPLICAS_LEAST) {
        rule_out(judging, "Only one task fits on a GPU (%s).", plan.limited_by);
        return;
    }
    if (judging->need->isolation != ISOLATION_NONE) {
        rule_out(judging, "Sharing a claim isolates nothing, and dividing GPUs on demand is an "
                          "alpha gate (DynamicMIG) of the DRA driver.");
        return;
    }
    judging->out->tasks_per_gpu = tasks;
    add(judging, 25, "Pods that name one claim share its GPU; nobody counts replicas.");
    add(judging, -5,
        "It needs Kubernetes 1.34 and NVIDIA's DRA driver, whose time-slicing and MPS "
        "settings are alpha gates, on nodes without the device plugin.");
    if (judging->need->autoscaler == AUTOSCALER_KARPENTER)
        add(judging, -10, "Karpenter knows DRA from 1.15 on, behind a switch.");
    if (judging->need->needs_steady_latency)
        add(judging, -10, "Tasks of one GPU wait for each other as with time-slicing.");
}

static void judge_none(struct judging *judging)
{
    const struct sharing_need *need = judging->need;
    struct cost_plan plan;
    int64_t tasks = count_tasks(judging, COST_WHOLE, &plan);
    if (tasks == 0)
        return;
    judging->out->tasks_per_gpu = 1;
    add(judging, 15, "Nobody disturbs a task that has a GPU for itself.");
    if (need->isolation == ISOLATION_FAULT)
        add(judging, 20, "It isolates as nothing else does, on every GPU.");
    if (need->needs_steady_latency)
        add(judging, 10, "Latency is as steady as it can be.");
    if (need->utilisation > BUSY)
        add(judging, 40, "A task uses %.3g of a GPU's time, so little is left for others.",
            need->utilisation);
    else if (need->utilisation > 0)
        add(judging, -10, "A task uses %.3g of a GPU's time; the rest is paid for and idle.",
            need->utilisation);
    if (need->memory_mib * 2 > (int64_t)need->type->gpu_memory_mib)
        add(judging, 40, "A task needs more than half of the GPU's memory.");
}

static int order(const void *a, const void *b)
{
    const struct recommendation *left = a;
    const struct recommendation *right = b;
    if (left->possible != right->possible)
        return left->possible ? -1 : 1;
    if (left->points != right->points)
        return left->points > right->points ? -1 : 1;
    return (int)left->way - (int)right->way;
}

void recommendation_make(struct arena *arena, const struct sharing_need *need,
                         struct recommendation out[WAYS])
{
    static void (*const judges[WAYS])(struct judging *) = {
        [WAY_TIME_SLICING] = judge_time_slicing, [WAY_MPS] = judge_mps, [WAY_MIG] = judge_mig,
        [WAY_MIG_TIME_SLICING] = judge_both,     [WAY_DRA] = judge_dra, [WAY_NONE] = judge_none,
    };
    for (int i = 0; i < WAYS; i++) {
        struct judging judging = { arena, need, &out[i] };
        out[i] = (struct recommendation){ .way = (enum sharing_way)i };
        judges[i](&judging);
        out[i].possible = out[i].tasks_per_gpu > 0;
        out[i].points = out[i].points < 0 ? 0 : out[i].points > 100 ? 100 : out[i].points;
        if (out[i].possible)
            out[i].hcl = recommendation_hcl(arena, need, &out[i]);
    }
    qsort(out, WAYS, sizeof *out, order);
}
