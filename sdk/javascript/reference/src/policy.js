// The reference policy (tests/corpus/reference-policy.md): it says what a policy can see, and
// answers with every verdict there is.

import {
  abstain,
  allow,
  ask,
  bigint,
  charge,
  deny,
  label,
  limitResult,
  list,
  log,
  policy,
  redact,
  text,
} from "@gatewright/sdk";

import { describe, describeAction, describeCall, describeContext, describeSubject } from "./describe.js";
import { grow, loop, recurse } from "./misbehave.js";

/** Outlives the function, and yet is the same for every call. */
let count = 0;

export default policy({
  settings: {
    tag: text.where((tag) => tag !== "", "is empty"),
    closed: list(text).called("a list of names").default([]),
    max: bigint.default(100n),
  },

  judge(settings, request) {
    const { tag, closed } = settings;
    const { name } = request.action;
    if (closed.includes(name)) return deny(`${tag}: ${name} is closed`);
    const wanted = request.get("/do");
    if (wanted === undefined) return abstain();
    if (wanted.kind !== "text") return deny.invalidArguments("do is not text");
    return Object.hasOwn(ANSWERS, wanted.value)
      ? ANSWERS[wanted.value](request, settings)
      : deny.invalidArguments(`unknown: ${wanted.value}`);
  },
});

const obligations = {
  charge: (tag) => charge({ key: tag, cost: 1, limit: 18446744073709551615n, windowSeconds: 60 }),
  label: (tag) => label(tag, "seen"),
  redact: () => redact("/content/0/text", "/a~1b"),
  limit: () => limitResult(9007199254740993n),
};

const ANSWERS = {
  abstain: () => abstain(),
  allow: () => allow(),
  forbidden: (_, { tag }) => deny(tag),
  "insufficient-scope": (_, { tag }) => deny.insufficientScope(tag, ["a:b", "c:*"]),
  "invalid-arguments": (_, { tag }) => deny.invalidArguments(tag),
  "unsafe-context": (_, { tag }) => deny.unsafeContext(tag),
  ask: (_, { tag }) => ask(tag, "because", { roles: ["lead", "owner"], quorum: 2, ttlSeconds: 600 }),
  "ask-anyone": (_, { tag }) => ask(tag, "", { quorum: 0, ttlSeconds: 0 }),
  charge: (_, { tag }) => allow(obligations.charge(tag)),
  label: (_, { tag }) => allow(obligations.label(tag)),
  redact: () => allow(obligations.redact()),
  limit: () => allow(obligations.limit()),
  all: (_, { tag }) => allow(...Object.values(obligations).map((obligation) => obligation(tag))),

  value: (request) => deny(describe(request.get(pointerIn(request)))),
  keys: (request) => deny(request.keys(pointerIn(request)).join("|")),
  json: (request) => deny(request.json(pointerIn(request)) ?? "missing"),
  "at-most": (request, { max }) => atMost(request, max),
  starts: (request) => {
    const [whole, prefix] = [request.get("/text"), request.get("/prefix")];
    const areTexts = whole?.kind === "text" && prefix?.kind === "text";
    return areTexts && whole.value.startsWith(prefix.value) ? allow() : abstain();
  },
  echo: (request) => deny(request.argument("/text", text)),
  length: (request) => deny(String([...request.argument("/text", text)].length)),

  subject: ({ subject }) => deny(describeSubject(subject)),
  action: ({ action }) => deny(describeAction(action)),
  context: ({ context }) => deny(describeContext(context)),
  history: (request) => deny(request.history(3).map(describeCall).join("|")),

  log: (_, { tag }) => {
    log.debug(`${tag} debug`);
    log.info(`${tag} info`);
    log.warn(`${tag} warn`);
    return allow();
  },
  throw: () => {
    throw new Error("thrown on purpose");
  },
  loop,
  recurse: () => deny(String(recurse(0))),
  grow,
  huge: () => deny("x".repeat(4_000_000)),
  count: () => deny(String(++count)),
};

function pointerIn(request) {
  return request.argument("/pointer", text.optional()) ?? "";
}

function atMost(request, max) {
  const n = request.get("/n");
  if (n?.kind !== "integer") return deny.invalidArguments("n is not an integer");
  return n.value > max ? deny.invalidArguments(`${n.value} is above ${max}`) : allow();
}
