// What policies of all three worlds have in common.

import { Description } from "../description";
import { Settings, SettingsError } from "../settings";

/** A policy with its settings. */
export abstract class Component {
  constructor(private about: () => Description) {}

  /** Builds the policy's own settings; what does not fit is refused there. */
  abstract settle(settings: Settings): void;

  /** What the policy says about itself. */
  describe(): Description {
    return this.about();
  }

  /** Reads and checks the settings. Gives why they are refused, or null. */
  configure(json: string): SettingsError | null {
    const settings = Settings.parse(json);
    if (settings.refusal !== null) return settings.error;
    this.settle(settings);
    settings.refuseUnread();
    return settings.error;
  }
}
