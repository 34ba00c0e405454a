/* Included first when clang-tidy reads a source: what the analyzer cannot see across files. */
#pragma once

#include "base/call.h"

/* Callers rely on it: `return fail(...)` is never true. */
#define fail(...) ((fail)(__VA_ARGS__), false)
