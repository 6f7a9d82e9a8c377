// Settings: a class that reads them, and what is refused.

import { NoSettings, Settings } from "@gatewright/assemblyscript";
import { equal, settingsError } from "@gatewright/assemblyscript/testing";

class Limits {
  names: string[];
  most: i64;
  note: string;

  constructor(settings: Settings) {
    this.names = settings.value("/names").texts();
    this.most = settings.value("/limits/most").integerOr(3);
    this.note = settings.value("/note").textOr("");
    if (this.most < 1) settings.value("/limits/most").refuse("limits.most is below 1");
  }
}

/** The pointer and the message; empty where the settings are taken. */
function refusal<S>(json: string): string {
  const error = settingsError<S>(json);
  return error === null ? "" : `${error.pointer}: ${error.message}`;
}

export function settings_that_do_not_fit_are_refused_with_a_reason(): void {
  equal(refusal<Limits>(""), ": settings are not JSON");
  equal(refusal<Limits>("[]"), ": settings are not an object");
  equal(refusal<Limits>("{}"), ": the setting `/names` is missing");
  equal(refusal<Limits>('{"names":"a"}'), "/names: the setting `/names` does not fit: found text, expected an array");
  equal(refusal<Limits>('{"names":[1]}'), "/names/0: the setting `/names/0` does not fit: found an integer, expected text");
  equal(refusal<Limits>('{"names":[],"limits":{"most":0}}'), "/limits/most: limits.most is below 1");
}

export function a_member_that_nobody_reads_is_refused(): void {
  equal(refusal<Limits>('{"names":[],"nmaes":[]}'), "/nmaes: unknown setting `/nmaes`");
  equal(refusal<Limits>('{"names":[],"limits":{"most":1,"least":0}}'), "/limits/least: unknown setting `/limits/least`");
  equal(refusal<NoSettings>('{"a":1}'), "/a: unknown setting `/a`");
}

export function settings_that_fit_are_taken(): void {
  equal(refusal<Limits>(' {"names" : ["a", "b"], "limits": {"most": 4}, "note": "x"}\n'), "");
  equal(refusal<Limits>('{"names":[]}'), "");
  equal(refusal<NoSettings>("{}"), "");
}
