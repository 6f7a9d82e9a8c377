// What a policy says about itself.

/** What an answer can do; the operator grants it to a binding. Several are joined by `|`. */
export enum Powers {
  /** To say yes. */
  Allow = 1,
  /** To say no. */
  Deny = 2,
  /** To ask people. */
  Ask = 4,
  /** To charge a budget. */
  Charge = 8,
  /** To leave labels on the session. */
  Label = 16,
  /** To take labels off the session. */
  Declassify = 32,
  /** To blank parts of the result. */
  Redact = 64,
  /** To withhold a result that is too large. */
  LimitResult = 128,
  /** To change arguments or a result. */
  Edit = 256,
  /** To withhold a result. */
  Block = 512,
}

/** A rule that a policy answers by. */
export class Rule {
  constructor(
    /** Stable: reports and exceptions refer to it. At most 128 bytes. */
    readonly id: string,
    /** One line for a person, at most 1,024 bytes. */
    readonly title: string,
  ) {}
}

/** What a policy says about itself. It does not depend on settings. */
export class Description {
  /** A JSON Schema of the settings; null where there is none. */
  settingsSchema: string | null = null;
  /** The rules that notes refer to; at most 1,024. */
  readonly rules: Rule[] = [];

  constructor(
    /** Every power that any of its answers may need. */
    readonly powers: Powers,
  ) {}

  /**
   * A JSON Schema of the settings, as text: `settingsSchema` of
   * `@gatewright/assemblyscript/schema` is what stands in `settings.schema.json`.
   */
  withSchema(json: string): Description {
    this.settingsSchema = json;
    return this;
  }

  /**
   * A rule that notes refer to. Records name it in clear; a rule that is not
   * described stands in them as a digest.
   */
  withRule(id: string, title: string): Description {
    this.rules.push(new Rule(id, title));
    return this;
  }
}
