/* Reading arguments and walking through them. */
#ifndef REFERENCE_READ_H
#define REFERENCE_READ_H

#include "gatewright.h"

/* The text of an argument; what is no text counts as "". */
gw_text text_at(const gw_request *request, const char *pointer);
/* The node that the argument `/pointer` points at. */
gw_node node_at(const gw_request *request);
/* The number of Unicode scalar values. */
size_t scalars(gw_text text);

/* What stands at the argument `/pointer`, as text. */
gw_text read_keys(const gw_request *request);
gw_text read_json(const gw_request *request);
gw_text read_node(const gw_request *request);
gw_text read_text(const gw_request *request);
gw_text read_member(const gw_request *request);
gw_text read_at(const gw_request *request);

/* All that is in a node. */
gw_text walk(gw_node node);

#endif
