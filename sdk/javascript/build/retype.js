// One component with the types of another (component model, binary format).

const HEADER_BYTES = 8;
const COMPONENT = 4;
const TYPE = 7;

/**
 * @param {Buffer} component
 * @param {Buffer} model made by the same toolchain, so that it has the same sections
 * @returns {Buffer} `component`, with the type sections of `model` at all depths
 */
export function retype(component, model) {
  const sections = sectionsOf(component);
  const models = sectionsOf(model);
  if (sections.map(({ id }) => id).join() !== models.map(({ id }) => id).join()) {
    throw new Error("componentize-qjs made components of two shapes\nhint: install the version that the SDK names, with `npm ci`");
  }
  const parts = sections.map(({ id, body, whole }, index) => {
    if (id === TYPE) return models[index].whole;
    return id === COMPONENT ? section(id, retype(body, models[index].body)) : whole;
  });
  return Buffer.concat([component.subarray(0, HEADER_BYTES), ...parts]);
}

function sectionsOf(component) {
  const sections = [];
  let at = HEADER_BYTES;
  while (at < component.length) {
    const [size, start] = readSize(component, at + 1);
    const end = start + size;
    sections.push({ id: component[at], body: component.subarray(start, end), whole: component.subarray(at, end) });
    at = end;
  }
  return sections;
}

function section(id, body) {
  return Buffer.concat([Buffer.from([id, ...sizeBytes(body.length)]), body]);
}

/** Seven bits a byte, the lowest first (LEB128): the number, and where it ends. */
function readSize(bytes, at) {
  let size = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    size += (byte & 127) * scale;
    if (byte < 128) return [size, at];
  }
}

function sizeBytes(size) {
  return size < 128 ? [size] : [(size & 127) | 128, ...sizeBytes(Math.floor(size / 128))];
}
