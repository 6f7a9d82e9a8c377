// Modules and components as the sections that they are made of (WebAssembly, binary format).

const HEADER_BYTES = 8;

/** What is not as expected of this toolchain. */
export class ToolchainError extends Error {
  /** @param {string} problem */
  constructor(problem) {
    super(`componentize-qjs ${problem}\nhint: install the version that the SDK names, with \`npm ci\``);
  }
}

/** @returns {{ id: number, body: Buffer }[]} */
export function sectionsOf(binary) {
  const sections = [];
  const cursor = new Cursor(binary, HEADER_BYTES);
  while (cursor.at < binary.length) {
    sections.push({ id: cursor.byte(), body: cursor.bytes(cursor.size()) });
  }
  return sections;
}

/** The binary again, with the header of `binary`. */
export function binaryOf(binary, sections) {
  const parts = sections.flatMap(({ id, body }) => [Buffer.from([id, ...sizeBytes(body.length)]), body]);
  return Buffer.concat([binary.subarray(0, HEADER_BYTES), ...parts]);
}

/** Seven bits a byte, the lowest first (LEB128). */
export function sizeBytes(size) {
  return size < 128 ? [size] : [(size & 127) | 128, ...sizeBytes(Math.floor(size / 128))];
}

/** Reads one thing after the other. */
export class Cursor {
  constructor(binary, at = 0) {
    this.binary = binary;
    this.at = at;
  }

  byte() {
    return this.binary[this.at++];
  }

  bytes(count) {
    const start = this.at;
    this.at += count;
    return this.binary.subarray(start, this.at);
  }

  size() {
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      size += (byte & 127) * scale;
      if (byte < 128) return size;
    }
  }

  text() {
    return this.bytes(this.size()).toString();
  }

  /** As many as it says, each read by `element`. */
  list(element) {
    return Array.from({ length: this.size() }, element);
  }
}
