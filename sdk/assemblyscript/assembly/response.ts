// What a reviewer looks at.

import { Document, Source } from "./document";

/** What the tool answered to a call that went ahead: the `result` of the JSON-RPC response. */
export class Response extends Document {
  constructor(
    source: Source,
    /** Whether the tool reported an error (`isError`). */
    readonly isError: bool,
  ) {
    super(source, "result");
  }
}
