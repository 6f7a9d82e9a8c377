// What a policy imports from `@gatewright/assemblyscript`.

export * from "./assembly";
