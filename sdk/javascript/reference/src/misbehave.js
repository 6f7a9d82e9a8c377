// What a policy must not do. Each of these ends in a fault.

export function loop() {
  for (;;);
}

export function recurse(depth) {
  return recurse(depth + 1) + 1;
}

export function grow() {
  const kept = [];
  for (;;) kept.push(new Uint8Array(65_536).fill(1));
}
