// Begins the page: texts, the event stream, the view of the address, and what is the same in all of them.

import { box, nameOf, onChange, start } from "./box.js";
import { loadTexts, t } from "./dom.js";
import * as now from "./now.js";

const main = document.getElementById("main");
const link = document.getElementById("link");
let current = null;

const makers = {
  "/": async () => now.show,
  "/calls": async () => (await import("./calls.js")).show,
};
for (const name of ["messages", "stick", "pbx", "money", "health", "settings"]) {
  makers[`/${name}`] = async () => (await import("./views.js"))[name];
}

async function go(address, isNew) {
  const url = new URL(address, location.href);
  const maker = makers[url.pathname];
  if (!maker) return location.assign(address);
  if (isNew) history.pushState(null, "", url);
  const show = await maker();
  current?.leave();
  const name = url.pathname === "/" ? "now" : url.pathname.slice(1);
  main.dataset.view = name;
  for (const entry of document.querySelectorAll("nav a")) {
    if (entry.getAttribute("href") === url.pathname) {
      entry.setAttribute("aria-current", "page");
      entry.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else entry.removeAttribute("aria-current");
  }
  current = show(main);
  title();
  if (isNew) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (anchor.origin !== location.origin || anchor.target || anchor.hasAttribute("download") || anchor.hash) return;
  if (!makers[anchor.pathname]) return;
  event.preventDefault();
  go(anchor.href, true);
});
addEventListener("popstate", () => go(location.href, false));

function title() {
  const view = t(`nav.${main.dataset.view}`);
  const ringing = [...box.calls.values()].find((call) => call.state === "ringing");
  const who = ringing ? ringing.name ?? nameOf(ringing.target) ?? ringing.target ?? t("call.withheld") : null;
  document.title = who ? `☎ ${t("call.rings", { who })}` : `${view} · ${box.status?.name ?? "gsmbridge"}`;
  return who;
}

function connection() {
  const isLive = box.link === "live";
  const age = Math.round((Date.now() - box.seenAt) / 1000);
  const words = isLive ? t("link.live") : box.link === "connecting" ? t("link.connecting") : t("link.stale", { seconds: age });
  if (link.textContent !== words) link.textContent = words;
  link.dataset.tone = isLive ? "good" : box.link === "connecting" ? "warn" : "bad";
}

// A call that rings is heard, shown in the title, and told by the system where that was allowed.
const ringer = { call: null, timer: null, sound: null };

function ring() {
  const who = title();
  const call = [...box.calls.values()].find((one) => one.state === "ringing" && one.direction === "incoming");
  if (call?.call === ringer.call) return;
  clearInterval(ringer.timer);
  ringer.call = call?.call ?? null;
  if (!call) return;
  ringer.timer = setInterval(beep, 2000);
  beep();
  if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
    new Notification(t("call.rings", { who }), { tag: call.call });
  }
}

function beep() {
  // Browsers let a page make a sound only once a person has touched it.
  if (!navigator.userActivation?.hasBeenActive) return;
  ringer.sound ??= new AudioContext();
  for (const [start, pitch] of [[0, 440], [0.25, 554]]) {
    const tone = ringer.sound.createOscillator();
    const gain = ringer.sound.createGain();
    tone.frequency.value = pitch;
    gain.gain.value = 0.08;
    tone.connect(gain).connect(ringer.sound.destination);
    tone.start(ringer.sound.currentTime + start);
    tone.stop(ringer.sound.currentTime + start + 0.2);
  }
}

await loadTexts();
onChange((event) => {
  connection();
  current?.update(event);
  ring();
});
setInterval(() => {
  if (document.hidden) return;
  current?.tick();
  connection();
}, 1000);
connection();
const begun = start().catch(() => {});
await go(location.href, false);
await begun;
