// Compiled, never run: what the types promise to authors.

import {
  abstain,
  allow,
  ask,
  bigint,
  charge,
  declassify,
  deny,
  edit,
  editor,
  integer,
  limitResult,
  list,
  object,
  oneOf,
  pass,
  policy,
  record,
  reviewer,
  revision,
  text,
  type Policy,
} from "@gatewright/sdk";
import { request, response } from "@gatewright/sdk/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const judging = policy({
  settings: {
    endings: list(text),
    mode: oneOf("strict", "lax").default("strict"),
    limits: record(object({ most: bigint.optional() })),
    size: text.map((size) => size.length),
  },
  schema: { type: "object" },
  powers: ["allow", "deny", "charge", "limit-result", "declassify"],
  rules: { endings: "Paths end as they must" },
  judge(settings, request) {
    same<typeof settings.endings, string[]>(true);
    same<typeof settings.mode, "strict" | "lax">(true);
    same<typeof settings.limits, Record<string, { most: bigint | undefined }>>(true);
    same<typeof settings.size, number>(true);
    const amount = request.argument("/amount", integer.optional());
    same<typeof amount, number | undefined>(true);
    if (request.principal === undefined) return deny("act for somebody").because("endings");
    const value = request.get("/amount");
    if (value?.kind === "integer") same<typeof value.value, bigint>(true);
    same<typeof request.at, bigint>(true);
    const names = request.root.member("names")?.read(list(text));
    same<typeof names, string[] | undefined>(true);
    // @ts-expect-error there is no such setting
    void settings.ending;
    // @ts-expect-error an unread argument is unknown
    const path: string = request.argument("/path");
    const opinion = allow(charge({ key: path, limit: 10n, windowSeconds: 60 }), limitResult(1000));
    return opinion.owing(charge({ key: path, budget: "calls", onFailure: "refund" }), declassify("seen")).because("endings", path);
  },
});

const whole: Policy<string[]> = policy({ settings: list(text), powers: [], judge: () => abstain() });
whole.judge(["a"], request({ hints: { readOnly: true }, labels: ["a"], history: [{ at: 5 }], arguments: { path: "a" } }));

editor({ powers: ["edit"], revise: (_, request) => [edit.set("/by", request.agent), edit.remove("/x")] });
editor({ powers: ["edit"], revise: () => revision(edit.remove("/x")).because("x") });
reviewer({ powers: ["label"], review: (_settings, _request, response) => pass().labelling(response.isError ? "failed" : response.kind) })
  .review({}, request(), response({ content: [] }));

// @ts-expect-error a judge answers with an opinion
policy({ powers: [], judge: () => true });
// @ts-expect-error a judge does not wait
policy({ powers: [], judge: async () => allow() });
// @ts-expect-error a policy says what it needs
policy({ judge: () => allow() });
// @ts-expect-error there is no such power
policy({ powers: ["fly"], judge: () => allow() });
// @ts-expect-error a budget has no limit of its own
charge({ key: "k", budget: "calls", limit: 5 });
// @ts-expect-error there is no such option
ask("title", "reason", { role: ["lead"] });
// @ts-expect-error settings have the shape that was declared
judging.judge({ endings: ".md" }, request());
