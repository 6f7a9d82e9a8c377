// What policies of all three worlds have in common.

import { Settings } from "../settings";

/** A policy with its settings. */
export abstract class Component {
  /** Builds the policy's own settings; what does not fit is refused there. */
  abstract settle(settings: Settings): void;

  /** Reads and checks the settings. Gives why they are refused, or null. */
  configure(json: string): string | null {
    const settings = Settings.parse(json);
    if (settings.refusal !== null) return settings.refusal;
    this.settle(settings);
    settings.refuseUnread();
    return settings.refusal;
  }
}
