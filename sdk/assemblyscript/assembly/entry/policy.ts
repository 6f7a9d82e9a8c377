// What a component of the world `policy` exports; `transform.mjs` gives the
// contract's names to it.

import { Judging, judging } from "@gatewright/assemblyscript/assembly/world/policy";
import { Request } from "@gatewright/assemblyscript/assembly/request";
import {
  lowerConfigured, lowerDescription, lowerOpinion,
} from "@gatewright/assemblyscript/assembly/abi/lower";
import { textAt } from "@gatewright/assemblyscript/assembly/abi/lift";

export { reallocate as gatewright_realloc } from "@gatewright/assemblyscript/assembly/abi/memory";

export function gatewright_describe(): usize {
  return lowerDescription(policy().describe());
}

export function gatewright_configure(settings: usize, length: u32): usize {
  return lowerConfigured(policy().configure(textAt(settings, length)));
}

export function gatewright_judge(): usize {
  return lowerOpinion(policy().judge(new Request()));
}

function policy(): Judging {
  if (judging === null) throw new Error("no policy; hint: call policy(judge, about) once, at the top level");
  return judging!;
}
