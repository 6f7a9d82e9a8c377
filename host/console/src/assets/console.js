// What cannot be done without JavaScript: passkeys, and what comes in live. Text is set as
// text; nothing that was sent is ever read as markup.
"use strict";

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

const fromText = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const toText = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// Asks the console, and gives what it answers; what went wrong is said in its words.
const ask = async (path, body) => {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-form-token": meta("form-token") },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? "The console does not answer as it should.");
  return answer;
};

const said = (form, text, isBad) => {
  const place = form.querySelector(".said");
  place.textContent = text;
  place.classList.toggle("bad", Boolean(isBad));
};

const why = (error) =>
  error.name === "NotAllowedError" ? "No passkey was used. Try again when you are ready." : error.message;

// Runs what a form is for, with its buttons off meanwhile.
const during = async (form, text, work) => {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  said(form, text);
  try {
    await work();
  } catch (error) {
    said(form, why(error), true);
    buttons.forEach((button) => { button.disabled = false; });
  }
};

const sign = async (asked) => {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: fromText(asked.challenge),
      rpId: asked.rpId,
      timeout: asked.timeout,
      userVerification: "required",
      allowCredentials: (asked.allow ?? []).map((id) => ({ type: "public-key", id: fromText(id) })),
    },
  });
  return {
    id: toText(credential.rawId),
    authenticatorData: toText(credential.response.authenticatorData),
    clientDataJSON: toText(credential.response.clientDataJSON),
    signature: toText(credential.response.signature),
  };
};

const enrol = async (asked) => {
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: fromText(asked.challenge),
      rp: { id: asked.rpId, name: "Gatewright" },
      user: { id: fromText(asked.handle), name: asked.name, displayName: asked.name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      timeout: asked.timeout,
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    },
  });
  return {
    authenticatorData: toText(credential.response.getAuthenticatorData()),
    clientDataJSON: toText(credential.response.clientDataJSON),
  };
};

const forms = {
  "sign-in": (form) => during(form, "Waiting for your passkey …", async () => {
    await ask("/sign-in", await sign(await ask("/sign-in/challenge", {})));
    location.reload();
  }),
  enrol: (form) => during(form, "Waiting for your passkey …", async () => {
    const { code, name } = Object.fromEntries(new FormData(form));
    await ask("/enrol", await enrol(await ask("/enrol/challenge", { code, name: name ?? "" })));
    location.assign("/");
  }),
  own: (form) => during(form, "Waiting for your passkey …", async () => {
    await ask("/passkey", await enrol(await ask("/passkey/challenge", {})));
    location.assign("/approvals");
  }),
  decide: (form, choice) => during(form, "Waiting for your passkey …", async () => {
    const { reason, shown } = Object.fromEntries(new FormData(form));
    const asked = await ask(`${form.dataset.path}/challenge`, { choice, reason, shown });
    const { said: text } = await ask(form.dataset.path, await sign(asked));
    said(form, text);
    form.querySelectorAll(".field, .buttons, .small").forEach((part) => part.remove());
    form.querySelector("[data-next]").hidden = false;
    form.querySelector("[data-next] a").focus();
  }),
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    said(form, "This browser cannot use passkeys on this page.", true);
    continue;
  }
  form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    forms[form.dataset.passkey](form, event.submitter?.value);
  });
}

// Live decisions: a row is a copy of the one that the page brought along.
const list = document.querySelector("[data-live]");
if (list && window.EventSource) {
  const state = document.querySelector(".live");
  const blank = document.querySelector("template#row");
  const rowsMax = 200;
  const show = (isOn, text) => {
    state.classList.toggle("on", isOn);
    state.textContent = text;
  };
  const source = new EventSource(list.dataset.live);
  source.addEventListener("open", () => show(true, "Live"));
  source.addEventListener("error", () => show(false, "Not live; trying again …"));
  source.addEventListener("behind", () => show(false, "Too much came in; trying again …"));
  source.addEventListener("over", () => { source.close(); location.reload(); });
  source.addEventListener("end", (event) => {
    const { id, word, tone } = JSON.parse(event.data);
    const badge = document.getElementById(`d-${id}`)?.querySelector("[data-field=word]");
    if (badge) { badge.textContent = word; badge.className = `badge ${tone}`; }
  });
  source.addEventListener("decision", (event) => {
    const row = JSON.parse(event.data);
    if (document.getElementById(`d-${row.id}`)) return;
    const item = blank.content.firstElementChild.cloneNode(true);
    item.id = `d-${row.id}`;
    item.classList.add("fresh");
    for (const place of item.querySelectorAll("[data-field]")) {
      place.textContent = row[place.dataset.field] ?? "";
    }
    item.querySelector("a").href = `/decisions/${encodeURIComponent(row.id)}`;
    item.querySelector("[data-field=word]").className = `badge ${row.tone}`;
    const time = item.querySelector("time");
    time.dateTime = time.title = row.exact;
    document.querySelector("[data-empty]")?.remove();
    list.hidden = false;
    list.querySelector("ul").prepend(item);
    while (list.querySelectorAll("li").length > rowsMax) list.querySelector("li:last-child").remove();
  });
}

// Calls that wait: the page says that there is something new, and does not move.
const news = document.querySelector("[data-news]");
if (news && window.EventSource) {
  const source = new EventSource(news.dataset.news);
  source.addEventListener("changed", () => { news.hidden = false; });
  source.addEventListener("over", () => { source.close(); location.reload(); });
}

// Times go on.
const long = (seconds) =>
  seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} days`;
const skew = Number(meta("now")) - Date.now();
setInterval(() => {
  for (const time of document.querySelectorAll("time")) {
    const seconds = Math.floor((Date.now() + skew - Date.parse(time.dateTime)) / 1000);
    const is = Math.abs(seconds) < 10 ? (seconds < 0 ? "in a moment" : "just now")
      : seconds < 0 ? `in ${long(-seconds)}` : `${long(seconds)} ago`;
    if (time.textContent !== is) time.textContent = is;
  }
}, 5000);

// j and k go through a list; Enter opens, as for every link.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll("a.row")];
  const at = rows.indexOf(document.activeElement);
  const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step];
  next?.focus();
});
