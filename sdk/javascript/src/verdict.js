// Yes, no, and ask.

/** How long an approval stays usable when the policy does not say. */
const TTL_SECONDS = 900;

export function abstain() {
  return { verdict: "abstain" };
}

export function allow(...obligations) {
  return { verdict: "allow", obligations };
}

export function deny(message) {
  return denial("forbidden", message);
}

deny.invalidArguments = (message) => denial("invalid-arguments", message);
deny.unsafeContext = (message) => denial("unsafe-context", message);
deny.insufficientScope = (message, scopes) => denial("insufficient-scope", message, scopes);

export function ask(title, reason, { roles = [], quorum = 1, ttlSeconds = TTL_SECONDS } = {}) {
  return { verdict: "ask", title, reason, roles, quorum, ttlSeconds };
}

function denial(refusal, message, scopes = []) {
  return { verdict: "deny", refusal, message, scopes };
}
