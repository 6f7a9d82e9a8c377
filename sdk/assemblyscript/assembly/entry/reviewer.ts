// What a component of the world `reviewer` exports; `transform.mjs` gives the
// contract's names to it.

import { Request } from "@gatewright/assemblyscript/assembly/request";
import { Response } from "@gatewright/assemblyscript/assembly/response";
import { Reviewing, reviewing } from "@gatewright/assemblyscript/assembly/world/reviewer";
import {
  lowerConfigured, lowerDescription, lowerReport,
} from "@gatewright/assemblyscript/assembly/abi/lower";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_describe(): usize {
  return lowerDescription(reviewer().describe());
}

export function gatewright_configure(settings: usize, length: u32): usize {
  return lowerConfigured(reviewer().configure(textAt(settings, length)));
}

export function gatewright_review(): usize {
  return lowerReport(reviewer().review(new Request(), new Response()));
}

function reviewer(): Reviewing {
  if (reviewing === null) throw new Error("no policy; hint: call reviewer(review, about) once, at the top level");
  return reviewing!;
}
