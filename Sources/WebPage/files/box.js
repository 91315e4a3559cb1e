// The box as the page knows it: its state, kept up to date by the event stream, and what can be asked of it.

import { language, t, word } from "./dom.js";
import { isLeading, listen, share } from "./stream.js";

export const box = { status: null, calls: new Map(), names: new Map(), people: new Map(), limits: new Map(), link: "connecting", seenAt: 0 };

const listeners = new Set();

/** Has a function called whenever something changed. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(event) {
  for (const listener of listeners) listener(event);
}

/** What went wrong with a request, in the service's words. */
export class Refusal extends Error {}

const place = "gsmbridge-key";

/** What shows that a request comes from this page: kept here, where no other port of this host can read it. */
export const key = () => localStorage.getItem(place) ?? "";

/** Forgets it: the session is over. */
export const forgetKey = () => localStorage.removeItem(place);

/** What went wrong, in the page's language; the service's own words, which are English, stand behind it. */
function told({ type, title, detail }, status) {
  const words = detail ?? title ?? `${status}`;
  const own = language === "en" ? null : word(`problem.${type?.split(":").pop()}`, null);
  return own ? `${own} (${words})` : words;
}

/** Asks the service. */
export async function api(method, path, body, signal) {
  const headers = method === "GET" ? {} : { "X-Gsmbridge": key() };
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(t("page.unreachable"));
  }
  if (answer.status === 401) {
    forgetKey();
    location.replace("/login");
    throw new Refusal(t("page.loggedout"));
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refusal(told(problem, answer.status));
  }
  const type = answer.headers.get("Content-Type") ?? "";
  return type.includes("json") ? answer.json() : null;
}

// What a call looks like while it lives, and for as long as it is shown afterwards.
const shownFor = 120_000;

function merge(id, news) {
  const known = box.calls.get(id) ?? { call: id, state: "queued", requested_at: new Date().toISOString() };
  for (const [key, value] of Object.entries(news)) if (value !== undefined && value !== null) known[key] = value;
  box.calls.set(id, known);
  return known;
}

const steps = {
  "call.requested": (e) => ({
    method: e.method, direction: e.direction, target: e.target || undefined, pbx: e.pbx, modem: e.modem, origin: e.origin,
    requested_at: e.at, state: e.direction === "incoming" ? "ringing" : "queued",
  }),
  "call.dialing": (e) => ({ state: "dialing", number: e.number, modem: e.modem, dialing_at: e.at }),
  "call.alerting": (e) => ({ state: "alerting", alerting_at: e.at }),
  "call.ringing": (e) => ({ state: "ringing", target: e.number, name: e.name, modem: e.modem, direction: "incoming" }),
  "call.connected": (e) => ({ state: "connected", connected_at: e.at }),
  "call.handover": (e) => ({ digits: e.digits, sent: e.sent, total: e.total }),
  "call.in_progress": (e) => ({ state: "in_progress", talked_at: e.at }),
  "call.taken": (e) => ({ taken: e.by }),
  "call.joined": (e) => ({ with: e.with }),
  "call.audio": (e) => ({ sound: e }),
  "call.dtmf": () => ({}),
  "call.quality": () => ({}),
  "call.ended": (e) => ({
    state: "ended", ended_at: e.at, outcome: e.outcome, cause: e.cause, by: e.by, seconds: e.seconds, detail: e.detail,
  }),
};

// What tells that something else is no longer as the page knows it.
const others = [
  "modem.found", "modem.ready", "modem.degraded", "modem.lost", "modem.signal", "account.registered", "account.refused",
  "account.trying", "account.off", "phone.registered", "phone.gone", "pbx.reachable", "pbx.unreachable", "message.received",
  "message.sent", "message.delivered", "message.failed",
];

let refreshing = null;
let wanted = false;
/** What was known, and what was told since, for each answer that is under way: that is newer than the answer. */
const marks = new Set();
let sharedMark = null;

function mark() {
  const made = { known: new Set(box.calls.keys()), told: new Set() };
  marks.add(made);
  return made;
}

function apply(name, event) {
  const known = box.calls.get(event.call);
  // What is over stays over: events that come again after a gap change nothing.
  if (known?.state === "ended" && name !== "call.ended") return;
  const call = merge(event.call, steps[name](event));
  for (const one of marks) one.told.add(event.call);
  if (name === "call.ended") call.leavesAt = Date.now() + shownFor;
  for (const [id, old] of box.calls) if (old.state === "ended" && old.leavesAt < Date.now()) box.calls.delete(id);
  tell({ name, ...event });
}

/** A stick is free again, or in a call, and nothing else of it has changed; false where it is not known. */
function move(event) {
  const modem = box.status?.modems.find((one) => one.name === event.modem);
  if (!modem) return false;
  Object.assign(modem, { state: event.state, reason: event.reason ?? null });
  // The answer that is under way may be older.
  if (refreshing) wanted = true;
  return true;
}

/** Takes the whole state, as it was when a mark was made. */
function takeState(status, { known, told }) {
  box.status = status;
  box.seenAt = Date.now();
  const live = new Set(status.calls.map((call) => call.call));
  for (const { state, ...call } of status.calls) {
    if (box.calls.get(call.call)?.state === "ended") continue;
    const talked = state === "in_progress" ? { talked_at: call.connected_at } : {};
    merge(call.call, told.has(call.call) ? call : { ...call, ...talked, state });
  }
  for (const call of box.calls.values()) {
    if (known.has(call.call) && call.state !== "ended" && !live.has(call.call)) settle(call);
  }
  tell({ name: "refreshed" });
}

/** Asks for the whole state; several wishes at once are one request, and the tab that leads asks for all. */
export function refresh() {
  if (refreshing) wanted = true;
  refreshing ??= (async () => {
    const mine = mark();
    if (isLeading()) share({ begins: true });
    try {
      const status = await api("GET", "/v1/status");
      if (isLeading()) share({ status });
      takeState(status, mine);
    } finally {
      marks.delete(mine);
      refreshing = null;
    }
    if (!wanted) return;
    wanted = false;
    refresh().catch(() => {});
  })();
  return refreshing;
}

/** Takes what the tab that leads was told. */
function takeShared({ begins, status }) {
  if (begins) {
    marks.delete(sharedMark);
    sharedMark = mark();
  } else if (status && sharedMark) {
    marks.delete(sharedMark);
    takeState(status, sharedMark);
    sharedMark = null;
  }
}

/** A call that ended unseen: the log knows how. */
async function settle(call) {
  call.state = "ended";
  call.leavesAt = Date.now() + shownFor;
  try {
    const record = (await api("GET", `/v1/log/${call.call}`)).call;
    Object.assign(call, { outcome: record.outcome, detail: record.detail, seconds: record.seconds, ended_at: record.ended_at });
  } catch {
    call.detail ??= t("call.unseen");
  }
  tell({ name: "call.ended", call: call.call });
}

function take(name, data) {
  box.seenAt = Date.now();
  const event = JSON.parse(data);
  const isWhole = name === "modem.state" ? move(event) : Boolean(steps[name]) && name !== "call.requested" && name !== "call.ended";
  if (!isWhole && isLeading()) refresh().catch(() => {});
  if (steps[name]) apply(name, event);
  else tell({ name, ...event });
}

/** Listens from here on. */
export async function start() {
  listen([...Object.keys(steps), ...others, "modem.state"], {
    event: take,
    link(link) {
      // It was so until now.
      if (box.link === "live") box.seenAt = Date.now();
      box.link = link;
      tell({ name: "link" });
    },
    state: takeShared,
    opened: () => refresh().catch(() => {}),
    refused: refresh,
  });
  loadNames().catch(() => {});
  await refresh();
}

/** Who the numbers belong to. */
async function loadNames() {
  const { contacts } = await api("GET", "/v1/contacts");
  for (const contact of contacts) {
    for (const { number, label } of contact.numbers) {
      box.names.set(number, contact.name);
      box.people.set(contact.numbers.length > 1 ? `${contact.name} (${label ?? number})` : contact.name, number);
    }
  }
  tell({ name: "names" });
}

export const nameOf = (number) => (number ? box.names.get(number) : undefined);

/** Lets go of calls that ended a while ago. */
export function forget(id) {
  if (box.calls.get(id)?.state === "ended") box.calls.delete(id);
  tell({ name: "forgotten" });
}
