// A search gives so many results at most, whatever the agent asks.

import { edit, editor, integer, revision } from "@gatewright/sdk";

import schema from "../settings.schema.json" with { type: "json" };

export default editor({
  settings: { most: integer },
  schema,
  powers: ["edit"],
  rules: { most: "Searches give so many results at most" },

  revise({ most }, request) {
    const limit = request.argument("/limit", integer.optional());
    if (limit !== undefined && limit <= most) return revision();
    return revision(edit.set("/limit", most)).because("most");
  },
});
