// What stands at a pointer, one level deep.

/**
 * From the shape of the contract to the one that authors see.
 * @param {{ get(pointer: string): { tag: string, val?: unknown } | null | undefined, json(pointer: string): string | null | undefined }} source
 * @param {string} pointer
 */
export function valueAt(source, pointer) {
  const value = source.get(pointer);
  if (value === null || value === undefined) return undefined;
  if (value.tag === "integer") return { kind: "integer", value: integerAt(source, pointer, value.val) };
  return { kind: value.tag, value: value.val ?? null };
}

/** The engine rounds integers beyond 2^53; their text is exact. */
function integerAt(source, pointer, rounded) {
  return Number.isSafeInteger(rounded) ? BigInt(rounded) : BigInt(source.json(pointer));
}
