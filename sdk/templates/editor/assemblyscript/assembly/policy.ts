// A search gives so many results at most, whatever the agent asks.

import { Description, Edit, Powers, Request, Revision, Settings, editor } from "@gatewright/assemblyscript";
import { settingsSchema } from "@gatewright/assemblyscript/schema";

/** The rule that every change follows; records name it. */
const MOST = "most";

/** What the operator chose. */
export class Most {
  most: i64;

  constructor(settings: Settings) {
    this.most = settings.value("/most").integer();
  }
}

export function revise(settings: Most, request: Request): Revision {
  const limit = request.argument("/limit");
  if (!limit.isMissing && limit.integer() <= settings.most) return new Revision();
  return new Revision([Edit.set("/limit", settings.most)]).because(MOST);
}

export function about(): Description {
  return new Description(Powers.Edit)
    .withSchema(settingsSchema)
    .withRule(MOST, "Searches give so many results at most");
}

editor(revise, about);
