/* Selectors, attributes and sharing of DRA. */
#include "gpu/dra.h"

#include "gpu/kubernetes_names.h"
#include "gpu/mig_profiles.h"
#include "gpu/quantity.h"

#define DEPTH_LIMIT 64

/* A walk over an expression that keeps to what stands outside of quotes. */
struct walk {
    struct str text;
    size_t at;
    char open[DEPTH_LIMIT]; /* brackets that are to be closed */
    size_t depth;
    const char *mistake; /* a whole sentence, or NULL */
};

static void skip_quoted(struct walk *walk)
{
    char quote = walk->text.at[walk->at];
    for (walk->at++; walk->at < walk->text.len; walk->at++) {
        char c = walk->text.at[walk->at];
        if (c == '\\')
            walk->at++;
        else if (c == quote)
            return;
    }
    walk->mistake = "A quotation mark is not closed.";
}

static void note_bracket(struct walk *walk, char c)
{
    if (c == '(' || c == '[' || c == '{') {
        if (walk->depth == DEPTH_LIMIT)
            walk->mistake = "Brackets are nested too deeply.";
        else
            walk->open[walk->depth++] = c;
        return;
    }
    char pair = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (!walk->depth || walk->open[--walk->depth] != pair)
        walk->mistake = "A bracket is closed that was not opened.";
}

static bool is_one_of(char c, const char *set)
{
    return c && str_has(str_of(set), c);
}

static void note(struct walk *walk)
{
    struct str text = walk->text;
    size_t at = walk->at;
    char c = text.at[at];
    if (c == '"' || c == '\'')
        skip_quoted(walk);
    else if (is_one_of(c, "()[]{}"))
        note_bracket(walk, c);
    else if (c == '=' && !(at && is_one_of(text.at[at - 1], "=!<>")) &&
             !(at + 1 < text.len && text.at[at + 1] == '='))
        walk->mistake = "CEL compares by `==`; a single `=` is no operator.";
}

static const char *form_mistake(struct str expression)
{
    struct walk walk = { .text = expression };
    for (; walk.at < expression.len && !walk.mistake; walk.at++)
        note(&walk);
    if (!walk.mistake && walk.depth)
        walk.mistake = "A bracket is not closed.";
    return walk.mistake;
}

/* The profile of any GPU nearest to NAME, or NULL. */
static const char *nearest_profile(struct str name)
{
    const char *nearest = NULL;
    unsigned least = 3;
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++)
        for (size_t k = 0; k < mig_geometries[i].profile_count; k++) {
            const char *profile = mig_geometries[i].profiles[k].name;
            unsigned distance = str_distance(name, str_of(profile));
            if (distance < least) {
                least = distance;
                nearest = profile;
            }
        }
    return nearest;
}

static size_t skip_blanks(struct str text, size_t at)
{
    while (at < text.len && is_one_of(text.at[at], " \t\r\n"))
        at++;
    return at;
}

#define PROFILE ".profile"

/* The text that the attribute `profile` is compared with behind AT, or at == NULL. */
static struct str compared_with(struct str text, size_t at)
{
    at = skip_blanks(text, at);
    if (!str_starts(str_slice(text, at, text.len), "=="))
        return (struct str){ 0 };
    at = skip_blanks(text, at + 2);
    if (at >= text.len || !is_one_of(text.at[at], "\"'"))
        return (struct str){ 0 };
    return str_slice(text, at + 1, str_find(text, text.at[at], at + 1));
}

static void check_profiles(struct str text, struct problems *problems)
{
    for (size_t at = str_find(text, '.', 0); at < text.len; at = str_find(text, '.', at + 1)) {
        if (!str_starts(str_slice(text, at, text.len), PROFILE))
            continue;
        struct str name = compared_with(text, at + sizeof PROFILE - 1);
        if (!name.at || mig_profile_exists(name))
            continue;
        const char *nearest = nearest_profile(name);
        problem_add_field(problems, PROBLEM_SUSPICIOUS, "expression", (struct str){ 0 },
                          "No GPU has the MIG profile `%.*s` as far as known, so the selector "
                          "would match no device.%s%s%s",
                          STR_ARG(name), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                          nearest ? "`?" : "");
    }
}

void dra_selector_check(struct str expression, struct problems *problems)
{
    const char *mistake = form_mistake(expression);
    if (mistake) {
        problem_add_field(problems, PROBLEM_FATAL, "expression", (struct str){ 0 },
                          "Expected an expression in CEL, like `device.attributes[\"" DRA_DRIVER
                          "\"].profile == \"1g.5gb\"`. %s",
                          mistake);
        return;
    }
    check_profiles(expression, problems);
}

bool dra_attribute_valid(struct str s)
{
    size_t slash = str_find(s, '/', 0);
    struct str name = str_slice(s, slash + 1, s.len);
    if (!dns_subdomain_valid(str_slice(s, 0, slash)) || !name.len || name.len > 32)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(i && c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

bool dra_device_valid(struct str s)
{
    if (str_starts(s, "GPU-") || str_starts(s, "MIG-"))
        return s.len > 4;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0 && s.len <= 3;
}

bool dra_memory_limit_valid(struct str s)
{
    int order;
    return quantity_order(s, STR("1Mi"), &order) && order >= 0;
}

void dra_sharing_check(const struct dra_sharing *sharing, struct problems *problems)
{
    bool is_mig = str_is(sharing->kind, "MigDeviceConfig");
    if (sharing->has_time_slicing_config && is_mig)
        problem_add_field(problems, PROBLEM_FATAL, "time_slicing_config", (struct str){ 0 },
                          "MIG instances have no time-slice intervals: a MigDeviceConfig takes the "
                          "strategy `TimeSlicing` without this block.");
    else if (sharing->has_time_slicing_config && str_is(sharing->strategy, "MPS"))
        problem_add_field(problems, PROBLEM_FATAL, "time_slicing_config", (struct str){ 0 },
                          "The driver refuses it with the strategy `MPS`. Leave it out, or choose "
                          "`TimeSlicing`.");
    if (sharing->has_mps_config && str_is(sharing->strategy, "TimeSlicing"))
        problem_add_field(problems, PROBLEM_FATAL, "mps_config", (struct str){ 0 },
                          "The driver refuses it with the strategy `TimeSlicing`. Leave it out, or "
                          "choose `MPS`.");
}
