// Whoever got a result of these tools has a label from then on.

import { Description, Powers, Report, Request, Response, Settings, reviewer } from "@gatewright/assemblyscript";
import { settingsSchema } from "@gatewright/assemblyscript/schema";

/** The rule that every label follows; records name it. */
const LABEL = "label";

/** What the operator chose. */
export class Label {
  label: string;

  constructor(settings: Settings) {
    this.label = settings.value("/label").text();
  }
}

export function review(settings: Label, request: Request, response: Response): Report {
  if (response.isError) return Report.pass();
  return Report.pass().labelling([settings.label]).because(LABEL);
}

export function about(): Description {
  return new Description(Powers.Label)
    .withSchema(settingsSchema)
    .withRule(LABEL, "Results label the session");
}

reviewer(review, about);
