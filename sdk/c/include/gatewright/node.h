/* JSON as the gate has parsed it, to walk through. What a function costs follows
 * from what it reads, not from the size of the document.
 *
 * A node is a number that the gate gave, and is kept until the call ends, as
 * memory is: there is nothing to give back. The gate gives 100,000 of them to a
 * call; a walk through more is a fault. */
#ifndef GATEWRIGHT_NODE_H
#define GATEWRIGHT_NODE_H

#include "request.h"
#include "value.h"

/** All nodes of an array or an object. */
typedef struct {
  const gw_node *at;
  size_t count;
} gw_nodes;

/** All arguments. */
gw_node gw_root(const gw_request *request);
/** The JSON Schema of the arguments that the operator pinned; none yet. */
gw_node gw_schema(const gw_request *request);
/** What the tool server says about the tool in its list, worth no more than the
 * server is trusted; none yet. */
gw_node gw_claimed(const gw_request *request);

/* All of these take a node that is none, too, and find nothing there. */

/** What kind of value it is. Every number is `GW_NUMBER` here. */
enum gw_kind gw_node_kind(gw_node node);
/** The value, one level deep. */
gw_value gw_node_value(gw_node node);
/** Elements of an array, members of an object, bytes of a text; 0 for others. */
uint32_t gw_node_length(gw_node node);
/** The node at a pointer, from here. */
#define gw_node_get(node, pointer) gw_node_at_pointer((node), gw_text_of(pointer))
/** The member of this name, which is no pointer. */
#define gw_node_member(node, name) gw_node_of_member((node), gw_text_of(name))
/** The element or, in the order of the message, the member at a place. To go
 * through all of them, `gw_node_children` costs less. */
gw_node gw_node_at(gw_node node, uint32_t index);
/** All elements or, in the order of the message, all members' values. */
gw_nodes gw_node_children(gw_node node);
/** Member names, in the order of the message; none where this is no object. */
gw_texts gw_node_keys(gw_node node);
/** The text; nothing where this is none. */
gw_optional_text gw_node_text(gw_node node);
/** The JSON text, as it was written. */
gw_optional_text gw_node_json(gw_node node);

/* What the macros above call. */
gw_node gw_node_at_pointer(gw_node node, gw_text pointer);
gw_node gw_node_of_member(gw_node node, gw_text name);

#endif
