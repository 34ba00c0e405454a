/* Rows and rules that the resources of dynamic resource allocation share. */
#pragma once

#include "resources/kubernetes_object.h"
#include "resources/rows_common.h"

/* Of a device class, and of claims: there a configuration names the requests that it is for. */
extern const struct attr dra_selector_rows[], dra_class_config_rows[], dra_claim_config_rows[];
extern const struct attr dra_request_rows[], dra_constraint_rows[];
extern const struct rule dra_claim_rules[];
extern const struct check check_extended_resource;

/* The devices of a claim, whose spec stands at SPEC; it cannot be changed, so a change makes a new
 * object. */
#define ROWS_DRA_CLAIM(SPEC)                                                                       \
    { "request",                                                                                   \
      NULL,                                                                                        \
      REPLACES,                                                                                    \
      .nesting = BLOCK_LIST,                                                                       \
      .rows = dra_request_rows,                                                                    \
      .api = SPEC ".devices.requests",                                                             \
      .min_items = 1,                                                                              \
      .max_items = 32,                                                                             \
      .doc = "A device, or several, that the claim asks for." },                                   \
        { "constraint",                                                                            \
          NULL,                                                                                    \
          REPLACES,                                                                                \
          .nesting = BLOCK_LIST,                                                                   \
          .rows = dra_constraint_rows,                                                             \
          .api = SPEC ".devices.constraints",                                                      \
          .max_items = 32,                                                                         \
          .doc = "What the devices of several requests must have in common." },                    \
    {                                                                                              \
        "config", NULL, REPLACES,                                                                  \
            .nesting = BLOCK_LIST, .rows = dra_claim_config_rows, .api = SPEC ".devices.config",   \
            .max_items = 32,                                                                       \
            .doc = "How NVIDIA's driver sets up the allocated devices: time-slicing or MPS."       \
    }

/* What the rows cannot say of a device class, of a claim, and of a template.  False with an error
 * added. */
bool dra_check_class(struct call *call, const struct context *context, const struct value *config);
bool dra_check_claim(struct call *call, const struct context *context, const struct value *config);

/* What every page says of sharing by DRA. */
#define DRA_NOTES                                                                                  \
    "DRA has no number of shares. Several containers of a pod share the devices of one claim; "    \
    "pods share them by naming the same `gpushare_dra_resource_claim`. Each pod that refers to a " \
    "`gpushare_dra_resource_claim_template` gets a claim, and so devices, of its own.\n\n"         \
    "It takes Kubernetes 1.34 and NVIDIA's DRA driver, whose gates `TimeSlicingSettings` and "     \
    "`MPSSupport` are off by default; no EKS Auto Mode; and no device plugin for the same nodes."
