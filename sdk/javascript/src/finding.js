// What becomes of a result.

export function pass({ edits = [], labels = [] } = {}) {
  return { finding: "pass", edits, labels };
}

export function block(message) {
  return { finding: "block", message };
}
