// Where each line of a bundle comes from (source map revision 3, lines only).

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * A row says: from this line of the bundle on, this file from this line on. File
 * -1 is none of the author's.
 * @param {{ sources: string[], mappings: string }} map
 * @param {(source: string) => boolean} isWanted
 * @returns {{ files: string[], rows: [number, number, number][] }}
 */
export function placesOf({ sources, mappings }, isWanted) {
  const files = sources.filter(isWanted);
  const rows = [];
  let [source, line] = [0, 0];
  mappings.split(";").forEach((segments, index) => {
    let first;
    for (const segment of segments.split(",").filter(Boolean)) {
      const [, sourceStep, lineStep] = numbers(segment);
      if (sourceStep === undefined) continue;
      source += sourceStep;
      line += lineStep;
      first ??= [index + 1, files.indexOf(sources[source]), line + 1];
    }
    if (first !== undefined && !follows(rows.at(-1), first)) rows.push(first);
  });
  return { files, rows };
}

/** Whether the last row already says where this line comes from. */
function follows(row, [bundleLine, file, line]) {
  return row !== undefined && row[1] === file && (file === -1 || line - row[2] === bundleLine - row[0]);
}

/** The numbers of a segment: base 64, five bits a digit, the lowest bit is the sign. */
function numbers(segment) {
  const read = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    read.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return read;
}
