// The box as the page knows it: its state, kept up to date by the event stream, and what can be asked of it.

import { t } from "./dom.js";

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
    throw new Refusal(problem.detail ?? problem.title ?? `${answer.status}`);
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
  "call.joined": (e) => ({ with: e.with }),
  "call.audio": (e) => ({ sound: e }),
  "call.dtmf": () => ({}),
  "call.quality": () => ({}),
  "call.ended": (e) => ({
    state: "ended", ended_at: e.at, outcome: e.outcome, cause: e.cause, by: e.by, seconds: e.seconds, detail: e.detail,
  }),
};

const others = [
  "modem.found", "modem.ready", "modem.degraded", "modem.lost", "modem.signal", "account.registered", "account.refused",
  "account.trying", "account.off", "phone.registered", "phone.gone", "pbx.reachable", "pbx.unreachable", "message.received",
  "message.sent", "message.delivered", "message.failed",
];

let stream = null;
let last = null;
let wait = 1000;
let refreshing = null;
let wanted = false;

function apply(name, event) {
  const known = box.calls.get(event.call);
  // What is over stays over: events that come again after a gap change nothing.
  if (known?.state === "ended" && name !== "call.ended") return;
  const call = merge(event.call, steps[name](event));
  if (name === "call.ended") call.leavesAt = Date.now() + shownFor;
  for (const [id, old] of box.calls) if (old.state === "ended" && old.leavesAt < Date.now()) box.calls.delete(id);
  tell({ name, ...event });
}

/** Asks for the whole state; several wishes at once are one request. */
export function refresh() {
  if (refreshing) wanted = true;
  refreshing ??= (async () => {
    // What is told while this is under way is newer than it.
    const known = new Set(box.calls.keys());
    try {
      const status = await api("GET", "/v1/status");
      box.status = status;
      box.seenAt = Date.now();
      const live = new Set(status.calls.map((call) => call.call));
      for (const call of status.calls) {
        const talked = call.state === "in_progress" ? { talked_at: call.connected_at } : {};
        if (box.calls.get(call.call)?.state !== "ended") merge(call.call, { ...call, ...talked });
      }
      for (const call of box.calls.values()) {
        if (known.has(call.call) && call.state !== "ended" && !live.has(call.call)) settle(call);
      }
    } finally {
      refreshing = null;
    }
    tell({ name: "refreshed" });
    if (wanted) {
      wanted = false;
      refresh().catch(() => {});
    }
  })();
  return refreshing;
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

function setLink(link) {
  if (box.link === link) return;
  box.link = link;
  tell({ name: "link" });
}

function open() {
  if (stream || isAway()) return;
  stream = new EventSource(last ? `/v1/events?after=${encodeURIComponent(last)}` : "/v1/events");
  stream.onopen = () => {
    wait = 1000;
    setLink("live");
    refresh().catch(() => {});
  };
  stream.onerror = () => {
    setLink("stale");
    if (stream?.readyState !== EventSource.CLOSED) return;
    close();
    // Refused: perhaps the session is over, which the next request tells.
    setTimeout(() => refresh().then(open, open), wait);
    wait = Math.min(wait * 2, 15_000);
  };
  const take = (name) => (message) => {
    last = message.lastEventId || last;
    box.seenAt = Date.now();
    const event = JSON.parse(message.data);
    if (steps[name]) apply(name, event);
    else refresh().catch(() => {});
    if (name === "call.requested" || name === "call.ended") refresh().catch(() => {});
    if (!steps[name]) tell({ name, ...event });
  };
  for (const name of [...Object.keys(steps), ...others]) stream.addEventListener(name, take(name));
  stream.addEventListener("stream.gap", () => {
    last = null;
    refresh().catch(() => {});
    tell({ name: "stream.gap" });
  });
}

function close() {
  stream?.close();
  stream = null;
}

let hiddenAt = null;
/** Whether nobody has looked at this page for a minute. */
const isAway = () => hiddenAt !== null && Date.now() - hiddenAt >= 60_000;

/** Listens from here on; a page that nobody looks at lets go of its connection after a minute. */
export async function start() {
  let hidden = null;
  const look = () => {
    clearTimeout(hidden);
    hiddenAt = document.hidden ? hiddenAt ?? Date.now() : null;
    if (document.hidden) hidden = setTimeout(() => { close(); setLink("stale"); }, 60_000);
    else open();
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
  look();
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
