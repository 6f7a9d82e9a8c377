// Where the gate puts what it gives to a policy.

/**
 * `realloc` of the canonical ABI. Only strings are aligned to 2: they are made as
 * string objects, so that lifting one copies nothing.
 */
export function reallocate(old: usize, oldSize: usize, align: usize, newSize: usize): usize {
  if (newSize == 0) return align;
  if (align == 2) return old == 0 ? __new(newSize, idof<String>()) : __renew(old, newSize);
  return old == 0 ? heap.alloc(newSize) : heap.realloc(old, newSize);
}
