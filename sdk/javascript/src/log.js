// Lines for the operator: to the gate in a component, to stderr in a native test.

let write = (level, message) => console.error(`${level}: ${message}`);

/** Sends lines somewhere else from now on. */
export function writeTo(target) {
  write = target;
}

export function debug(message) {
  write("debug", String(message));
}

export function info(message) {
  write("info", String(message));
}

export function warn(message) {
  write("warn", String(message));
}
