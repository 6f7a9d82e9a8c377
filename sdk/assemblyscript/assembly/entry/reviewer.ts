// What a component of the world `reviewer` exports; `transform.mjs` gives the
// contract's names to it.

import { liftRequest, responseOfThisCall } from "@gatewright/assemblyscript/assembly/abi/gate";
import { lowerConfigured, lowerFinding } from "@gatewright/assemblyscript/assembly/abi/lower";
import { reviewing } from "@gatewright/assemblyscript/assembly/world/reviewer";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_configure(settings: usize, length: u32): usize {
  if (reviewing === null) return lowerConfigured("no policy; hint: call reviewer(review) once, at the top level");
  return lowerConfigured(reviewing!.configure(textAt(settings, length)));
}

export function gatewright_review(request: usize): usize {
  return lowerFinding(reviewing!.review(liftRequest(request), responseOfThisCall()));
}
