// Why a policy answered as it did.

/** A reason, for the record; the agent does not see it. */
export class Note {
  constructor(
    /** Id of a rule that the description lists. */
    readonly rule: string,
    /** In words, for the operator; may be empty. */
    readonly text: string,
  ) {}
}
