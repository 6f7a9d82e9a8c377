// Puts the text of the policy's `settings.schema.json` into `schema.ts`, where the
// policy imports it: AssemblyScript cannot include files.
// For the compiler: `asc --transform @gatewright/assemblyscript/schema.mjs`.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCE = "~lib/@gatewright/assemblyscript/schema";
const FILE = "settings.schema.json";

export default class SettingsSchema {
  afterParse(parser) {
    const source = parser.sources.find(({ internalPath }) => internalPath === SOURCE);
    if (source === undefined) return;
    const [variable] = source.statements[0].declarations;
    try {
      variable.initializer.value = readFileSync(join(this.baseDir, FILE), "utf8");
    } catch (error) {
      throw new Error(
        `the policy imports its settings schema: ${error.message}; hint: write \`${FILE}\`, or do without the import`,
      );
    }
  }
}
