// An agent may read files with certain endings, and no others.

import { Denial, Description, Opinion, Powers, Request, Settings, policy } from "@gatewright/assemblyscript";
import { settingsSchema } from "@gatewright/assemblyscript/schema";

/** The rule that every answer follows; records name it. */
const ENDINGS = "endings";

/** What the operator chose. */
export class Endings {
  endings: string[];

  constructor(settings: Settings) {
    this.endings = settings.value("/endings").texts();
  }
}

export function judge(settings: Endings, request: Request): Opinion {
  if (request.isListing) return Opinion.abstain();
  const path = request.argument("/path").text();
  for (let i = 0; i < settings.endings.length; i++) {
    if (path.endsWith(settings.endings[i])) return Opinion.allow().because(ENDINGS);
  }
  const denial = Denial.invalidArguments(`use a path that ends in ${settings.endings.join(", ")}`);
  return Opinion.deny(denial).because(ENDINGS);
}

export function about(): Description {
  return new Description(Powers.Allow | Powers.Deny)
    .withSchema(settingsSchema)
    .withRule(ENDINGS, "Paths end as the operator says");
}

policy(judge, about);
