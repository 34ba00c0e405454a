/* A line reader with one line of state: the entry that an indented line belongs to. */
#include "clients/ini.h"

#include <string.h>

#include "base/buf.h"
#include "base/encoding.h"

struct reader {
    struct arena *arena;
    struct ini *ini;
    struct ini_section *section;
    struct ini_entry *entry;
    unsigned line;
    struct str *why;
};

static bool refuse(struct reader *reader, const char *problem)
{
    *reader->why = str_print(reader->arena, "%.*s, line %u: %s.", STR_ARG(reader->ini->file),
                             reader->line, problem);
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Up to a comment that has a blank before it. */
static struct str without_comment(struct str text)
{
    for (size_t i = 1; i < text.len; i++)
        if ((text.at[i] == '#' || text.at[i] == ';') && is_blank(text.at[i - 1]))
            return str_trim(str_slice(text, 0, i));
    return str_trim(text);
}

/* "profile  \"dev\"" becomes "profile dev". */
static struct str clean_name(struct arena *arena, struct str name)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    bool quoted = false;
    name = str_trim(name);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == '"' || c == '\'')
            quoted = !quoted;
        else if (!is_blank(c) || quoted || !is_blank(name.at[i - 1]))
            buf_add_byte(&out, c == '\t' ? ' ' : c);
    }
    return buf_str(&out);
}

static bool read_section(struct reader *reader, struct str line)
{
    size_t end = str_find_last(line, ']');
    struct str behind = end < line.len ? str_trim(str_slice(line, end + 1, line.len)) : line;
    /* A bracket within a comment is none. */
    size_t comment = str_find(line, '#', 0);
    if (comment < end) {
        end = str_find_last(str_slice(line, 0, comment), ']');
        behind = str_slice(line, comment, line.len);
        if (end >= comment)
            end = line.len;
    }
    if (end >= line.len || (behind.len && behind.at[0] != '#' && behind.at[0] != ';'))
        return refuse(reader, "a section has to be one name in brackets, as in [profile dev]");
    struct str name = clean_name(reader->arena, str_slice(line, 1, end));
    if (!name.len)
        return refuse(reader, "the section has no name");
    reader->entry = NULL;
    struct ini_section **link = &reader->ini->sections;
    while (*link && !str_equal((*link)->name, name))
        link = &(*link)->next;
    if (!*link) {
        *link = ARENA_NEW(reader->arena, struct ini_section);
        **link = (struct ini_section){ .name = name, .line = reader->line };
    }
    reader->section = *link;
    return true;
}

/* The entry NAME of the list at *LINK, emptied where it was there before. */
static struct ini_entry *put_entry(struct reader *reader, struct ini_entry **link, struct str name)
{
    while (*link && !str_equal((*link)->name, name))
        link = &(*link)->next;
    struct ini_entry *next = *link ? (*link)->next : NULL;
    if (!*link)
        *link = ARENA_NEW(reader->arena, struct ini_entry);
    **link = (struct ini_entry){ .next = next, .name = name, .line = reader->line };
    return *link;
}

static bool read_pair(struct reader *reader, struct str line, struct ini_entry **list,
                      struct ini_entry **entry)
{
    size_t equals = str_find(line, '=', 0);
    if (equals == line.len)
        return refuse(reader, "expected name = value");
    struct str name = str_trim(str_slice(line, 0, equals));
    if (!name.len)
        return refuse(reader, "a name is missing before the equals sign");
    *entry = put_entry(reader, list, str_lower(reader->arena, name));
    /* With the equals sign, so that a comment right behind it counts as one. */
    struct str rest = str_slice(line, equals, line.len);
    rest = without_comment(rest);
    (*entry)->value = str_trim(str_slice(rest, 1, rest.len));
    return true;
}

/* A nested entry, or more of the value above. */
static bool read_indented(struct reader *reader, struct str line)
{
    struct ini_entry *entry = reader->entry, *nested;
    if (!entry)
        return refuse(reader, "an indented line has to follow the name that it belongs to");
    if (!entry->value.len)
        return read_pair(reader, line, &entry->nested, &nested);
    entry->value = str_print(reader->arena, "%.*s\n%.*s", STR_ARG(entry->value),
                             STR_ARG(without_comment(line)));
    return true;
}

static bool read_line(struct reader *reader, struct str line)
{
    struct str text = str_trim(line);
    if (!text.len || text.at[0] == '#' || text.at[0] == ';')
        return true;
    if (memchr(line.at, '\0', line.len) || !utf8_is_valid(line))
        return refuse(reader, "it holds bytes that are no text");
    if (text.at[0] == '[' && !is_blank(line.at[0]))
        return read_section(reader, text);
    if (!reader->section)
        return refuse(reader, "expected a section such as [default] first");
    if (is_blank(line.at[0]))
        return read_indented(reader, text);
    return read_pair(reader, text, &reader->section->entries, &reader->entry);
}

const struct ini *ini_parse(struct arena *arena, struct str text, struct str file, struct str *why)
{
    struct ini *ini = ARENA_NEW(arena, struct ini);
    ini->file = file;
    struct reader reader = { .arena = arena, .ini = ini, .why = why };
    if (str_starts(text, "\xef\xbb\xbf"))
        text = str_slice(text, 3, text.len);
    struct str rest = text, line;
    while (str_split(&rest, '\n', &line)) {
        reader.line++;
        if (!read_line(&reader, line))
            return NULL;
    }
    return ini;
}

const struct ini_section *ini_section_find(const struct ini *ini, struct str name)
{
    for (const struct ini_section *section = ini->sections; section; section = section->next)
        if (str_equal(section->name, name))
            return section;
    return NULL;
}

static const struct ini_entry *find(const struct ini_entry *entry, const char *name)
{
    while (entry && !str_is(entry->name, name))
        entry = entry->next;
    return entry;
}

const struct ini_entry *ini_entry_find(const struct ini_section *section, const char *name)
{
    return section ? find(section->entries, name) : NULL;
}

struct str ini_value(const struct ini_section *section, const char *name)
{
    const struct ini_entry *entry = ini_entry_find(section, name);
    return entry ? entry->value : (struct str){ 0 };
}

struct str ini_nested_value(const struct ini_section *section, const char *name, const char *nested)
{
    const struct ini_entry *entry = ini_entry_find(section, name);
    const struct ini_entry *inner = entry ? find(entry->nested, nested) : NULL;
    return inner ? inner->value : (struct str){ 0 };
}
