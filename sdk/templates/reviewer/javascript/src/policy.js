// Whoever got a result of these tools has a label from then on.

import { pass, reviewer, text } from "@gatewright/sdk";

import schema from "../settings.schema.json" with { type: "json" };

export default reviewer({
  settings: { label: text },
  schema,
  powers: ["label"],
  rules: { label: "Results label the session" },

  review({ label }, _request, response) {
    if (response.isError) return pass();
    return pass().labelling(label).because("label");
  },
});
