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
    if (this.most < 1) settings.refuse("limits.most is below 1");
  }
}

export function settings_that_do_not_fit_are_refused_with_a_reason(): void {
  equal(settingsError<Limits>(""), "settings are not JSON");
  equal(settingsError<Limits>("[]"), "settings are not an object");
  equal(settingsError<Limits>("{}"), "the setting `/names` is missing");
  equal(settingsError<Limits>('{"names":"a"}'), "the setting `/names` does not fit: found text, expected an array");
  equal(settingsError<Limits>('{"names":[1]}'), "the setting `/names/0` does not fit: found an integer, expected text");
  equal(settingsError<Limits>('{"names":[],"limits":{"most":0}}'), "limits.most is below 1");
}

export function a_member_that_nobody_reads_is_refused(): void {
  equal(settingsError<Limits>('{"names":[],"nmaes":[]}'), "unknown setting `/nmaes`");
  equal(settingsError<Limits>('{"names":[],"limits":{"most":1,"least":0}}'), "unknown setting `/limits/least`");
  equal(settingsError<NoSettings>('{"a":1}'), "unknown setting `/a`");
}

export function settings_that_fit_are_taken(): void {
  equal(settingsError<Limits>(' {"names" : ["a", "b"], "limits": {"most": 4}, "note": "x"}\n'), "");
  equal(settingsError<Limits>('{"names":[]}'), "");
  equal(settingsError<NoSettings>("{}"), "");
}
