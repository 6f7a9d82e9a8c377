// A reader takes a JSON value and gives what a policy works with, or says what is wrong.

/** What is wrong with a value. Thrown, and yet no `Error`: nobody sees it, and a stack is dear. */
export class Mismatch {
  /**
   * @param {string} problem a phrase like `is not text`
   * @param {(string | number)[]} path names on the way to the value
   */
  constructor(problem, path = []) {
    this.problem = problem;
    this.path = path;
  }

  /** The same, seen from one level further up. */
  below(name) {
    return new Mismatch(this.problem, [name, ...this.path]);
  }
}

/** `is not text`, said of several. */
export function plural(problem) {
  return problem.replace(/^is /, "are ").replace(/^does /, "do ");
}

export const MISSING = "is missing";
export const UNKNOWN = "is unknown";

export class Reader {
  /** @param {(value: unknown) => unknown} read gets `undefined` where there is nothing; throws a `Mismatch` */
  constructor(read) {
    this.read = read;
  }

  optional() {
    return new Reader((value) => (value === undefined || value === null ? undefined : this.read(value)));
  }

  default(fallback) {
    return new Reader((value) => (value === undefined ? fallback : this.read(value)));
  }

  where(holds, problem) {
    return new Reader((value) => {
      const read = this.read(value);
      if (!holds(read)) throw new Mismatch(problem);
      return read;
    });
  }

  map(change) {
    return new Reader((value) => {
      const read = this.read(value);
      try {
        return change(read);
      } catch (error) {
        if (error instanceof Mismatch || !(error instanceof Error)) throw error;
        throw new Mismatch(`does not fit: ${error.message}`);
      }
    });
  }

  called(what) {
    return new Reader((value) => {
      try {
        return this.read(value);
      } catch (error) {
        if (!(error instanceof Mismatch) || value === undefined) throw error;
        throw new Mismatch(`is not ${what}`);
      }
    });
  }
}

/** Reads one member or element, and says where it stands when it does not fit. */
export function readBelow(reader, value, name) {
  try {
    return reader.read(value);
  } catch (error) {
    throw error instanceof Mismatch ? error.below(name) : error;
  }
}
