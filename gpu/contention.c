/* The measured curves, and reading between their points. */
#include "gpu/contention.h"

#include "gpu/nearest.h"

/* A measurement as it came: tasks, requests per second of all together, p99 in milliseconds; and
 * the two of one task alone. */
#define MEASURED(tasks, per_s, p99_ms, alone_per_s, alone_p99_ms)                                  \
    {                                                                                              \
        tasks, (per_s) / (alone_per_s), (p99_ms) / (alone_p99_ms)                                  \
    }
#define SATURATING(tasks, per_s, p99_ms) MEASURED(tasks, per_s, p99_ms, 1204.5, 0.937)
#define INFERENCE(tasks, per_s, p99_ms) MEASURED(tasks, per_s, p99_ms, 4271.2, 0.288)
#define BURSTY(tasks, per_s, p99_ms) MEASURED(tasks, per_s, p99_ms, 264.8, 0.797)

const struct contention_curve contention_curves[] = {
    { "saturating",
      "tasks that each keep the GPU busy all the time",
      5,
      { SATURATING(1, 1204.5, 0.937), SATURATING(2, 1096.2, 2.012), SATURATING(4, 1096.5, 4.127),
        SATURATING(8, 1097.2, 7.733), SATURATING(10, 1097.5, 9.911) } },
    { "inference",
      "small inferences, one after the other without a pause",
      5,
      { INFERENCE(1, 4271.2, 0.288), INFERENCE(2, 4342.0, 0.464), INFERENCE(4, 4264.0, 0.942),
        INFERENCE(8, 4247.2, 1.89), INFERENCE(10, 4233.5, 2.371) } },
    { "bursty",
      "tasks that keep the GPU busy for 22 % of the time",
      5,
      { BURSTY(1, 264.8, 0.797), BURSTY(2, 439.2, 1.092), BURSTY(4, 868.5, 1.477),
        BURSTY(8, 1095.2, 7.134), BURSTY(10, 1093.2, 8.287) } },
};

const size_t contention_curve_count = sizeof contention_curves / sizeof *contention_curves;

/* What is busier than this has no pauses to speak of that another task could use. */
#define BURSTY_MOST (1.0 / 3)
/* How busy the tasks of the curve "bursty" were. */
#define BURSTY_MEASURED 0.22

const struct contention_curve *contention_find(struct str name)
{
    return named_row(name, contention_curves, contention_curve_count, sizeof *contention_curves);
}

const struct contention_curve *contention_for(double utilisation)
{
    bool bursty = utilisation > 0 && utilisation <= BURSTY_MOST;
    return contention_find(bursty ? STR("bursty") : STR("saturating"));
}

static double between(double from, double to, double part)
{
    return from + (to - from) * part;
}

struct contention_point contention_at(const struct contention_curve *curve, int64_t tasks)
{
    struct contention_point before = { 1, 1, 1 };
    for (size_t i = 0; i < curve->count; i++) {
        struct contention_point point = curve->points[i];
        if (point.tasks == tasks)
            return point;
        if (point.tasks > tasks) {
            double part = (double)(tasks - before.tasks) / (double)(point.tasks - before.tasks);
            return (struct contention_point){ tasks,
                                              between(before.throughput, point.throughput, part),
                                              between(before.p99, point.p99, part) };
        }
        before = point;
    }
    double growth = (double)tasks / (double)before.tasks;
    return (struct contention_point){ tasks, before.throughput, before.p99 * growth };
}

struct contention_point contention_of(double utilisation, int64_t tasks)
{
    const struct contention_curve *curve = contention_for(utilisation);
    if (curve != contention_find(STR("bursty")))
        return contention_at(curve, tasks);
    double load = (double)tasks * utilisation / BURSTY_MEASURED;
    int64_t equal = load > 1 && load < 1e15 ? (int64_t)(load + 0.5) : 1;
    struct contention_point point = contention_at(curve, equal);
    double each = point.throughput / (double)equal;
    return (struct contention_point){ tasks, each * (double)tasks, point.p99 };
}
