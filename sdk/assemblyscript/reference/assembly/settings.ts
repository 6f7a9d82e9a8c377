// The settings of the reference policy.

import { Kind, Settings, child } from "@gatewright/assemblyscript";

/** Checks the members in the order of the specification; the first error counts. */
export class ReferenceSettings {
  tag: string;
  closed: string[];
  max: i64;

  constructor(settings: Settings) {
    this.tag = readTag(settings);
    this.closed = readClosed(settings);
    this.max = readMax(settings);
    const names = settings.keys("");
    for (let i = 0; i < names.length; i++) {
      if (["tag", "closed", "max"].includes(names[i])) continue;
      settings.value(child("", names[i])).refuse(`unknown setting ${names[i]}`);
    }
  }
}

function readTag(settings: Settings): string {
  const tag = settings.value("/tag");
  if (tag.isMissing) settings.refuse("tag is missing");
  if (tag.kind != Kind.Text) tag.refuse("tag is not text");
  const text = tag.text();
  if (text.length == 0) tag.refuse("tag is empty");
  return text;
}

function readClosed(settings: Settings): string[] {
  const closed = settings.value("/closed");
  if (closed.isMissing) return [];
  if (closed.kind != Kind.Array) closed.refuse("closed is not a list of names");
  const names = closed.children();
  for (let i = 0; i < names.length; i++) {
    if (names[i].kind != Kind.Text) closed.refuse("closed is not a list of names");
  }
  return closed.texts();
}

function readMax(settings: Settings): i64 {
  const max = settings.value("/max");
  if (max.isMissing) return 100;
  if (max.kind != Kind.Integer) max.refuse("max is not an integer");
  return max.integer();
}
