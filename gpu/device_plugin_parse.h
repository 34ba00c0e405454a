/* Reads a device plugin configuration as the plugin reads it, and says what it loses on the way.
 *
 * The plugin (v0.20.0) ignores unknown keys in silence, matches keys in any case except below
 * `timeSlicing` and `mps`, and throws some of what it read away.  This reader comes to the same
 * result and makes each of these a problem. */
#pragma once

#include "gpu/device_plugin_check.h"

/* Reads TEXT into *OUT (in CALL's arena) and adds its problems, those of
 * `device_plugin_config_check` included.  Nothing is added to CALL: text that is not one YAML
 * mapping is a fatal problem too, and *OUT is empty then.  What NVIDIA's
 * parser refuses is fatal; so are a key given twice and an anchor, which it lets pass.  TARGET may
 * be NULL: not known where it is to run. */
void device_plugin_config_parse(struct call *call, struct str text,
                                const struct device_plugin_target *target,
                                struct device_plugin_config *out, struct problems *problems);
