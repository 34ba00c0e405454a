/* Look-ups in tables whose rows start with their name. */
#include "gpu/nearest.h"

static const char *name_of(const void *rows, size_t index, size_t row_size)
{
    return *(const char *const *)(const void *)((const char *)rows + index * row_size);
}

const char *nearest_name(struct str word, const void *rows, size_t count, size_t row_size)
{
    const char *nearest = NULL;
    unsigned least = (unsigned)word.len / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(rows, i, row_size);
        unsigned distance = str_distance(word, str_of(name));
        if (distance < least) {
            least = distance;
            nearest = name;
        }
    }
    return nearest;
}

const void *named_row(struct str word, const void *rows, size_t count, size_t row_size)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(word, name_of(rows, i, row_size)))
            return (const char *)rows + i * row_size;
    return NULL;
}
