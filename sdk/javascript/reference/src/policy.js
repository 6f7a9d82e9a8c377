// The reference policy (tests/corpus/reference-policy.md): it says what a policy can see, and
// answers with every opinion there is.

import {
  abstain,
  allow,
  ask,
  bigint,
  charge,
  declassify,
  deny,
  label,
  limitResult,
  list,
  log,
  policy,
  redact,
  text,
} from "@gatewright/sdk";

import { describe, describeAction, describeBudget, describeCall, describeCaller, describeClaims, describeContext, describeNode, describeTool, walk } from "./describe.js";
import { grow, loop, recurse } from "./misbehave.js";

/** Outlives the function, and yet is the same for every call. */
let count = 0;

/** A place in a document is an integer of 32 bits. */
const PLACES = 2n ** 32n;

export default policy({
  settings: {
    tag: text.where((tag) => tag !== "", "is empty"),
    closed: list(text).called("a list of names").default([]),
    max: bigint.default(100n),
  },
  powers: ["allow", "deny", "ask", "charge", "label", "declassify", "redact", "limit-result"],
  rules: { wish: "What /do says", closed: "Tools that are closed" },

  judge(settings, request) {
    const { tag, closed } = settings;
    const { name } = request;
    if (closed.includes(name)) return deny(`${tag}: ${name} is closed`).because("closed");
    if (request.isListing) return abstain();
    const wanted = request.get("/do");
    if (wanted === undefined) return abstain();
    if (wanted.kind !== "text") return deny.invalidArguments("do is not text");
    return Object.hasOwn(ANSWERS, wanted.value)
      ? ANSWERS[wanted.value](request, settings)
      : deny.invalidArguments(`unknown: ${wanted.value}`);
  },
});

const obligations = {
  charge: (tag) => charge({ key: tag, limit: 18446744073709551615n, windowSeconds: 60 }),
  chargeSet: (tag) => charge({ key: tag, cost: 2, budget: "calls", onFailure: "refund" }),
  label: (tag) => label(tag, "seen"),
  declassify: (tag) => declassify(tag, "seen"),
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
  ask: (_, { tag }) =>
    ask(tag, "because", {
      show: ["/do", "/a~1b"],
      roles: ["lead", "owner"],
      quorum: 2,
      excludeRequester: true,
      exclude: ["mallory"],
      decideWithinSeconds: 3600,
      useWithinSeconds: 600,
    }),
  "ask-anyone": (_, { tag }) => ask(tag, ""),
  "ask-nobody": (_, { tag }) => ask(tag, "", { quorum: 0 }),
  charge: (_, { tag }) => abstain().owing(obligations.charge(tag)),
  "charge-set": (_, { tag }) => abstain().owing(obligations.chargeSet(tag)),
  label: (_, { tag }) => abstain().owing(obligations.label(tag)),
  declassify: (_, { tag }) => abstain().owing(obligations.declassify(tag)),
  redact: () => abstain().owing(obligations.redact()),
  limit: () => abstain().owing(obligations.limit()),
  all: (_, { tag }) => allow(...Object.values(obligations).map((obligation) => obligation(tag))),
  "deny-owing": (_, { tag }) => deny(tag).owing(obligations.label(tag)),
  "ask-owing": (_, { tag }) => ask(tag, "").owing(obligations.label(tag)),
  note: (_, { tag }) => allow().because("wish", tag).because("unlisted"),

  value: (request) => deny(describe(request.get(pointerIn(request)))),
  keys: (request) => deny(request.keys(pointerIn(request)).join("|")),
  json: (request) => deny(request.json(pointerIn(request)) ?? "missing"),
  node: (request) => deny(describeNode(nodeIn(request))),
  text: (request) => deny(nodeIn(request)?.text ?? "none"),
  member: (request) => deny(nodeIn(request)?.member(textAt(request, "/member"))?.json ?? "missing"),
  at: (request) => deny(nodeIn(request)?.at(placeIn(request))?.json ?? "missing"),
  walk: (request) => deny(walk(nodeIn(request))),
  "at-most": (request, { max }) => atMost(request, max),
  starts: (request) => {
    const [whole, prefix] = [request.get("/text"), request.get("/prefix")];
    const areTexts = whole?.kind === "text" && prefix?.kind === "text";
    return areTexts && whole.value.startsWith(prefix.value) ? allow() : abstain();
  },
  echo: (request) => deny(textAt(request, "/text")),
  length: (request) => deny(String([...textAt(request, "/text")].length)),

  caller: (request) => deny(describeCaller(request)),
  claims: (request) => deny(describeClaims(request.claims, request.claim(textAt(request, "/text")))),
  action: (request) => deny(describeAction(request)),
  tool: (request) => deny(describeTool(request)),
  context: (request) => deny(describeContext(request)),
  decision: (request) => deny(request.decision),
  "has-label": (request) => deny(String(request.hasLabel(textAt(request, "/text")))),
  budget: (request, { tag }) => deny(describeBudget(request.budget(textAt(request, "/text"), tag))),
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

/** The text at a pointer; what is none is empty. */
function textAt(request, pointer) {
  const value = request.get(pointer);
  return value?.kind === "text" ? value.value : "";
}

function pointerIn(request) {
  return textAt(request, "/pointer");
}

function nodeIn(request) {
  return request.root.get(pointerIn(request));
}

function placeIn(request) {
  const index = request.get("/index");
  return index?.kind === "integer" && index.value >= 0n && index.value < PLACES ? Number(index.value) : 0;
}

function atMost(request, max) {
  const n = request.get("/n");
  if (n?.kind !== "integer") return deny.invalidArguments("n is not an integer");
  return n.value > max ? deny.invalidArguments(`${n.value} is above ${max}`) : allow();
}
