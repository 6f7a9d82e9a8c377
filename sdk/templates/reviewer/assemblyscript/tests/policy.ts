// Each exported function is a test. No gate is needed.

import { Label, review } from "../assembly/policy";
import { TestRequest, TestResponse, equal, review as ask, settingsError } from "@gatewright/assemblyscript/testing";

const SETTINGS = '{"label":"outside"}';

export function a_result_labels_the_session(): void {
  const report = ask<Label>(review, SETTINGS, TestRequest.tool("fetch"), TestResponse.text("hello"));
  equal(report.labels, ["outside"]);
}

export function an_error_brings_nothing_in(): void {
  const report = ask<Label>(review, SETTINGS, TestRequest.tool("fetch"), TestResponse.error(-32000, "not found"));
  equal(report.labels.length, 0);
}

export function a_typo_in_the_settings_is_refused(): void {
  equal(settingsError<Label>('{"label":"a","labels":"b"}')!.pointer, "/labels");
}
