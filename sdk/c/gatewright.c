/* The SDK in one file: compile it together with the policy. */

#include "src/arena.c"
#include "src/charge.c"
#include "src/checked.c"
#include "src/configure.c"
#include "src/description.c"
#include "src/document.c"
#include "src/fault.c"
#include "src/json_read.c"
#include "src/json_write.c"
#include "src/node.c"
#include "src/note.c"
#include "src/opinion.c"
#include "src/pointer.c"
#include "src/report.c"
#include "src/request.c"
#include "src/text.c"
#include "src/tree.c"
#include "src/value.c"

#ifdef __wasm__
#include "src/gate/export.c"
#include "src/gate/facts.c"
#include "src/gate/layout.c"
#include "src/gate/log.c"
#include "src/gate/place.c"
#include "src/gate/source.c"
#endif
