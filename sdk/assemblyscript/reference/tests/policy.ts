// The first lines of the specification; the corpus asks the rest of the component.

import { ReferenceSettings } from "../assembly/settings";
import { TestRequest, ask, equal, settingsError } from "@gatewright/assemblyscript/testing";
import { judge } from "../assembly/policy";

function answer(request: TestRequest): string {
  return ask(judge, '{"tag":"T","closed":["rm"]}', request).toString();
}

export function the_first_error_of_the_settings_counts(): void {
  equal(settingsError<ReferenceSettings>('{"max":"x","closed":1}'), "tag is missing");
  equal(settingsError<ReferenceSettings>('{"tag":"","max":"x"}'), "tag is empty");
  equal(settingsError<ReferenceSettings>('{"z":1,"tag":"T","a":2}'), "unknown setting z");
}

export function what_is_closed_is_forbidden(): void {
  equal(answer(TestRequest.tool("rm").withArgument("/do", "allow")), "deny forbidden: T: rm is closed");
}

export function a_question_that_is_no_text_is_refused(): void {
  equal(answer(TestRequest.tool("t").withArgument("/do", 1)), "deny invalid-arguments: do is not text");
}

export function letters_are_counted_as_scalar_values(): void {
  equal(answer(TestRequest.tool("t").withArgument("/do", "length").withArgument("/text", "a😀é")), "deny forbidden: 3");
}

export function thrown_on_purpose_is_a_fault(): void {
  answer(TestRequest.tool("t").withArgument("/do", "throw"));
}
