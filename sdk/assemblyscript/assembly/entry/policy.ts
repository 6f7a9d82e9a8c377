// What a component of the world `policy` exports; `transform.mjs` gives the
// contract's names to it.

import { judging } from "@gatewright/assemblyscript/assembly/world/policy";
import { liftRequest } from "@gatewright/assemblyscript/assembly/abi/gate";
import { lowerConfigured, lowerVerdict } from "@gatewright/assemblyscript/assembly/abi/lower";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_configure(settings: usize, length: u32): usize {
  if (judging === null) return lowerConfigured("no policy; hint: call policy(judge) once, at the top level");
  return lowerConfigured(judging!.configure(textAt(settings, length)));
}

export function gatewright_judge(request: usize): usize {
  return lowerVerdict(judging!.judge(liftRequest(request)));
}
