// Each exported function is a test. No gate is needed.

import { Endings, about, judge } from "../assembly/policy";
import { TestRequest, ask, equal, settingsError } from "@gatewright/assemblyscript/testing";

function answer(request: TestRequest): string {
  return ask(judge, '{"endings":[".md"]}', request).toString();
}

export function other_endings_are_refused(): void {
  const request = TestRequest.tool("read_file").withArgument("/path", "passwords.db");
  equal(answer(request), "deny invalid-arguments: use a path that ends in .md");
}

export function a_call_without_a_path_is_refused(): void {
  equal(answer(TestRequest.tool("read_file")), "deny invalid-arguments: the argument `/path` is missing");
}

export function chosen_endings_are_allowed(): void {
  equal(answer(TestRequest.tool("read_file").withArgument("/path", "notes.md")), "allow");
}

export function listings_are_left_to_others(): void {
  equal(answer(TestRequest.of("tools/list", "read_file")), "abstain");
}

export function a_typo_in_the_settings_is_refused(): void {
  const error = settingsError<Endings>('{"endings":[],"ending":".md"}')!;
  equal(error.message, "unknown setting `/ending`");
  equal(error.pointer, "/ending");
}

export function the_policy_says_what_its_settings_are(): void {
  assert(about().settingsSchema!.includes('"endings"'));
}
