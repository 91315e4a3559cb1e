// What is going on now: can the box call, what would a call cost, who is talking, which stick lacks what.

import { api, box, forget, nameOf, Refusal } from "./box.js";
import { devices, microphone, obstacle, stickFor, talk, talkOf } from "./talk.js";
import { browser, chain, clock, h, icon, language, money, replace, say, t, word } from "./dom.js";

const may = (role) => ["see", "call", "admin"].indexOf(document.body.dataset.role) >= ["see", "call", "admin"].indexOf(role);

let parts = null;

/** Builds the view. */
export function show(main) {
  parts = {
    sentence: h("h1", { id: "sentence" }),
    dial: may("call") ? dialler() : null,
    calls: h("div", { id: "calls" }),
    sticks: h("div", { id: "sticks" }),
  };
  main.replaceChildren(
    parts.sentence, ...(parts.dial ? [parts.dial] : []),
    section("calls-title", t("now.calls"), parts.calls), section("sticks-title", t("now.sticks"), parts.sticks));
  update();
  return { update, tick, leave: () => { parts = null; } };
}

const section = (id, title, body) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), body);

function update(event) {
  if (!parts) return;
  sentence();
  parts.dial?.update();
  drawCalls();
  if (!event || !event.name.startsWith("call.")) drawSticks();
  if (event?.name === "names") parts.dial?.querySelector("datalist").replaceChildren(...options());
}

function sentence() {
  const status = box.status;
  if (!status) return;
  const ready = status.modems.filter((modem) => modem.state === "ready" || modem.state === "in_call").length;
  const words = [t("now.sentence", { ready, total: status.modems.length })];
  const gone = status.pbx.filter((pbx) => pbx.reachable === "no").map((pbx) => pbx.name);
  if (gone.length) words.push(t("now.pbxgone", { pbx: gone.join(", ") }));
  if (status.stopping) words.push(t("now.stopping"));
  const text = words.join(" ");
  if (parts.sentence.textContent !== text) parts.sentence.textContent = text;
  parts.sentence.dataset.tone = !ready || status.stopping ? "bad" : ready < status.modems.length || gone.length ? "warn" : "good";
}

// Dialling.

const options = () => [...box.people].map(([name, number]) => h("option", { value: name }, number));

export const isName = (text) => /^\p{L}/u.test(text) && !/^tel:/i.test(text);
const wordsOf = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** The people that a name means: each of its words begins one of theirs; whoever is called exactly so comes before others. */
export function peopleOf(text) {
  const exact = [...box.people].filter(([name]) => name.toLowerCase() === text.toLowerCase());
  if (exact.length) return exact;
  const wanted = wordsOf(text);
  return [...box.people].filter(([name]) => {
    const words = wordsOf(name);
    return wanted.length && wanted.every((one) => words.some((word) => word.startsWith(one)));
  });
}

/** What is typed is no number yet: nobody is asked what it would cost. */
const isUnfinished = (text) => /^(\d|0\d|\+\d{0,3})$/.test(text.replace(/[\s/().-]/g, ""));

function dialler() {
  const number = h("input", {
    id: "dial-number", name: "number", type: "text", inputmode: "tel", autocomplete: "off", list: "dial-names", required: true, maxlength: 64,
    placeholder: t("dial.hint"), "aria-describedby": "dial-verdict",
  });
  const via = h("select", { id: "dial-via" },
    ["auto", "callthrough", "callback", "direct"].map((way) => h("option", { value: way }, t(`via.${way}`))));
  const modem = h("select", { id: "dial-modem" }, h("option", { value: "" }, t("dial.anymodem")));
  const here = h("input", { type: "checkbox", id: "dial-talk" });
  here.checked = wantsToTalk();
  here.addEventListener("change", () => localStorage.setItem("talk", here.checked ? "yes" : "no"));
  const why = h("p", { class: "quiet", role: "status" });
  const voice = h("div", { class: "voice" }, h("label", { class: "check" }, here, t("talk.here")), why);
  const places = ["audioinput", "audiooutput"].map((kind) => {
    const choice = h("select", { id: `talk-${kind}`, onchange: () => localStorage.setItem(kind, choice.value) });
    return [kind, choice];
  });
  const soundRow = h("div", { class: "row", hidden: true }, places.map(([kind, choice]) => h("label", {}, t(`talk.${kind}`), choice)));
  /** What a browser tells of its microphones and speakers: their names once the microphone was given. */
  const listDevices = async () => {
    const known = await devices();
    for (const [kind, choice] of places) {
      const mine = known.filter((one) => one.kind === kind && one.deviceId && one.label);
      choice.replaceChildren(h("option", { value: "" }, t("talk.standard")), ...mine.map((one) => h("option", { value: one.deviceId }, one.label)));
      choice.value = mine.some((one) => one.deviceId === localStorage.getItem(kind)) ? localStorage.getItem(kind) : "";
      choice.parentElement.hidden = !mine.length;
    }
    soundRow.hidden = places.every(([, choice]) => choice.parentElement.hidden);
  };
  voice.update = () => {
    const trouble = box.status ? obstacle(box.status.modems, latest?.method === "internet") : null;
    here.disabled = Boolean(trouble);
    const words = trouble ? t(`talk.${trouble}`) : "";
    if (!why.dataset.refused && why.textContent !== words) why.textContent = words;
  };
  const verdict = h("div", { id: "dial-verdict", role: "status", "data-allowed": "unknown" }, h("p", { class: "quiet" }, t("dial.type")));
  const callButton = h("button", { id: "dial-call", class: "go" }, icon("phone"), t("dial.call"));
  const form = h("form", { id: "dial", class: "card dial", "aria-label": t("dial.title"), autocomplete: "off" },
    h("label", { for: "dial-number" }, t("dial.number")),
    h("div", { class: "row" }, number, callButton),
    h("datalist", { id: "dial-names" }, options()),
    verdict, voice,
    h("details", { ontoggle: listDevices }, h("summary", {}, t("dial.more")),
      h("div", { class: "row" },
        h("label", {}, t("dial.via"), via), h("label", {}, t("dial.modem"), modem)), soundRow));
  let asking = null;
  let latest = null;
  let timer = null;
  let pressed = null;
  // The verdict that can be read, and the one that a person pressed for once already.
  let seen = null;
  let agreed = null;

  const wish = () => {
    const text = number.value.trim();
    const people = isName(text) ? peopleOf(text) : [];
    const body = { number: people.length === 1 ? people[0][1] : text };
    if (via.value !== "auto") body.via = via.value;
    if (modem.value) body.modem = modem.value;
    return body;
  };

  async function judge(body = wish(), isPressed = false) {
    asking?.abort();
    latest = null;
    if (!body.number || !isPressed && isUnfinished(body.number)) {
      verdict.dataset.allowed = "unknown";
      return verdict.replaceChildren(h("p", { class: "quiet" }, t("dial.type")));
    }
    if (isName(body.number)) {
      verdict.dataset.allowed = "unknown";
      return verdict.replaceChildren(...choices(body.number));
    }
    asking = new AbortController();
    try {
      latest = await api("POST", "/v1/routes", body, asking.signal);
      verdict.dataset.allowed = String(latest.allowed);
      voice.update();
      verdict.replaceChildren(...judgement(latest));
      seen = { order: JSON.stringify(body), verdict: digest(latest) };
    } catch (error) {
      if (!(error instanceof Refusal)) return;
      verdict.dataset.allowed = "false";
      verdict.replaceChildren(h("p", { class: "bad" }, icon("bad"), error.message));
    }
    return latest;
  }

  /** Those whom a name may mean, to choose from. */
  function choices(name) {
    const people = peopleOf(name);
    if (!people.length) return [h("p", { class: "warn" }, icon("wait"), t("dial.nobody", { name }))];
    return [h("p", { class: "quiet" }, t("dial.several", { name })), h("div", { class: "row people-choice" }, people.slice(0, 8).map(([person, digits]) =>
      h("button", { type: "button", class: "chip", "data-person": person, onclick: () => {
        number.value = person;
        number.focus();
        soon();
      } }, person, " ", h("span", { class: "quiet" }, digits))))];
  }

  const soon = () => {
    clearTimeout(timer);
    disagree();
    timer = setTimeout(() => judge(), 120);
  };
  const disagree = () => {
    agreed = null;
    callButton.removeAttribute("data-again");
  };
  number.addEventListener("input", soon);
  for (const choice of [via, modem]) choice.addEventListener("change", () => { disagree(); judge(); });
  form.update = () => {
    voice.update();
    // A list that is open is not taken away under a person's hand.
    const names = (box.status?.modems ?? []).map((one) => one.name).filter(Boolean);
    if (names.join("\n") === [...modem.options].slice(1).map((one) => one.value).join("\n")) return;
    const chosen = modem.value;
    modem.replaceChildren(h("option", { value: "" }, t("dial.anymodem")), ...names.map((name) => h("option", { value: name }, name)));
    modem.value = names.includes(chosen) ? chosen : "";
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const button = callButton;
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    let ear = null;
    try {
      // What was judged is callButton, whatever is typed meanwhile; and pressed again after a lost answer, it is the same call.
      const order = wish();
      const key = JSON.stringify(order);
      if (pressed?.key !== key) pressed = { key, id: newID() };
      const before = seen;
      const route = await judge({ ...order }, true);
      if (!route?.allowed) return number.focus();
      const doubt = doubtOf(route, key, before);
      if (doubt && agreed !== key + digest(route)) {
        agreed = key + digest(route);
        callButton.setAttribute("data-again", "");
        verdict.append(h("p", { class: "warn", "data-doubt": doubt }, icon("wait"), t(`doubt.${doubt}`)));
        return;
      }
      disagree();
      const place = route.method === "internet" ? "" : stickFor(order.modem, box.status.modems);
      const stick = here.checked && !here.disabled ? place : null;
      ear = stick === null ? null : await listen(why);
      if (ear) order.audio = "browser";
      if (ear && stick) order.modem = stick;
      // One press is one call: the id keeps a second one from being made.
      const call = await api("POST", "/v1/calls", { ...order, id: pressed.id });
      pressed = null;
      if (ear) await talk(call.call, ear, heard);
      ear = null;
      if (route.max_seconds) box.limits.set(call.call, route.max_seconds);
      number.value = "";
      await judge();
    } catch (error) {
      verdict.dataset.allowed = "false";
      verdict.replaceChildren(h("p", { class: "bad" }, icon("bad"), error.message));
    } finally {
      for (const track of ear?.getTracks() ?? []) track.stop();
      button.removeAttribute("aria-busy");
    }
  });
  const asked = new URLSearchParams(location.search).get("number");
  if (asked) {
    number.value = asked;
    judge();
  }
  return form;
}

/** What of a verdict a person decides by. */
const digest = (route) =>
  JSON.stringify([route.target, route.policy_class, route.method, route.pbx, route.legs, route.max_cost, route.max_seconds]);

const dear = ["premium", "satellite", "shared_cost", "call_by_call"];

/** Why one press is not enough: the call is dear, has a price that nobody saw, or is not what was shown; null where it is. */
function doubtOf(route, order, seen) {
  if (dear.includes(route.policy_class)) return "dear";
  if (seen?.order !== order) return Number(route.max_cost) > 0 ? "unseen" : null;
  return seen.verdict === digest(route) ? null : "changed";
}

const wantsToTalk = () => localStorage.getItem("talk") !== "no";

/** The microphone; null where a person or the system does not give it, which is said. */
async function listen(why) {
  try {
    const stream = await microphone();
    if (why) delete why.dataset.refused;
    return stream;
  } catch {
    if (why) {
      why.dataset.refused = "yes";
      why.textContent = t("talk.refused");
    }
    return null;
  }
}

/** A random id; `crypto.randomUUID` is there on trusted connections only. */
function newID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
}

/** Why a number is refused; the box's own words are English. */
function refusal(route, kind) {
  if (route.policy_class === "emergency") return t("dial.emergency");
  if (language === "en") return route.policy_reason;
  if (route.policy_class === "unreadable") return t("refused.unreadable");
  return route.limit ? t("refused.limit", { limit: route.limit }) : t("refused.class", { kind });
}

/** The box's own words, where those of the page are in another language. */
const inOwnWords = (words) => (language === "en" || !words ? [] : [h("p", { class: "quiet", lang: "en" }, words)]);

/** Between whom a leg is. */
function legOf({ leg, payer }) {
  const [, toPBX, fromPBX, account, end] = /^(?:(this box to the PBX, )|(the PBX to (?!this box))|the PBX, over account (.+), to |this box to |the PBX to this box)(.*)$/.exec(leg) ?? [];
  const words = toPBX ? t("leg.access", { number: end }) : account ? t("leg.account", { account, number: end }) : fromPBX ? t("leg.onward", { number: end })
    : leg === "the PBX to this box" ? t("leg.back") : end !== undefined ? t("leg.direct", { number: end }) : leg;
  return `${word(`payer.${payer.toLowerCase()}`, payer)} (${words})`;
}

function judgement(route) {
  const kind = word(`class.${route.policy_class}`, route.policy_class);
  if (!route.allowed) {
    return [
      h("p", { class: "bad" }, icon("bad"), h("strong", {}, t("dial.refused")), " ", refusal(route, kind)),
      ...inOwnWords(route.policy_class === "emergency" ? null : route.policy_reason),
      h("p", { class: "quiet" }, [route.target, kind].filter(Boolean).join(" · ")),
    ];
  }
  const price = route.max_cost ? t("dial.cost", { cost: money(route.max_cost, route.currency) }) : t("dial.nocost");
  const rows = [
    [t("dial.reads"), `${nameOf(route.target) ?? ""} ${route.target}`.trim()], [t("dial.class"), kind],
    [t("dial.way"), [word(`via.${route.method}`, route.method), route.pbx].filter(Boolean).join(" · ")],
    [t("dial.pays"), route.legs.map(legOf).join(", ")],
    [t("dial.price"), [price, route.max_seconds ? t("dial.longest", { time: clock(route.max_seconds) }) : null].filter(Boolean).join(" · ")],
  ];
  return [
    h("p", { class: "good" }, icon("done"), h("strong", {}, t("dial.allowed")), " ", language === "en" ? route.policy_reason : t("dial.mayclass", { kind })),
    h("dl", {}, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    ...[route.note, route.cut, ...route.warnings].filter(Boolean).map((line) => h("p", { class: "warn" }, line)),
  ];
}

// Live calls.

function drawCalls() {
  const isHeld = parts.calls.contains(document.activeElement);
  drawCards();
  // Who was at a card that went is at the beginning again, and not nowhere.
  if (!isHeld || parts.calls.contains(document.activeElement)) return;
  (document.getElementById("dial-number") ?? document.getElementById("main")).focus({ preventScroll: true });
}

function drawCards() {
  const calls = [...box.calls.values()].filter((call) => call.state !== "ended" || call.leavesAt > Date.now())
    .sort((a, b) => (a.requested_at < b.requested_at ? 1 : -1));
  if (!calls.length) return replace(parts.calls, h("p", { class: "empty" }, t("now.quiet")));
  parts.calls.querySelector(".empty")?.remove();
  const shown = new Map([...parts.calls.querySelectorAll("[data-call]")].map((card) => [card.dataset.call, card]));
  for (const [index, call] of calls.entries()) {
    let card = shown.get(call.call);
    shown.delete(call.call);
    if (!card?.draw) {
      card?.remove();
      card = callCard(call);
    }
    card.draw(call);
    if (parts.calls.children[index] !== card) parts.calls.insertBefore(card, parts.calls.children[index] ?? null);
  }
  for (const card of shown.values()) card.remove();
}

function callCard(call) {
  const title = h("h3", { tabindex: "-1" });
  const timer = h("span", { class: "timer" });
  const steps = h("div");
  const facts = h("p", { class: "quiet" });
  const actions = h("div", { class: "row actions" });
  const trouble = h("p", { class: "bad", role: "status" });
  const card = h("article", { class: "card call", "data-call": call.call }, h("header", {}, title, timer), steps, facts, actions, trouble);
  const act = (action, body) => async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    trouble.textContent = "";
    try {
      await api("POST", `/v1/calls/${call.call}/${action}`, body?.());
    } catch (error) {
      trouble.textContent = error.message;
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  const key = (name) => `${name}-${call.call}`;
  const answer = h("button", { class: "go", "data-action": "answer", "data-key": key("answer"), onclick: take }, icon("phone"), t("call.answer"));
  const mute = h("button", { class: "plain", "data-action": "mute", "data-key": key("mute"), onclick: () => talkOf(call.call)?.mute() });
  const levels = h("p", { class: "levels" }, ["mouth", "ear"].map((side) =>
    h("label", {}, t(`talk.${side}`), h("meter", { "data-level": side, min: 0, max: 1, value: 0 }))));
  const hangUp = h("button", { class: "danger", "data-action": "hangup", "data-key": key("hangup"), onclick: act("hangup") }, icon("bad"), t("call.hangup"));
  const pad = h("details", { class: "pad" }, h("summary", {}, t("call.tones")),
    h("div", { class: "keys" }, [..."123456789*0#"].map((tone) =>
      h("button", { class: "plain", "data-tone": tone, onclick: act("dtmf", () => ({ tones: tone })) }, tone))));
  async function take(event) {
    const wants = wantsToTalk() && !obstacle(box.status?.modems);
    const ear = wants ? await listen(null) : null;
    await act("answer", ear ? () => ({ audio: "browser" }) : undefined)({ currentTarget: answer });
    if (ear && !trouble.textContent) await talk(call.call, ear, heard);
    else for (const track of ear?.getTracks() ?? []) track.stop();
  }
  const away = h("button", { class: "plain", "data-key": key("away"), onclick: () => forget(call.call) }, t("call.away"));
  card.draw = (call) => {
    const voice = talkOf(call.call);
    const isNews = card.dataset.state !== call.state;
    const isChanged = isNews || card.talks !== Boolean(voice);
    card.talks = Boolean(voice);
    mute.setAttribute("aria-pressed", String(voice?.isMuted ?? false));
    mute.textContent = voice?.isMuted ? t("talk.muted") : t("talk.mute");
    const who = call.name ?? nameOf(call.target);
    const number = call.target ?? call.number ?? t("call.withheld");
    const name = [who ?? number, who ? number : null].filter(Boolean).join(" · ");
    if (title.textContent !== name) title.textContent = name;
    card.dataset.state = call.state;
    steps.replaceChildren(chain(callSteps(call), t("call.course")));
    facts.textContent = [
      word(`via.${call.method}`, call.method), call.pbx, call.modem,
      call.taken ? t("call.taken", { who: browser(call.taken) }) : null,
      call.state === "ended" ? word(`outcome.${call.outcome}`, call.outcome ?? "") : null,
      call.state === "ended" ? call.detail : null,
    ].filter(Boolean).join(" · ");
    if (isChanged) {
      const isOver = call.state === "ended";
      const buttons = isOver ? [away]
        : call.state === "ringing" && call.direction === "incoming" ? [answer, hangUp]
        : ["connected", "in_progress"].includes(call.state) ? [hangUp, voice ? mute : null, pad, voice ? levels : null] : [hangUp];
      const isHeld = actions.contains(document.activeElement);
      replace(actions, may("call") || isOver ? buttons : []);
      // The button that was pressed is gone; no other one that does something takes its place.
      if (isHeld && !actions.contains(document.activeElement)) (isOver ? away : title).focus();
      const words = isOver ? `${name}: ${word(`outcome.${call.outcome}`, "")}` : `${name}: ${t(`state.${call.state}`)}`;
      if (isNews) say(words, call.state === "ringing");
    }
    card.tick(call);
  };
  card.levels = () => {
    const voice = talkOf(call.call);
    for (const meter of voice ? levels.querySelectorAll("meter") : []) meter.value = voice[meter.dataset.level];
  };
  card.tick = (call) => {
    const since = call.connected_at ? new Date(call.connected_at) : null;
    const until = call.ended_at ? new Date(call.ended_at) : Date.now();
    const talked = call.state === "ended" && call.seconds != null ? call.seconds : since ? (until - since) / 1000 : null;
    const limit = box.limits.get(call.call);
    const left = limit && talked !== null && call.state !== "ended" ? ` · ${t("call.left", { time: clock(limit - talked) })}` : "";
    const text = talked === null ? "" : clock(talked) + left;
    if (timer.textContent !== text) timer.textContent = text;
  };
  return card;
}

/** What somebody says or hears here has changed: how loud it is, or whether at all. */
function heard(news) {
  if (!parts) return;
  if (news !== "levels") return drawCalls();
  for (const card of parts.calls.querySelectorAll("[data-call]")) card.levels?.();
}

const order = ["queued", "dialing", "alerting", "connected", "in_progress"];

function callSteps(call) {
  const isIn = call.direction === "incoming";
  const list = isIn
    ? [["ringing", t("state.ringing"), "ringing"], ["connected", t("step.answered"), "connected"], ["in_progress", t("step.talk"), "in_progress"]]
    : [["queued", t("step.asked"), "queued"], ["dialing", t("step.dialing"), "dialing"], ["alerting", t("step.alerting"), "alerting"],
       ["connected", t("step.answered"), "connected"]];
  if (!isIn && call.method !== "direct") {
    const digits = call.total ? t("step.digitsof", { sent: call.sent, total: call.total }) : t("step.digits");
    list.push(["digits", digits, "digits"]);
  }
  if (!isIn) list.push(["in_progress", call.with ? t("step.joined", { with: call.with }) : t("step.talk"), "in_progress"]);
  const reached = furthest(call, isIn);
  const names = list.map(([key]) => key);
  const at = names.indexOf(reached);
  return list.map(([key, text], index) => {
    const isLast = index === names.length - 1;
    let state = index < at ? "done" : index === at ? (isLast || call.state === "ended" ? "done" : "wait") : "todo";
    if (call.state === "ended" && index === at + 1 && !["completed", "interrupted"].includes(call.outcome)) state = "bad";
    return { key, text, state };
  });
}

/** How far a call came; of one that ended, what is known of its way. */
function furthest(call, isIn) {
  if (call.state !== "ended") {
    if (call.state === "ending") return call.connected_at ? "in_progress" : isIn ? "ringing" : "dialing";
    if (call.state === "connected" && call.sent !== undefined) return "digits";
    return isIn && !["connected", "in_progress"].includes(call.state) ? "ringing" : call.state;
  }
  if (call.outcome === "completed" || call.talked_at) return "in_progress";
  if (call.connected_at) return call.sent !== undefined ? "digits" : "connected";
  if (isIn) return "ringing";
  return call.alerting_at ? "alerting" : call.dialing_at ? "dialing" : order[0];
}

function tick() {
  if (!parts) return;
  let isOld = false;
  for (const card of parts.calls.querySelectorAll("[data-call]")) {
    const call = box.calls.get(card.dataset.call);
    if (call) card.tick?.(call);
    if (call?.leavesAt < Date.now() && call.state === "ended" && !card.contains(document.activeElement)) isOld = true;
  }
  if (isOld) drawCalls();
}

// Sticks.

function drawSticks() {
  const modems = box.status?.modems;
  if (!modems) return;
  if (!modems.length) return replace(parts.sticks, h("p", { class: "empty" }, t("now.nosticks")));
  replace(parts.sticks, modems.map((modem) => stickCard(modem)));
}

/** The links of a stick, the first that is broken with its remedy. */
export function stickSteps(modem) {
  const has = modem.state !== "absent";
  const registered = ["home", "roaming"].includes(modem.registration);
  const links = [
    ["usb", has], ["answers", has && (modem.imei || modem.sim || modem.state === "ready") ? true : modem.state === "starting" ? null : false],
    ["sim", modem.sim === "ready" ? true : modem.sim ? false : null],
    ["network", registered ? true : modem.registration ? (modem.registration === "searching" ? null : false) : null],
    ["voice", modem.voice === "yes" ? true : modem.voice === "no" ? false : modem.state === "ready" || modem.state === "in_call" ? true : null],
    ["free", modem.state === "ready" ? true : modem.state === "in_call" ? null : false],
  ];
  let broken = null;
  const steps = links.map(([key, holds]) => {
    let state = holds === true ? "done" : holds === null ? "wait" : "bad";
    if (broken) state = "todo";
    else if (state === "bad") broken = key;
    return { key, text: t(`link.${key}`), state };
  });
  return { steps, broken };
}

export function stickCard(modem, heading = "h3") {
  const name = modem.name ?? modem.imei ?? "?";
  const { steps, broken } = stickSteps(modem);
  const signal = modem.signal_dbm === null || modem.signal_dbm === undefined ? null : `${modem.signal_dbm} dBm`;
  const facts = [modem.operator, modem.technology?.toUpperCase(), signal, modem.number].filter(Boolean).join(" · ");
  const remedy = broken ? word(`remedy.${broken}.${modem.sim}`, word(`remedy.${broken}`, "")) : null;
  return h("article", { class: "card stick", "data-modem": name, "data-state": modem.state },
    h("header", {}, h(heading, {}, name), bars(modem.signal_dbm),
      h("span", { class: "badge", "data-tone": tone(modem.state) }, icon(tone(modem.state) === "good" ? "done" : tone(modem.state) === "warn" ? "wait" : "bad"), t(`modem.${modem.state}`))),
    facts ? h("p", { class: "quiet" }, facts) : null,
    chain(steps, t("stick.chain", { name })),
    modem.reason ? h("p", {}, modem.reason) : null,
    remedy && remedy !== modem.reason ? h("p", { class: "warn" }, remedy) : null);
}

const tone = (state) => (state === "ready" || state === "in_call" ? "good" : state === "starting" || state === "recovering" ? "warn" : "bad");

function bars(dbm) {
  if (dbm === null || dbm === undefined) return null;
  const strength = dbm >= -75 ? 4 : dbm >= -85 ? 3 : dbm >= -95 ? 2 : 1;
  return h("span", { class: "bars", role: "img", "aria-label": t("stick.bars", { bars: strength }) },
    [1, 2, 3, 4].map((bar) => h("i", { class: bar <= strength ? "on" : "" })));
}
