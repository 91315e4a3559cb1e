// One event stream for all tabs of a browser, which opens six connections to a host and not one more: the tab that leads holds it
// and passes on what it says. A tab that nobody looks at gives the lead to one that is looked at, and lets go of it after a minute.

/** What the tabs tell each other; null in a browser without it, where each tab has a stream of its own. */
const channel = "BroadcastChannel" in window ? new BroadcastChannel("gsmbridge") : null;
const hands = {};

let leads = false;
let source = null;
let link = "connecting";
let last = null;
let names = [];
let wait = 1000;

/**
 * Listens from here on.
 *
 * @param eventNames the events that are wanted.
 * @param takers `event(name, data)`; `link(state)`: `live`, `stale`, `connecting`; `state(message)`: what another tab shares; of the
 *   tab that leads also `opened()`, and `refused()`, which returns when there is a reason to try again.
 */
export function listen(eventNames, takers) {
  names = eventNames;
  Object.assign(hands, takers);
  if (channel) channel.onmessage = ({ data }) => hear(data);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", resign);
  addEventListener("pageshow", (event) => event.persisted && look());
  look();
}

/** Whether this tab asks for all of them. */
export const isLeading = () => leads;

/** Tells the other tabs something. */
export const share = (message) => channel?.postMessage({ kind: "state", message });

function hear({ kind, ...news }) {
  if (!leads && (kind === "event" || kind === "link")) answered();
  if (kind === "event") {
    last = news.name === "stream.gap" ? null : news.id || last;
    hands.event(news.name, news.data);
  } else if (kind === "link" && !leads) setLink(news.link);
  else if (kind === "state") hands.state(news.message);
  else if (leads && kind === "renew") reopen();
  else if (leads && kind === "wish") {
    if (document.hidden) resign();
    else channel.postMessage({ kind: "link", link });
  }
}

function setLink(now) {
  if (leads) channel?.postMessage({ kind: "link", link: now });
  if (link === now) return;
  link = now;
  hands.link(now);
}

// Who leads.

let timer = null;
let queue = null;
let patience = null;
/** How long the tab that leads may leave the others without an answer, as one does whose scripts stand still. */
const silence = 10_000;
/** How often one that is looked at asks whether it still does. */
const round = 30_000;

/** A tab that is looked at wants the lead; one that is not gives it away, at once where another wants it. */
function look() {
  clearTimeout(timer);
  if (!document.hidden) return candidate();
  queue?.abort();
  queue = null;
  if (!leads) return;
  // Where it may announce calls it goes on in the background, as nothing else tells of them there.
  if (globalThis.Notification?.permission !== "granted") timer = setTimeout(resign, 60_000);
  if (locks) locks.query().then(({ pending }) => { if (document.hidden && pending.some((one) => one.name === place)) resign(); });
}

const place = "gsmbridge-stream";
// Browsers have them on trusted connections only.
const locks = channel ? navigator.locks : null;

function candidate() {
  if (leads || queue) return;
  if (!channel) return lead();
  queue = new AbortController();
  const { signal } = queue;
  if (locks) hold({ signal });
  else lease(signal);
  ask();
}

/** Asks who leads to say so; a lock has no end of its own, so that who holds it and says nothing loses it. */
function ask() {
  clearTimeout(patience);
  if (leads || !queue) return;
  channel.postMessage({ kind: "wish" });
  if (!locks) return;
  patience = setTimeout(() => {
    if (leads || !queue) return;
    queue.abort();
    hold({ steal: true });
  }, silence);
}

function answered() {
  clearTimeout(patience);
  patience = setTimeout(ask, round);
}

function hold(how) {
  locks.request(place, how, () => new Promise((release) => lead(release))).catch(() => {
    // Given up here, or taken away, so that another leads.
    if (how.signal?.aborted || !leads) return;
    resign();
    look();
  });
}

let release = null;

function lead(free = null) {
  leads = true;
  release = free;
  queue = null;
  open();
  // It was hidden while it waited.
  if (document.hidden) look();
}

/** Gives the lead away; who is looked at takes it. */
function resign() {
  clearTimeout(timer);
  queue?.abort();
  queue = null;
  if (!leads) return;
  close();
  setLink("connecting");
  leads = false;
  release?.();
  release = null;
}

// Without locks: a lease in the page's storage, renewed while it is wanted. Two that take it at once see so at the next turn.

const me = String(Math.random());
const turn = 2000;

function lease(signal) {
  const holder = () => JSON.parse(localStorage.getItem(place) ?? "null");
  let beat = null;
  const step = () => {
    const held = holder();
    if (!held || held.tab === me || Date.now() - held.at > 3 * turn) {
      localStorage.setItem(place, JSON.stringify({ tab: me, at: Date.now() }));
      if (!leads) lead(end);
    } else if (leads) {
      resign();
      look();
    }
  };
  const end = () => {
    clearInterval(beat);
    removeEventListener("storage", freed);
    if (holder()?.tab === me) localStorage.removeItem(place);
  };
  const freed = (event) => { if (event.key === place && !event.newValue) step(); };
  signal.addEventListener("abort", end);
  addEventListener("storage", freed);
  beat = setInterval(step, turn);
  step();
}

// The stream of the tab that leads.

function open() {
  if (source || !leads) return;
  source = new EventSource(last ? `/v1/events?after=${encodeURIComponent(last)}` : "/v1/events");
  source.onopen = () => {
    wait = 1000;
    setLink("live");
    hands.opened();
  };
  source.onerror = () => {
    setLink("stale");
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    // Refused: perhaps the session is over, which the next request tells.
    setTimeout(() => hands.refused().then(open, open), wait);
    wait = Math.min(wait * 2, 15_000);
  };
  for (const name of [...names, "stream.gap"]) {
    source.addEventListener(name, ({ lastEventId, data }) => {
      last = name === "stream.gap" ? null : lastEventId || last;
      channel?.postMessage({ kind: "event", name, id: last, data });
      hands.event(name, data);
    });
  }
}

function close() {
  source?.close();
  source = null;
}

function reopen() {
  close();
  open();
}
