// Where a line of the bundle comes from.

/**
 * @param {{ files: string[], rows: [number, number, number][] }} places made by the build: first line
 *   in the bundle, file, and first line in that file
 * @param {number} line of the bundle
 * @returns {string | undefined} file and line, unless it is none of the author's
 */
export function sourceOf({ files, rows }, line) {
  const row = rows.findLast(([first]) => first <= line);
  const file = files[row?.[1]];
  return file && `${file}:${row[2] + line - row[0]}`;
}
