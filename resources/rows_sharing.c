/* What the `sharing` block's members are in labels. */
#include "resources/rows_sharing.h"

#include "base/json.h"
#include "schema/check.h"

static const char *const strategies[] = { "time-slicing", "mps", NULL };

const struct check check_sharing_strategy = { check_words, .words = strategies };

/* Only MPS has a label of its own. */
static json_t *strategy_to_label(struct arena *arena, const struct value *v)
{
    return str_is(v->text, "mps") ? json_new_str(arena, STR("true")) : NULL;
}

static const struct value *strategy_from_label(struct arena *arena, const json_t *json)
{
    return str_is(json_str(json), "true") ? value_string(arena, STR("mps")) : &value_null;
}

const struct codec codec_sharing_strategy = { .to_api = strategy_to_label,
                                              .from_api = strategy_from_label };

bool sharing_check_labels(struct call *call, const struct value *config)
{
    static const char *const labels_of[][2] = { { "config_key", LABEL_CONFIG_KEY },
                                                { "strategy", LABEL_MPS_CAPABLE },
                                                { "mig_layout", LABEL_MIG_LAYOUT } };
    const struct value *sharing = value_at(config, "sharing");
    const struct value *labels = value_at(config, "labels");
    if (!value_is_set(sharing) || !value_is_set(labels))
        return true;
    bool ok = true;
    for (size_t i = 0; i < sizeof labels_of / sizeof *labels_of; i++) {
        const char *label = labels_of[i][1];
        if (value_is_null(value_at(sharing, labels_of[i][0])) ||
            value_is_null(value_at(labels, label)))
            continue;
        const struct path *at = PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("labels")), str_of(label));
        ok = fail(call, at, "Label set twice",
                  "`sharing.%s` sets the label `%s` too. Remove it from `labels`.", labels_of[i][0],
                  label);
    }
    if (!value_is_null(value_at(labels, LABEL_GPU_PRESENT)))
        ok = fail(call, PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("labels")), STR(LABEL_GPU_PRESENT)),
                  "Label set twice",
                  "The `sharing` block sets the label `" LABEL_GPU_PRESENT
                  "` too. Remove it from `labels`.");
    return ok;
}
