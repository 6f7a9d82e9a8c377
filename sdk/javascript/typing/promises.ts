// Compiled, never run: what the types promise to authors.

import {
  abstain,
  allow,
  bigint,
  charge,
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
  judge(settings, request) {
    same<typeof settings.endings, string[]>(true);
    same<typeof settings.mode, "strict" | "lax">(true);
    same<typeof settings.limits, Record<string, { most: bigint | undefined }>>(true);
    same<typeof settings.size, number>(true);
    const amount = request.argument("/amount", integer.optional());
    same<typeof amount, number | undefined>(true);
    if (request.subject.principal === null) return deny("act for somebody");
    const value = request.get("/amount");
    if (value?.kind === "integer") same<typeof value.value, bigint>(true);
    // @ts-expect-error there is no such setting
    void settings.ending;
    // @ts-expect-error an unread argument is unknown
    const path: string = request.argument("/path");
    return allow(charge({ key: path, limit: 10n, windowSeconds: 60 }), limitResult(1000));
  },
});

const whole: Policy<string[]> = policy({ settings: list(text), judge: () => abstain() });
whole.judge(["a"], request({ action: { hints: { readOnly: true } }, arguments: { path: "a" } }));

editor({ revise: (_, request) => [edit.set("/by", request.subject.id), edit.remove("/x")] });
reviewer({ review: (_settings, _request, response) => pass({ labels: response.isError ? ["failed"] : [] }) })
  .review({}, request(), response({ content: [] }));

// @ts-expect-error a judge answers with a verdict
policy({ judge: () => true });
// @ts-expect-error a judge does not wait
policy({ judge: async () => allow() });
// @ts-expect-error settings have the shape that was declared
judging.judge({ endings: ".md" }, request());
