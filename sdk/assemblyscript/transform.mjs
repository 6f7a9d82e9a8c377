// Gives the contract's names to what `assembly/entry/*.ts` exports, and takes
// every other export away. AssemblyScript has no syntax for such names.
// For the compiler: `asc --transform @gatewright/assemblyscript/transform.mjs`.

const CONTRACT = "gatewright:policy";
const VERSION = "0.1.0";
/** Which interface each of the entries' functions belongs to. */
const INTERFACES = {
  gatewright_judge: "judging",
  gatewright_revise: "revising",
  gatewright_review: "reviewing",
};

export default class ContractNames {
  afterCompile(module) {
    const functions = this.takeFunctionExports(module);
    const answer = Object.keys(INTERFACES).find((name) => functions.has(name));
    if (answer === undefined) {
      throw new Error("no entry of the SDK is compiled; hint: name assembly/entry/policy.ts, editor.ts or reviewer.ts");
    }
    const place = `${CONTRACT}/${INTERFACES[answer]}@${VERSION}`;
    module.addFunctionExport(functions.get("gatewright_realloc"), "cabi_realloc");
    module.addFunctionExport(functions.get("gatewright_configure"), `${place}#configure`);
    module.addFunctionExport(functions.get(answer), `${place}#${answer.slice("gatewright_".length)}`);
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
