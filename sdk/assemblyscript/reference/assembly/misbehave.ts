// What no policy should do, on purpose.

import { Opinion } from "@gatewright/assemblyscript";

/** How often something was counted: it outlives a function, and no call. */
let counted = 0;

/** Always 1: every call has an instance of its own. */
export function count(): i32 {
  counted++;
  return counted;
}

/** Never answers. */
export function loop(): Opinion {
  while (true) counted++;
}

/** Calls itself without end. */
export function recurse(depth: i32): i32 {
  return depth == 0 ? 0 : recurse(depth + 1) + counted;
}

/** Keeps memory without end. */
export function grow(): Opinion {
  while (true) heap.alloc(1 << 20);
}

/** 4,000,000 times `x`; doubling costs less fuel than writing every letter. */
export function huge(): string {
  let text = "x".repeat(15_625);
  for (let i = 0; i < 8; i++) text += text;
  return text;
}
