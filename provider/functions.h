/* The provider's functions in the protocol's messages. */
#pragma once

#include "provider/exchange.h"
#include "resources/function.h"

/* FUNCTION's signature as a message in ARENA. */
Tfplugin6__Function *functions_emit(struct arena *arena, const struct function *function);

/* What CALL's errors say, as the one error that the protocol has room for: sentences one below the
 * other, and the argument that the first of them is about. */
Tfplugin6__FunctionError *functions_error(const struct call *call);

/* Decodes ARGUMENTS (COUNT) and runs FUNCTION; NULL with an error added. */
const struct value *functions_run(struct call *call, const struct function *function,
                                  Tfplugin6__DynamicValue *const *arguments, size_t count);
