// A policy has no clock and no randomness. The engine would trap without a word or give
// the same "random" number for ever; this says what is wrong.

const refuse = (name, hint) => () => {
  throw new Error(`a policy has no \`${name}\`; hint: ${hint}`);
};

const CLOCK = "the time of the call is `request.at`";

const RealDate = Date;

/** Dates are fine as long as they do not ask what time it is. */
globalThis.Date = new Proxy(RealDate, {
  apply: refuse("Date()", CLOCK),
  construct: (target, given, self) => (given.length === 0 ? refuse("new Date()", CLOCK)() : Reflect.construct(target, given, self)),
});
RealDate.now = refuse("Date.now()", CLOCK);
RealDate.prototype.constructor = globalThis.Date;
Math.random = refuse("Math.random()", "the same request gets the same verdict");
globalThis.performance = { now: refuse("performance.now()", CLOCK) };
