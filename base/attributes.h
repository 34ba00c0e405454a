/* Compiler attributes that the contracts in our headers rely on. */
#pragma once

/* The function reads FORMAT like printf; arguments start at FIRST. */
#define PRINTF_LIKE(FORMAT, FIRST) __attribute__((format(printf, FORMAT, FIRST)))

/* Ignoring the result is a compile error: false or NULL means that a diagnostic was added. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The result is never NULL. */
#define NEVER_NULL __attribute__((returns_nonnull))
