// An agent may read files with certain endings, and no others.

import { Denial, Request, Settings, Verdict, policy } from "@gatewright/assemblyscript";

/** What the operator chose. */
export class Endings {
  endings: string[];

  constructor(settings: Settings) {
    this.endings = settings.value("/endings").texts();
  }
}

export function judge(settings: Endings, request: Request): Verdict {
  if (request.isListing) return Verdict.abstain();
  const path = request.argument("/path").text();
  for (let i = 0; i < settings.endings.length; i++) {
    if (path.endsWith(settings.endings[i])) return Verdict.allow();
  }
  return Verdict.deny(Denial.invalidArguments(`use a path that ends in ${settings.endings.join(", ")}`));
}

policy(judge);
