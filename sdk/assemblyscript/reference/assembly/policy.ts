// The policy that every SDK ships; what it answers stands in
// `tests/corpus/reference-policy.md`.

import {
  ApprovalRequest, Denial, Kind, Obligation, policy, Quota, Request, Verdict, log,
} from "@gatewright/assemblyscript";
import { actionText, contextText, historyText, subjectText, valueText } from "./show";
import { ReferenceSettings } from "./settings";

/** How often `count` was asked: always 1, every call has an instance of its own. */
let count = 0;

export function judge(settings: ReferenceSettings, request: Request): Verdict {
  const tag = settings.tag;
  const name = request.action.name;
  if (settings.closed.includes(name)) return Verdict.deny(`${tag}: ${name} is closed`);
  const value = request.argument("/do");
  if (value.isMissing) return Verdict.abstain();
  if (value.kind != Kind.Text) return invalid("do is not text");
  const what = value.text();

  if (what == "abstain") return Verdict.abstain();
  if (what == "allow") return Verdict.allow();
  if (what == "forbidden") return Verdict.deny(tag);
  if (what == "insufficient-scope") return Verdict.deny(Denial.insufficientScope(tag, ["a:b", "c:*"]));
  if (what == "invalid-arguments") return invalid(tag);
  if (what == "unsafe-context") return Verdict.deny(Denial.unsafeContext(tag));
  if (what == "ask") return Verdict.ask(new ApprovalRequest(tag, "because", ["lead", "owner"], 2, 600));
  if (what == "ask-anyone") return Verdict.ask(new ApprovalRequest(tag, "", [], 0, 0));
  if (what == "charge") return Verdict.allowWith([charge(tag)]);
  if (what == "label") return Verdict.allowWith([label(tag)]);
  if (what == "redact") return Verdict.allowWith([redact()]);
  if (what == "limit") return Verdict.allowWith([limit()]);
  if (what == "all") return Verdict.allowWith([charge(tag), label(tag), redact(), limit()]);

  if (what == "value") return Verdict.deny(valueText(request.argument(pointer(request))));
  if (what == "keys") return Verdict.deny(request.keys(pointer(request)).join("|"));
  if (what == "json") {
    const json = request.json(pointer(request));
    return Verdict.deny(json === null ? "missing" : json);
  }
  if (what == "at-most") return atMost(settings.max, request);
  if (what == "starts") {
    const text = request.argument("/text");
    const prefix = request.argument("/prefix");
    if (text.kind != Kind.Text || prefix.kind != Kind.Text) return Verdict.abstain();
    return text.text().startsWith(prefix.text()) ? Verdict.allow() : Verdict.abstain();
  }
  if (what == "echo") return Verdict.deny(request.argument("/text").text());
  if (what == "length") return Verdict.deny(scalars(request.argument("/text").text()).toString());
  if (what == "subject") return Verdict.deny(subjectText(request.subject));
  if (what == "action") return Verdict.deny(actionText(request.action));
  if (what == "context") return Verdict.deny(contextText(request.context));
  if (what == "history") return Verdict.deny(historyText(request.history(3)));

  if (what == "log") {
    log.debug(`${tag} debug`);
    log.info(`${tag} info`);
    log.warn(`${tag} warn`);
    return Verdict.allow();
  }
  if (what == "throw") throw new Error("thrown on purpose");
  if (what == "loop") while (true) count++;
  if (what == "recurse") return Verdict.deny(recurse(1).toString());
  if (what == "grow") while (true) heap.alloc(1 << 20);
  if (what == "huge") return Verdict.deny(huge());
  if (what == "count") {
    count++;
    return Verdict.deny(count.toString());
  }
  return invalid(`unknown: ${what}`);
}

function invalid(message: string): Verdict {
  return Verdict.deny(Denial.invalidArguments(message));
}

function charge(tag: string): Obligation {
  return Obligation.charge(new Quota(tag, 1, u64.MAX_VALUE, 60));
}

function label(tag: string): Obligation {
  return Obligation.label([tag, "seen"]);
}

function redact(): Obligation {
  return Obligation.redact(["/content/0/text", "/a~1b"]);
}

function limit(): Obligation {
  return Obligation.limitResult(9007199254740993);
}

function pointer(request: Request): string {
  return request.argument("/pointer").textOr("");
}

function atMost(max: i64, request: Request): Verdict {
  const value = request.argument("/n");
  if (value.kind != Kind.Integer) return invalid("n is not an integer");
  const n = value.integer();
  return n > max ? invalid(`${n} is above ${max}`) : Verdict.allow();
}

/** The number of Unicode scalar values: surrogates come in pairs and count once. */
function scalars(text: string): i32 {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) != 0xdc00) count++;
  }
  return count;
}

/** 4,000,000 times `x`; doubling costs less fuel than writing every letter. */
function huge(): string {
  let text = "x".repeat(15_625);
  for (let i = 0; i < 8; i++) text += text;
  return text;
}

function recurse(depth: i32): i32 {
  return depth == 0 ? 0 : recurse(depth + 1) + count;
}

policy(judge);
