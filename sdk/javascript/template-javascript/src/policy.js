// An agent may read files with certain endings, and no others.

import { abstain, allow, deny, list, policy, text } from "@gatewright/sdk";

export default policy({
  settings: { endings: list(text) },

  judge({ endings }, request) {
    if (request.isListing) return abstain();
    const path = request.argument("/path", text);
    if (endings.some((ending) => path.endsWith(ending))) return allow();
    return deny.invalidArguments(`use a path that ends in ${endings.join(", ")}`);
  },
});
