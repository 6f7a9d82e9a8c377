// An agent may read files with certain endings, and no others.

import { abstain, allow, deny, list, policy, text } from "@gatewright/sdk";

import schema from "../settings.schema.json" with { type: "json" };

export default policy({
  settings: { endings: list(text) },
  schema,
  powers: ["allow", "deny"],
  rules: { endings: "Paths end as the operator says" },

  judge({ endings }, request) {
    if (request.isListing) return abstain();
    const path = request.argument("/path", text);
    if (endings.some((ending) => path.endsWith(ending))) return allow().because("endings");
    return deny.invalidArguments(`use a path that ends in ${endings.join(", ")}`).because("endings");
  },
});
