/* The SDK in one file: compile it together with the policy. */

#include "src/arena.c"
#include "src/answer.c"
#include "src/configure.c"
#include "src/document.c"
#include "src/json_read.c"
#include "src/json_write.c"
#include "src/memory.c"
#include "src/pointer.c"
#include "src/text.c"

#ifdef __wasm__
#include "src/gate.c"
#include "src/layout.c"
#endif
