// The first lines of the specification; the corpus asks the rest of the component.

import { ReferenceSettings } from "../assembly/settings";
import { TestRequest, ask, equal, settingsError } from "@gatewright/assemblyscript/testing";
import { judge } from "../assembly/policy";

function answer(request: TestRequest): string {
  return ask(judge, '{"tag":"T","closed":["rm"]}', request).toString();
}

function refusal(settings: string): string {
  const error = settingsError<ReferenceSettings>(settings)!;
  return `${error.pointer}: ${error.message}`;
}

export function the_first_error_of_the_settings_counts(): void {
  equal(refusal('{"max":"x","closed":1}'), ": tag is missing");
  equal(refusal('{"tag":"","max":"x"}'), "/tag: tag is empty");
  equal(refusal('{"tag":"T","closed":["a",1]}'), "/closed: closed is not a list of names");
  equal(refusal('{"z/":1,"tag":"T","a":2}'), "/z~1: unknown setting z/");
}

export function what_is_closed_is_forbidden(): void {
  const opinion = ask(judge, '{"tag":"T","closed":["rm"]}', TestRequest.tool("rm").withArgument("/do", "allow"));
  equal(opinion.toString(), "deny forbidden: T: rm is closed");
  equal(opinion.notes[0].rule, "closed");
}

export function a_question_that_is_no_text_is_refused(): void {
  equal(answer(TestRequest.tool("t").withArgument("/do", 1)), "deny invalid-arguments: do is not text");
}

export function what_is_walked_is_written(): void {
  const request = TestRequest.tool("t").withArguments('{"do":"walk","pointer":"/a","a":[1,{"b":"c","d":null},1.50]}');
  equal(answer(request), "deny forbidden: [1,{b='c',d=null},1.50]");
}

export function letters_are_counted_as_scalar_values(): void {
  equal(answer(TestRequest.tool("t").withArgument("/do", "length").withArgument("/text", "a😀é")), "deny forbidden: 3");
}

export function thrown_on_purpose_is_a_fault(): void {
  answer(TestRequest.tool("t").withArgument("/do", "throw"));
}
