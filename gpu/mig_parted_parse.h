/* Reads mig-parted documents as strictly as mig-parted does. */
#pragma once

#include "gpu/mig_parted_config.h"
#include "gpu/problem.h"

/* Reads TEXT into *OUT (in CALL's arena); each thing that mig-parted v0.15.0 refuses is a fatal
 * problem with its path, and is left out of *OUT.  Nothing is added to CALL: text that is not one
 * YAML mapping is a problem too.  Whether the layouts fit is another check: gpu/mig_parted_check.h.
 */
void mig_parted_config_parse(struct call *call, struct str text, struct mig_parted_config *out,
                             struct problems *problems);
