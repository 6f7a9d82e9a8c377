// Reads JSON (RFC 8259), strictly: one value, no member twice, no lone surrogates.

import { Kind } from "../kind";
import { Tree } from "./tree";

/** How deep arrays and objects may stand in each other. */
const DEPTH_MAX = 128;

/** The value that a text holds, or null where it is not JSON. */
export function parse(text: string): Tree | null {
  const parser = new Parser(text);
  parser.skipSpace();
  const tree = parser.value(0);
  parser.skipSpace();
  return parser.isAtEnd ? tree : null;
}

class Parser {
  private at: i32 = 0;

  constructor(private text: string) {}

  get isAtEnd(): bool {
    return this.at == this.text.length;
  }

  value(depth: i32): Tree | null {
    const first = this.peek();
    if (first == 0x22) return this.textTree();
    if (first == 0x7b) return depth < DEPTH_MAX ? this.object(depth + 1) : null;
    if (first == 0x5b) return depth < DEPTH_MAX ? this.array(depth + 1) : null;
    if (first == 0x74) return this.word("true", new Tree(Kind.Boolean, 1));
    if (first == 0x66) return this.word("false", new Tree(Kind.Boolean, 0));
    if (first == 0x6e) return this.word("null", new Tree(Kind.Null));
    return this.number();
  }

  skipSpace(): void {
    for (let next = this.peek(); next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09; next = this.peek()) {
      this.at++;
    }
  }

  /** The next code unit, or -1 at the end. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  /** Steps over a code unit if it is the next one. */
  private take(unit: i32): bool {
    if (this.peek() != unit) return false;
    this.at++;
    return true;
  }

  private word(word: string, tree: Tree): Tree | null {
    if (!this.text.startsWith(word, this.at)) return null;
    this.at += word.length;
    return tree;
  }

  private object(depth: i32): Tree | null {
    const tree = new Tree(Kind.Object);
    this.at++;
    this.skipSpace();
    if (this.take(0x7d)) return tree;
    do {
      this.skipSpace();
      const name = this.quoted();
      if (name === null || tree.names.includes(name)) return null;
      this.skipSpace();
      if (!this.take(0x3a)) return null;
      if (!this.member(tree, depth)) return null;
      tree.names.push(name);
    } while (this.take(0x2c));
    return this.take(0x7d) ? tree : null;
  }

  private array(depth: i32): Tree | null {
    const tree = new Tree(Kind.Array);
    this.at++;
    this.skipSpace();
    if (this.take(0x5d)) return tree;
    do {
      if (!this.member(tree, depth)) return null;
    } while (this.take(0x2c));
    return this.take(0x5d) ? tree : null;
  }

  /** Reads a value, with space around it, into an array or object. */
  private member(tree: Tree, depth: i32): bool {
    this.skipSpace();
    const value = this.value(depth);
    if (value === null) return false;
    tree.inner.push(value);
    this.skipSpace();
    return true;
  }

  private textTree(): Tree | null {
    const text = this.quoted();
    return text === null ? null : new Tree(Kind.Text, 0, text);
  }

  private quoted(): string | null {
    if (!this.take(0x22)) return null;
    let text = "";
    let start = this.at;
    while (true) {
      const unit = this.peek();
      if (unit < 0x20) return null;
      if (unit == 0x22 || unit == 0x5c) {
        text += this.text.substring(start, this.at);
        this.at++;
        if (unit == 0x22) return isWellFormed(text) ? text : null;
        const escaped = this.escape();
        if (escaped < 0) return null;
        text += String.fromCharCode(escaped);
        start = this.at;
      } else {
        this.at++;
      }
    }
  }

  /** The code unit that an escape stands for, or -1. */
  private escape(): i32 {
    const letter = this.peek();
    this.at++;
    switch (letter) {
      case 0x22: case 0x2f: case 0x5c: return letter;
      case 0x62: return 0x08;
      case 0x66: return 0x0c;
      case 0x6e: return 0x0a;
      case 0x72: return 0x0d;
      case 0x74: return 0x09;
      case 0x75: return this.hexadecimal();
      default: return -1;
    }
  }

  private hexadecimal(): i32 {
    let unit = 0;
    for (let i = 0; i < 4; i++) {
      const digit = this.peek();
      this.at++;
      if (digit >= 0x30 && digit <= 0x39) unit = unit * 16 + digit - 0x30;
      else if ((digit | 0x20) >= 0x61 && (digit | 0x20) <= 0x66) unit = unit * 16 + (digit | 0x20) - 0x57;
      else return -1;
    }
    return unit;
  }

  private number(): Tree | null {
    const start = this.at;
    const isNegative = this.take(0x2d);
    const digits = this.at;
    if (!this.digits()) return null;
    if (this.at - digits > 1 && this.text.charCodeAt(digits) == 0x30) return null;
    const isWhole = !this.isFraction();
    if (this.take(0x2e) && !this.digits()) return null;
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(0x2b)) this.take(0x2d);
      if (!this.digits()) return null;
    }
    const written = this.text.substring(start, this.at);
    if (isWhole && fitsInteger(written, isNegative)) return new Tree(Kind.Integer, I64.parseInt(written), written);
    return new Tree(Kind.Number, 0, written);
  }

  /** Steps over digits; says whether there was one. */
  private digits(): bool {
    const start = this.at;
    for (let next = this.peek(); next >= 0x30 && next <= 0x39; next = this.peek()) this.at++;
    return this.at > start;
  }

  private isFraction(): bool {
    const next = this.peek();
    return next == 0x2e || next == 0x65 || next == 0x45;
  }
}

/** Whether an integer fits into 64 bits; `-0` is none. */
function fitsInteger(written: string, isNegative: bool): bool {
  if (written == "-0") return false;
  const most = isNegative ? "-9223372036854775808" : "9223372036854775807";
  return written.length < most.length || (written.length == most.length && written <= most);
}

/** Whether surrogates come in pairs. */
function isWellFormed(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const kind = text.charCodeAt(i) & 0xfc00;
    if (kind == 0xdc00) return false;
    if (kind != 0xd800) continue;
    i++;
    if (i == text.length || (text.charCodeAt(i) & 0xfc00) != 0xdc00) return false;
  }
  return true;
}
