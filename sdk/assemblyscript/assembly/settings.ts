// What the operator chose.

import { Document } from "./document";
import { Kind } from "./kind";
import { Memory } from "./json/memory";
import { Value } from "./value";
import { parse } from "./json/parse";

/** Why settings are refused. */
export class SettingsError {
  constructor(
    /** JSON Pointer (RFC 6901) to what is wrong; empty where it is no single place. */
    readonly pointer: string,
    /** For the operator. */
    readonly message: string,
  ) {}
}

/**
 * The settings, read once, when the policy is loaded, by the constructor of the
 * policy's own settings class. Settings that do not fit keep the policy from
 * being loaded, and so does a member that the constructor never asks for.
 */
export class Settings extends Document {
  /** The settings that a JSON text holds; refused where it is not an object. */
  static parse(json: string): Settings {
    const tree = parse(json);
    if (tree !== null && tree.kind == Kind.Object) return new Settings(new Memory(tree));
    const settings = new Settings(new Memory(parse("{}")!));
    settings.refuse(tree === null ? "settings are not JSON" : "settings are not an object");
    return settings;
  }

  private constructor(private memory: Memory) {
    super("setting");
  }

  /** The setting at a JSON Pointer. */
  value(pointer: string): Value {
    return this.memory.value(this.refusals, pointer);
  }

  /** Refuses what nobody asked for. Called after the constructor of the settings class. */
  refuseUnread(): void {
    const pointer = this.memory.unread();
    if (pointer !== null) this.refusals.refuse("unknown setting `" + pointer + "`", pointer);
  }

  /** Why they are refused; null where they are not. */
  get error(): SettingsError | null {
    const message = this.refusals.message;
    return message === null ? null : new SettingsError(this.refusals.pointer, message);
  }
}

/** For a policy without settings: only `{}` is accepted. */
export class NoSettings {
  constructor(settings: Settings) {}
}
