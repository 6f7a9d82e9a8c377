/* Memory for one call. A component has an instance of its own for every call, so
 * nothing is ever given back: what the C library calls `malloc` is a pointer that
 * moves up. */

#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "stop.h"

void *gw_allocate(size_t bytes) {
  void *memory = malloc(bytes == 0 ? 1 : bytes);
  if (memory == NULL) gw_stop(gw_text_of("out of memory"));
  return memory;
}

void *gw_list_join(const void *list, size_t count, const void *more, size_t more_count, size_t bytes) {
  char *joined = gw_allocate((count + more_count) * bytes);
  if (count > 0) memcpy(joined, list, count * bytes);
  if (more_count > 0) memcpy(joined + count * bytes, more, more_count * bytes);
  return joined;
}

#ifdef __wasm__

#include "layout.h"

/* What stands before every piece of memory: its size. Keeps pieces aligned to 16. */
#define GW_HEADER 16
#define GW_PAGE 65536

extern unsigned char __heap_base;
static uintptr_t gw_arena_end;

static uintptr_t gw_align(uintptr_t at) {
  return (at + 15) & ~(uintptr_t)15;
}

/* Makes the memory reach up to `end`. */
static bool gw_arena_reach(uint64_t end) {
  uint64_t pages = (end + GW_PAGE - 1) / GW_PAGE;
  uint64_t present = __builtin_wasm_memory_size(0);
  if (pages > GW_PAGE) return false;
  return pages <= present || __builtin_wasm_memory_grow(0, pages - present) != SIZE_MAX;
}

void *malloc(size_t bytes) {
  if (gw_arena_end == 0) gw_arena_end = gw_align((uintptr_t)&__heap_base);
  uintptr_t at = gw_arena_end + GW_HEADER;
  uint64_t end = (uint64_t)at + bytes + 15;
  if (!gw_arena_reach(end)) return NULL;
  *(size_t *)gw_arena_end = bytes;
  gw_arena_end = (uintptr_t)end & ~(uintptr_t)15;
  return (void *)at;
}

void free(void *memory) {
  (void)memory;
}

void *calloc(size_t count, size_t bytes) {
  if (bytes != 0 && count > SIZE_MAX / bytes) return NULL;
  void *memory = malloc(count * bytes);
  return memory == NULL ? NULL : memset(memory, 0, count * bytes);
}

void *realloc(void *old, size_t bytes) {
  if (old == NULL) return malloc(bytes);
  size_t old_bytes = *(size_t *)((uintptr_t)old - GW_HEADER);
  if (bytes <= old_bytes) return old;
  void *memory = malloc(bytes);
  return memory == NULL ? NULL : memcpy(memory, old, old_bytes);
}

/* Where the gate puts what it gives to a policy. */
__attribute__((export_name(GW_ABI_EXPORT_REALLOC))) void *gw_cabi_realloc(void *old, size_t old_bytes, size_t align, size_t bytes) {
  (void)old_bytes;
  if (bytes == 0) return (void *)align;
  void *memory = realloc(old, bytes);
  if (memory == NULL) __builtin_trap();
  return memory;
}

#endif
