/* Kubernetes' rules for names, as k8s.io/apimachinery's validation package has them. */
#include "gpu/kubernetes_names.h"

#define LABEL_LENGTH 63
#define SUBDOMAIN_LENGTH 253

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_name_byte(char c)
{
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

static bool is_label(struct str s)
{
    if (s.len == 0 || !is_lower_or_digit(s.at[0]) || !is_lower_or_digit(s.at[s.len - 1]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_lower_or_digit(s.at[i]) && s.at[i] != '-')
            return false;
    return true;
}

/* The part of a label key behind the prefix; a label value that is not empty. */
static bool is_qualified_name(struct str s)
{
    if (s.len == 0 || s.len > LABEL_LENGTH || !is_alphanumeric(s.at[0]) ||
        !is_alphanumeric(s.at[s.len - 1]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_name_byte(s.at[i]))
            return false;
    return true;
}

bool dns_label_valid(struct str s)
{
    return s.len <= LABEL_LENGTH && is_label(s);
}

bool dns_subdomain_valid(struct str s)
{
    struct str part;
    if (s.len == 0 || s.len > SUBDOMAIN_LENGTH)
        return false;
    while (str_split(&s, '.', &part))
        if (!is_label(part))
            return false;
    return true;
}

bool label_key_valid(struct str s)
{
    size_t slash = str_find(s, '/', 0);
    if (slash == s.len)
        return is_qualified_name(s);
    return dns_subdomain_valid(str_slice(s, 0, slash)) &&
           is_qualified_name(str_slice(s, slash + 1, s.len));
}

bool label_value_valid(struct str s)
{
    return s.len == 0 || is_qualified_name(s);
}

bool config_map_key_valid(struct str s)
{
    if (s.len == 0 || s.len > SUBDOMAIN_LENGTH || str_is(s, ".") || str_starts(s, ".."))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_name_byte(s.at[i]))
            return false;
    return true;
}

bool config_key_valid(struct str s)
{
    return is_qualified_name(s);
}
