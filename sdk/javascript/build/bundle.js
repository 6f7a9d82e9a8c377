// One module of everything: the author's code, what it imports, and the SDK.

import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import { build } from "esbuild";

import { placesOf } from "./places.js";

const sdk = fileURLToPath(new URL("..", import.meta.url));

/** Lines of the SDK are no places that an author looks for. */
const OWN = [`${sdk}src`, `${sdk}component`];

/**
 * @param {{ project: string, entry: string, world: string }} what absolute folder and file, and the world
 * @returns {Promise<{ source: string, places: object }>} one ES module, and where its lines come from
 */
export async function bundle({ project, entry, world }) {
  const result = await build({
    entryPoints: [`${sdk}component/${world}.js`],
    absWorkingDir: project,
    alias: { "the-author's-policy": entry, "@gatewright/sdk": `${sdk}src/index.js` },
    bundle: true,
    charset: "utf8",
    external: ["gatewright:policy/*"],
    format: "esm",
    logLevel: "silent",
    outfile: "policy.js",
    platform: "neutral",
    mainFields: ["module", "main"],
    sourcemap: "external",
    supported: { "top-level-await": false },
    target: "es2023",
    treeShaking: true,
    write: false,
  });
  const file = (suffix) => result.outputFiles.find(({ path }) => path.endsWith(suffix)).text;
  const places = placesOf(JSON.parse(file(".js.map")), (source) => !OWN.some((folder) => isInside(folder, `${project}/${source}`)));
  return { source: `${file(".js")}\nglobalThis.gatewrightPlaces = ${JSON.stringify(places)};\n`, places };
}

function isInside(folder, file) {
  return !relative(folder, file).startsWith("..");
}
