// What a component of the world `editor` exports; `transform.mjs` gives the
// contract's names to it.

import { Request } from "@gatewright/assemblyscript/assembly/request";
import { Revising, revising } from "@gatewright/assemblyscript/assembly/world/editor";
import {
  lowerConfigured, lowerDescription, lowerRevised,
} from "@gatewright/assemblyscript/assembly/abi/lower";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_describe(): usize {
  return lowerDescription(editor().describe());
}

export function gatewright_configure(settings: usize, length: u32): usize {
  return lowerConfigured(editor().configure(textAt(settings, length)));
}

export function gatewright_revise(): usize {
  const request = new Request();
  const revision = editor().revise(request);
  return lowerRevised(revision, request.refusal);
}

function editor(): Revising {
  if (revising === null) throw new Error("no policy; hint: call editor(revise, about) once, at the top level");
  return revising!;
}
