// What the gate must do if the call goes ahead.

export function charge({ key, cost = 1, limit, windowSeconds }) {
  return { charge: { key, cost, limit, windowSeconds } };
}

export function label(...labels) {
  return { label: labels };
}

export function redact(...pointers) {
  return { redact: pointers };
}

export function limitResult(bytes) {
  return { limitResult: bytes };
}
