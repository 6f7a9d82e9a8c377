// What a component of the world `editor` exports; `transform.mjs` gives the
// contract's names to it.

import { liftRequest } from "@gatewright/assemblyscript/assembly/abi/gate";
import { lowerConfigured, lowerRevision } from "@gatewright/assemblyscript/assembly/abi/lower";
import { revising } from "@gatewright/assemblyscript/assembly/world/editor";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_configure(settings: usize, length: u32): usize {
  if (revising === null) return lowerConfigured("no policy; hint: call editor(revise) once, at the top level");
  return lowerConfigured(revising!.configure(textAt(settings, length)));
}

export function gatewright_revise(place: usize): usize {
  const request = liftRequest(place);
  const edits = revising!.revise(request);
  return lowerRevision(edits, request.refusal);
}
