/* Log lines for Terraform: hclog JSON on stderr, one line a record.
 *
 * Nothing is written unless TF_LOG, TF_LOG_PROVIDER or TF_LOG_PROVIDER_GPUSHARE asks for it.  Only
 * what is passed here is written, so a secret stays out as long as no caller passes one. */
#pragma once

#include "base/call.h"

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

struct log_field {
    const char *key;
    struct str value;
};

/* Reads the environment; called once, before any thread starts. */
void log_open(void);

bool log_enabled(enum log_level level);

/* Writes MESSAGE with COUNT fields.  SUBSYSTEM is "provider", "aws", "kubernetes" or "plan".  CALL
 * may be NULL; otherwise its rpc, type_name and request_id become fields.  A record longer than 60
 * KiB is cut. Safe from every thread. */
void log_write(const struct call *call, enum log_level level, const char *subsystem,
               const char *message, const struct log_field *fields, size_t count);

/* `log_write` with fields as braced pairs, at least one, evaluated only where the level is wanted:
 * LOG(call, LOG_DEBUG, "aws", "Sent", { "url", url }).  Without fields call `log_write` itself. */
#define LOG(call, level, subsystem, message, ...)                                                  \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            const struct log_field log_fields_[] = { __VA_ARGS__ };                                \
            log_write((call), (level), (subsystem), (message), log_fields_,                        \
                      sizeof log_fields_ / sizeof *log_fields_);                                   \
        }                                                                                          \
    } while (0)
