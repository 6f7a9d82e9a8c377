/* What came back of a call that went ahead; only reviewers see it. */
#ifndef GATEWRIGHT_RESPONSE_H
#define GATEWRIGHT_RESPONSE_H

#include "document.h"
#include "node.h"

/** What came back. */
typedef struct gw_response gw_response;

/** What a reviewer is shown. */
enum gw_response_kind {
  /** The `result` of the answer. */
  GW_RESPONSE_FINAL,
  /** The `error` of the answer: a protocol error, with `code` and `message`. */
  GW_RESPONSE_ERROR,
  /** The `params` of a message on the way. A call may have any number of them
   * before its answer, or no answer. */
  GW_RESPONSE_NOTIFICATION,
};

/** What it is. */
enum gw_response_kind gw_response_kind(const gw_response *response);
/** The method of a notification; empty for the others. */
gw_text gw_response_method(const gw_response *response);
/** Whether the tool reported an error: `isError` in the result, or an `error`. */
bool gw_is_error(const gw_response *response);
/** It, to be read by pointer and with a type. */
gw_document *gw_body(const gw_response *response);
/** What stands there at a pointer (a C string or a `gw_text`). */
#define gw_response_value(response, pointer) gw_value_at(gw_body(response), pointer)
/** All of it, to walk through. */
gw_node gw_response_root(const gw_response *response);

#endif
