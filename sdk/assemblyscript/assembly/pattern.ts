// Name patterns, with the meaning they have in the gate's configuration.

/**
 * A name in which `*` stands for any run of characters, the empty one too.
 * Everything else is literal; case counts.
 */
export class Pattern {
  /** Any text is a pattern. */
  constructor(readonly text: string) {}

  /** Whether the whole name fits. Each part between two `*` is looked for once, from left to right. */
  matches(name: string): bool {
    const parts = this.text.split("*");
    const last = parts.length - 1;
    if (last == 0) return this.text == name;
    if (!name.startsWith(parts[0])) return false;
    let at = parts[0].length;
    for (let i = 1; i < last; i++) {
      const found = name.indexOf(parts[i], at);
      if (found < 0) return false;
      at = found + parts[i].length;
    }
    return name.length - at >= parts[last].length && name.endsWith(parts[last]);
  }
}
