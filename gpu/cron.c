/* A checker of cron schedules. */
#include "gpu/cron.h"

struct field {
    int64_t least, most;
    const char *const *names; /* three letters each, from LEAST on; NULL: numbers only */
    size_t name_count;
};

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

static const struct field fields[] = {
    { 0, 59, NULL, 0 },    { 0, 23, NULL, 0 },    { 1, 31, NULL, 0 },
    { 1, 12, months, 12 }, { 0, 6, weekdays, 7 },
};

#define FIELD_COUNT (sizeof fields / sizeof *fields)

static const char *const macros[] = { "@yearly", "@annually", "@monthly", "@weekly",
                                      "@daily",  "@midnight", "@hourly" };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool read_name(const struct field *field, struct str text, int64_t *out)
{
    for (size_t i = 0; i < field->name_count; i++) {
        const char *name = field->names[i];
        if (text.len == 3 && lower(text.at[0]) == name[0] && lower(text.at[1]) == name[1] &&
            lower(text.at[2]) == name[2]) {
            *out = field->least + (int64_t)i;
            return true;
        }
    }
    return false;
}

static bool read_value(const struct field *field, struct str text, int64_t *out)
{
    if (read_name(field, text, out))
        return true;
    return text.len > 0 && text.len <= 4 && text.at[0] != '-' && str_to_int(text, out) &&
           *out >= field->least && *out <= field->most;
}

/* A range with its optional step: "*", "1-5", "0-30/10". */
static bool range_valid(const struct field *field, struct str text)
{
    size_t slash = str_find(text, '/', 0);
    if (slash < text.len) {
        struct str step = str_slice(text, slash + 1, text.len);
        int64_t number = 0;
        if (step.len == 0 || step.len > 4 || step.at[0] == '-' || !str_to_int(step, &number) ||
            number == 0)
            return false;
        text = str_slice(text, 0, slash);
    }
    if (str_is(text, "*") || str_is(text, "?"))
        return true;
    size_t dash = str_find(text, '-', 0);
    int64_t first = 0, last = 0;
    if (dash == text.len)
        return read_value(field, text, &first);
    return read_value(field, str_slice(text, 0, dash), &first) &&
           read_value(field, str_slice(text, dash + 1, text.len), &last) && first <= last;
}

static bool field_valid(const struct field *field, struct str text)
{
    struct str part;
    while (str_split(&text, ',', &part))
        if (!range_valid(field, part))
            return false;
    return true;
}

bool cron_valid(struct str s)
{
    if (str_starts(s, "@")) {
        for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
            if (str_is(s, macros[i]))
                return true;
        return false;
    }
    struct str word;
    size_t count = 0;
    while (str_split(&s, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (count == FIELD_COUNT || !field_valid(&fields[count], word))
            return false;
        count++;
    }
    return count == FIELD_COUNT;
}
