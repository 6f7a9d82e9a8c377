// The policy that every SDK ships; what it answers stands in
// `tests/corpus/reference-policy.md`.

import {
  Ask, Charge, Denial, Description, Kind, Obligation, Opinion, Powers, Request, log, policy,
} from "@gatewright/assemblyscript";
import { actionText, budgetText, callerText, claimsText, contextText, historyText, toolText } from "./show";
import { ReferenceSettings } from "./settings";
import { memberText, nodeText, valueText, walked } from "./values";
import { count, grow, huge, loop, recurse } from "./misbehave";

export function judge(settings: ReferenceSettings, request: Request): Opinion {
  const tag = settings.tag;
  const name = request.name;
  if (settings.closed.includes(name)) return Opinion.deny(`${tag}: ${name} is closed`).because("closed");
  if (request.isListing) return Opinion.abstain();
  const wish = request.argument("/do");
  if (wish.isMissing) return Opinion.abstain();
  if (wish.kind != Kind.Text) return invalid("do is not text");
  const what = wish.text();

  if (what == "abstain") return Opinion.abstain();
  if (what == "allow") return Opinion.allow();
  if (what == "forbidden") return Opinion.deny(tag);
  if (what == "insufficient-scope") return Opinion.deny(Denial.insufficientScope(tag, ["a:b", "c:*"]));
  if (what == "invalid-arguments") return invalid(tag);
  if (what == "unsafe-context") return Opinion.deny(Denial.unsafeContext(tag));
  if (what == "ask") return Opinion.ask(fullQuestion(tag));
  if (what == "ask-anyone") return Opinion.ask(new Ask(tag));
  if (what == "ask-nobody") return Opinion.ask(new Ask(tag).withQuorum(0));
  if (what == "charge") return Opinion.abstain().owing(charge(tag));
  if (what == "charge-set") return Opinion.abstain().owing(chargeSet(tag));
  if (what == "label") return Opinion.abstain().owing(label(tag));
  if (what == "declassify") return Opinion.abstain().owing(declassify(tag));
  if (what == "redact") return Opinion.abstain().owing(redact());
  if (what == "limit") return Opinion.abstain().owing(limit());
  if (what == "all") {
    return Opinion.allow().owing(charge(tag)).owing(chargeSet(tag)).owing(label(tag)).owing(declassify(tag))
      .owing(redact()).owing(limit());
  }
  if (what == "deny-owing") return Opinion.deny(tag).owing(label(tag));
  if (what == "ask-owing") return Opinion.ask(new Ask(tag)).owing(label(tag));
  if (what == "note") return Opinion.allow().because("wish", tag).because("unlisted");

  if (what == "value") return Opinion.deny(valueText(request.argument(text(request, "/pointer"))));
  if (what == "keys") return Opinion.deny(request.keys(text(request, "/pointer")).join("|"));
  if (what == "json") {
    const json = request.json(text(request, "/pointer"));
    return Opinion.deny(json === null ? "missing" : json);
  }
  if (what == "node") return Opinion.deny(nodeText(request.root.get(text(request, "/pointer"))));
  if (what == "text") {
    const value = request.root.get(text(request, "/pointer"));
    return Opinion.deny(value.kind == Kind.Text ? value.text() : "none");
  }
  if (what == "member") {
    return Opinion.deny(memberText(request.root.get(text(request, "/pointer")).member(text(request, "/member"))));
  }
  if (what == "at") {
    return Opinion.deny(memberText(request.root.get(text(request, "/pointer")).at(index(request))));
  }
  if (what == "walk") return Opinion.deny(walked(request.root.get(text(request, "/pointer"))));
  if (what == "at-most") return atMost(settings.max, request);
  if (what == "starts") {
    const whole = request.argument("/text");
    const prefix = request.argument("/prefix");
    if (whole.kind != Kind.Text || prefix.kind != Kind.Text) return Opinion.abstain();
    return whole.text().startsWith(prefix.text()) ? Opinion.allow() : Opinion.abstain();
  }
  if (what == "echo") return Opinion.deny(text(request, "/text"));
  if (what == "length") return Opinion.deny(scalars(text(request, "/text")).toString());
  if (what == "caller") return Opinion.deny(callerText(request));
  if (what == "claims") return Opinion.deny(claimsText(request, text(request, "/text")));
  if (what == "action") return Opinion.deny(actionText(request));
  if (what == "tool") return Opinion.deny(toolText(request));
  if (what == "context") return Opinion.deny(contextText(request));
  if (what == "decision") return Opinion.deny(request.decision);
  if (what == "has-label") return Opinion.deny(request.hasLabel(text(request, "/text")).toString());
  if (what == "budget") return Opinion.deny(budgetText(request.budget(text(request, "/text"), tag)));
  if (what == "history") return Opinion.deny(historyText(request.history(3)));

  if (what == "log") {
    log.debug(`${tag} debug`);
    log.info(`${tag} info`);
    log.warn(`${tag} warn`);
    return Opinion.allow();
  }
  if (what == "throw") throw new Error("thrown on purpose");
  if (what == "loop") return loop();
  if (what == "recurse") return Opinion.deny(recurse(1).toString());
  if (what == "grow") return grow();
  if (what == "huge") return Opinion.deny(huge());
  if (what == "count") return Opinion.deny(count().toString());
  return invalid(`unknown: ${what}`);
}

export function about(): Description {
  const powers = Powers.Allow | Powers.Deny | Powers.Ask | Powers.Charge | Powers.Label | Powers.Declassify |
    Powers.Redact | Powers.LimitResult;
  return new Description(powers).withRule("wish", "What /do says").withRule("closed", "Tools that are closed");
}

function invalid(message: string): Opinion {
  return Opinion.deny(Denial.invalidArguments(message));
}

function fullQuestion(tag: string): Ask {
  return new Ask(tag, "because").showing(["/do", "/a~1b"]).withRoles(["lead", "owner"]).withQuorum(2)
    .excludingRequester().excluding(["mallory"]).decideWithin(3600).useWithin(600);
}

function charge(tag: string): Obligation {
  return Obligation.charge(Charge.fixed(tag, 1, u64.MAX_VALUE, 60));
}

function chargeSet(tag: string): Obligation {
  return Obligation.charge(Charge.set(tag, 2, "calls").refundedOnFailure());
}

function label(tag: string): Obligation {
  return Obligation.label([tag, "seen"]);
}

function declassify(tag: string): Obligation {
  return Obligation.declassify([tag, "seen"]);
}

function redact(): Obligation {
  return Obligation.redact(["/content/0/text", "/a~1b"]);
}

function limit(): Obligation {
  return Obligation.limitResult(9007199254740993);
}

/** The text of an argument; what is no text counts as empty. */
function text(request: Request, pointer: string): string {
  const value = request.argument(pointer);
  return value.kind == Kind.Text ? value.text() : "";
}

/** The argument `/index`; anything else than an integer of 32 bits without sign counts as 0. */
function index(request: Request): u32 {
  const value = request.argument("/index");
  if (value.kind != Kind.Integer) return 0;
  const integer = value.integer();
  return integer >= 0 && integer <= <i64>u32.MAX_VALUE ? <u32>integer : 0;
}

function atMost(max: i64, request: Request): Opinion {
  const value = request.argument("/n");
  if (value.kind != Kind.Integer) return invalid("n is not an integer");
  const n = value.integer();
  return n > max ? invalid(`${n} is above ${max}`) : Opinion.allow();
}

/** The number of Unicode scalar values: surrogates come in pairs and count once. */
function scalars(text: string): i32 {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) != 0xdc00) count++;
  }
  return count;
}

policy(judge, about);
