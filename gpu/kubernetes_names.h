/* What Kubernetes accepts as names, label keys and values, and ConfigMap keys. */
#pragma once

#include "base/str.h"

/* RFC 1123 label: names of namespaces. */
bool dns_label_valid(struct str s);
/* RFC 1123 subdomain: names of most objects. */
bool dns_subdomain_valid(struct str s);
/* A label or taint key: an optional subdomain and '/', then a name. */
bool label_key_valid(struct str s);
/* A label or taint value; may be empty. */
bool label_value_valid(struct str s);
/* A key of a ConfigMap's data. */
bool config_map_key_valid(struct str s);
/* A name of a sharing or MIG configuration: a ConfigMap key that is also a non-empty label value,
 * as nodes select it by label. */
bool config_key_valid(struct str s);

/* The rules in words, for messages: "must consist of ...". */
#define DNS_LABEL_RULE                                                                             \
    "must consist of lower-case letters, digits and '-', start and end with a letter or digit, "   \
    "and have 1 to 63 characters"
#define DNS_SUBDOMAIN_RULE                                                                         \
    "must consist of lower-case letters, digits, '-' and '.', start and end each part with a "     \
    "letter or digit, and have 1 to 253 characters"
#define LABEL_KEY_RULE                                                                             \
    "must be a name of letters, digits, '-', '_' and '.', which starts and ends with a letter or " \
    "digit and has 1 to 63 characters, optionally after a DNS prefix and '/'"
#define LABEL_VALUE_RULE                                                                           \
    "must consist of letters, digits, '-', '_' and '.', start and end with a letter or digit, "    \
    "and have at most 63 characters"
#define CONFIG_MAP_KEY_RULE                                                                        \
    "must consist of letters, digits, '-', '_' and '.', have 1 to 253 characters, and be neither " \
    "'.' nor start with '..'"
#define CONFIG_KEY_RULE                                                                            \
    "becomes a node label's value, so it must consist of letters, digits, '-', '_' and '.', "      \
    "start and end with a letter or digit, and have 1 to 63 characters"
