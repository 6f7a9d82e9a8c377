// What tests import from `@gatewright/assemblyscript/testing`.

export * from "./assembly/testing";
