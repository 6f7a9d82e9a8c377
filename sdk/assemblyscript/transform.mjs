// Gives the contract's names to what `assembly/entry/*.ts` exports, and takes
// every other export away. AssemblyScript has no syntax for such names.
// For the compiler: `asc --transform @gatewright/assemblyscript/transform.mjs`.

import { EXPORTS, REALLOC } from "./exports.mjs";
import SettingsSchema from "./schema.mjs";

/** What the functions of the entries begin with. */
const PREFIX = "gatewright_";

export default class ContractNames extends SettingsSchema {
  afterCompile(module) {
    const functions = this.takeFunctionExports(module);
    const world = Object.keys(EXPORTS).find((world) =>
      Object.keys(EXPORTS[world]).every((name) => functions.has(PREFIX + name)),
    );
    if (world === undefined) {
      throw new Error("no entry of the SDK is compiled; hint: name assembly/entry/policy.ts, editor.ts or reviewer.ts");
    }
    module.addFunctionExport(functions.get(`${PREFIX}realloc`), REALLOC);
    for (const [name, place] of Object.entries(EXPORTS[world])) {
      module.addFunctionExport(functions.get(PREFIX + name), place);
    }
  }

  /** Removes all exports but the memory, and gives the functions by their name. */
  takeFunctionExports(module) {
    const functions = new Map();
    const exports = Array.from({ length: module.getNumExports() }, (_, index) =>
      this.binaryen.getExportInfo(module.getExportByIndex(index)),
    );
    for (const { name, kind, value } of exports) {
      if (kind === this.binaryen.ExternalFunction) functions.set(name, value);
      if (kind !== this.binaryen.ExternalMemory) module.removeExport(name);
    }
    return functions;
  }
}
