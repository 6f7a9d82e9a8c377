// Each exported function is a test. No gate is needed.

import { Most, revise } from "../assembly/policy";
import { TestRequest, equal, revise as ask, settingsError } from "@gatewright/assemblyscript/testing";

const SETTINGS = '{"most":10}';

export function more_becomes_the_most(): void {
  const revision = ask<Most>(revise, SETTINGS, TestRequest.tool("search").withArgument("/limit", 1000));
  equal(revision.edits[0].json!, "10");
  equal(ask<Most>(revise, SETTINGS, TestRequest.tool("search")).edits[0].json!, "10");
}

export function less_stays_as_it_is(): void {
  const revision = ask<Most>(revise, SETTINGS, TestRequest.tool("search").withArgument("/limit", 5));
  equal(revision.edits.length, 0);
}

export function a_typo_in_the_settings_is_refused(): void {
  equal(settingsError<Most>('{"most":10,"more":1}')!.pointer, "/more");
}
