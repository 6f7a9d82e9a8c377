/* Lists of answers. */
#ifndef GATEWRIGHT_LIST_H
#define GATEWRIGHT_LIST_H

#include <stddef.h>

/* A copy of a list with another behind it; an element has so many bytes. */
void *gw_list_join(const void *list, size_t count, const void *more, size_t more_count, size_t bytes);

#endif
