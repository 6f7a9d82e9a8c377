// What a policy imports from `@gatewright/assemblyscript/schema`.

/** The text of the policy's `settings.schema.json`. */
export const settingsSchema: string = "put here by schema.mjs";
