// JSON Pointers (RFC 6901).

/** The pointer to the member `name` (or the element with that index) of what stands at `pointer`. */
export function child(pointer: string, name: string): string {
  return pointer + "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names on the way, unescaped; none for the whole document. A text that is no pointer is a fault. */
export function tokens(pointer: string): string[] {
  if (!isPointer(pointer)) throw new Error("`" + pointer + "` is not a JSON Pointer");
  const names = pointer.split("/");
  names.shift();
  for (let i = 0; i < names.length; i++) {
    names[i] = names[i].replaceAll("~1", "/").replaceAll("~0", "~");
  }
  return names;
}

function isPointer(text: string): bool {
  if (text.length > 0 && !text.startsWith("/")) return false;
  for (let at = text.indexOf("~"); at >= 0; at = text.indexOf("~", at + 1)) {
    const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
    if (next != 0x30 && next != 0x31) return false;
  }
  return true;
}
