/* Reading arguments, settings and responses by JSON Pointer (RFC 6901); `""` is the
 * whole. A pointer that is not well-formed is a fault. */
#ifndef GATEWRIGHT_DOCUMENT_H
#define GATEWRIGHT_DOCUMENT_H

#include "request.h"
#include "value.h"

/** The `arguments` of `tools/call` and `prompts/get`, the `params` of every other method. */
gw_document *gw_arguments(const gw_request *request);

/** The argument at a pointer (a C string or a `gw_text`). */
#define gw_argument(request, pointer) gw_value_at(gw_arguments(request), pointer)

/** What stands at a pointer of arguments, settings or a response. */
#define gw_value_at(document, pointer) gw_document_value((document), gw_text_of(pointer))

/** Member names of the object at a pointer, in their order; none where there is no object. */
#define gw_keys(document, pointer) gw_document_keys((document), gw_text_of(pointer))

/** The JSON text at a pointer, or nothing. */
#define gw_json(document, pointer) gw_document_json((document), gw_text_of(pointer))

/** The pointer to the member of that name (or the element with that index) of what stands at a pointer. */
#define gw_child(pointer, name) gw_pointer_child(gw_text_of(pointer), gw_text_of(name))

/** Refuses the document, with a message; the first refusal counts. Settings that
 * are refused keep the policy from being loaded; refused arguments deny the call,
 * a refused response is blocked. */
#define gw_refuse(document, message) gw_refuse_at((document), "", message)

/** Refuses the document for what stands at a pointer. */
#define gw_refuse_at(document, pointer, message) \
  gw_document_refuse((document), gw_text_of(pointer), gw_text_of(message))

/** Why a document is refused, or nothing. */
typedef struct {
  bool is_some;
  /** JSON Pointer to what is wrong; `""` where it is no single place. */
  gw_text pointer;
  gw_text message;
} gw_problem;

/** Why the document is refused, or nothing. */
gw_problem gw_problem_of(const gw_document *document);

/* What the macros above call. */
gw_value gw_document_value(gw_document *document, gw_text pointer);
gw_texts gw_document_keys(gw_document *document, gw_text pointer);
gw_optional_text gw_document_json(gw_document *document, gw_text pointer);
void gw_document_refuse(gw_document *document, gw_text pointer, gw_text message);
gw_text gw_pointer_child(gw_text pointer, gw_text name);

#endif
