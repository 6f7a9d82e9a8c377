// What the operator chose.

import { Document } from "./document";
import { Kind } from "./value";
import { Memory } from "./json/memory";
import { parse } from "./json/parse";

/**
 * The settings, read once, when the policy is loaded, by the constructor of the
 * policy's own settings class. Settings that do not fit keep the policy from
 * being loaded, and so does a member that the constructor never asks for.
 */
export class Settings extends Document {
  /** The settings that a JSON text holds; refused where it is not an object. */
  static parse(json: string): Settings {
    const node = parse(json);
    if (node !== null && node.kind == Kind.Object) return new Settings(new Memory(node));
    const settings = new Settings(new Memory(parse("{}")!));
    settings.refuse(node === null ? "settings are not JSON" : "settings are not an object");
    return settings;
  }

  private constructor(private memory: Memory) {
    super(memory, "setting");
  }

  /** Refuses what nobody asked for. Called after the constructor of the settings class. */
  refuseUnread(): void {
    const pointer = this.memory.unread();
    if (pointer !== null) this.refuse("unknown setting `" + pointer + "`");
  }
}

/** For a policy without settings: only `{}` is accepted. */
export class NoSettings {
  constructor(settings: Settings) {}
}
