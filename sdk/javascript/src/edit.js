// Changes to arguments and results.

export const edit = {
  set(pointer, value) {
    return edit.setJson(pointer, typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "null"));
  },

  setJson(pointer, json) {
    return { pointer, json };
  },

  remove(pointer) {
    return { pointer, json: undefined };
  },
};
