/* Comparing PCI ids with device filters. */
#include "gpu/mig_parted_filter.h"

#include <strings.h>

#define NVIDIA_VENDOR "10DE"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "0x" and eight hex digits. */
static bool is_id(struct str s)
{
    if (s.len != 10 || !str_starts(s, "0x"))
        return false;
    for (size_t i = 2; i < s.len; i++)
        if (!is_hex(s.at[i]))
            return false;
    return true;
}

bool mig_parted_filter_valid(struct str filter)
{
    size_t colon = str_find(filter, ':', 0);
    return is_id(str_slice(filter, 0, colon)) &&
           (colon == filter.len || is_id(str_slice(filter, colon + 1, filter.len)));
}

static bool matches(struct str filter, const char *device_id)
{
    return mig_parted_filter_valid(filter) && strncasecmp(filter.at + 2, device_id, 4) == 0 &&
           strncasecmp(filter.at + 6, NVIDIA_VENDOR, 4) == 0;
}

bool mig_parted_filter_passes(struct str_list filters, const struct gpu_model *model)
{
    if (filters.at == NULL || model == NULL || model->pci_device_id == NULL)
        return true;
    for (size_t i = 0; i < filters.count; i++)
        if (matches(filters.at[i], model->pci_device_id))
            return true;
    return false;
}

bool mig_parted_filters_meet(struct str_list a, struct str_list b)
{
    if (a.at == NULL || b.at == NULL)
        return true;
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            if (a.at[i].len == b.at[k].len && strncasecmp(a.at[i].at, b.at[k].at, a.at[i].len) == 0)
                return true;
    return false;
}
