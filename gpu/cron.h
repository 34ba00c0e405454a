/* Cron schedules as Karpenter's disruption budgets take them. */
#pragma once

#include "base/str.h"

/* Whether S is a schedule of five fields (minute hour day month weekday; numbers, names of months
 * and weekdays, *, ?, lists, ranges, steps) or one of @yearly @annually @monthly @weekly @daily
 * @midnight @hourly.  The rule is robfig/cron's standard parser (weekday 7 and a step of 0 are
 * refused) under the CRD's pattern (no TZ= prefix, no @every).  UTC always. */
bool cron_valid(struct str s);
