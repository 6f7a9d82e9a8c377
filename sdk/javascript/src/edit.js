// Changes to arguments and results.

export const edit = {
  set(pointer, value) {
    return edit.setJson(pointer, JSON.stringify(value) ?? "null");
  },

  setJson(pointer, json) {
    return { pointer, json };
  },

  remove(pointer) {
    return { pointer, json: undefined };
  },
};
