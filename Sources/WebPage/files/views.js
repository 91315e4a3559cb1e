// The other views: messages, the stick, the PBX, money, health, settings.

import { api, box, Refusal } from "./box.js";
import { ask, count, h, icon, language, minutes, replace, t, time, word } from "./dom.js";
import { stickCard } from "./now.js";

const isAdmin = () => document.body.dataset.role === "admin";
const mayCall = () => document.body.dataset.role !== "see";

const table = (heads, rows) => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads[0] }, h("table", {},
  h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
  h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, index) =>
    index ? h("td", {}, cell ?? "–") : h("th", { scope: "row" }, cell ?? "–")))))));

const empty = (words) => h("p", { class: "empty" }, words);
const trouble = (error) => h("p", { class: "bad", role: "status" }, icon("bad"), error.message);
const section = (title, ...body) => h("section", {}, h("h2", {}, title), ...body.filter(Boolean));

/** A view that is drawn anew from what a function fetches. */
function view(main, title, body, isConcerned) {
  const place = h("div", {}, h("p", { class: "loading" }, t("page.loading")));
  main.replaceChildren(h("h1", {}, title), place);
  let turn = 0;
  const draw = async () => {
    const mine = ++turn;
    let parts;
    try {
      parts = await body(draw);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      parts = [trouble(error)];
    }
    if (mine === turn) replace(place, parts);
  };
  draw();
  return { update: (event) => { if (isConcerned(event)) draw(); }, tick() {}, leave: () => { turn += 1; } };
}

export const messages = (main) => view(main, t("nav.messages"), async (again) => {
  const { messages } = await api("GET", "/v1/messages?limit=100");
  const threads = new Map();
  for (const message of messages) {
    const who = message.name ?? message.number ?? t("call.withheld");
    threads.set(who, [...(threads.get(who) ?? []), message]);
  }
  const form = mayCall() ? messageForm(again) : null;
  if (!threads.size) return [form, empty(t("messages.none"))];
  return [form, ...[...threads].map(([who, list]) => section(who, h("ul", { class: "thread" }, list.reverse().map((message) =>
    h("li", { class: message.direction, "data-message": message.message, "data-state": message.state },
      h("p", {}, message.text ?? ""), h("p", { class: "quiet" }, time(message.at), ` · ${word(`message.${message.state}`, message.state)}`))))))];
}, (event) => event.name.startsWith("message."));

function messageForm(again) {
  const number = h("input", { id: "message-number", type: "tel", required: true, maxlength: 64 });
  const text = h("textarea", { id: "message-text", required: true, rows: 3, maxlength: 1000 });
  const state = h("p", { role: "status" });
  const form = h("form", { class: "card" },
    h("label", { for: "message-number" }, t("messages.to")), number, h("label", { for: "message-text" }, t("messages.text")), text,
    h("div", { class: "row" }, h("button", { class: "go" }, t("messages.send"))), state);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await api("POST", "/v1/messages", { number: number.value.trim(), text: text.value });
      text.value = "";
      state.textContent = t("messages.taken");
      again();
    } catch (error) {
      state.textContent = error.message;
    }
    button.disabled = false;
  });
  return form;
}

export const stick = (main) => view(main, t("nav.stick"), async (again) => {
  const modems = await api("GET", "/v1/modems");
  if (!modems.length) return [empty(t("now.nosticks"))];
  return modems.map((modem) => {
    const card = stickCard(modem, "h2");
    const facts = [
      ["IMEI", modem.imei], ["ICCID", modem.iccid], ["IMSI", modem.imsi], [t("stick.number"), modem.number],
      [t("stick.model"), [modem.manufacturer, modem.model].filter(Boolean).join(" ")], [t("stick.firmware"), modem.revision],
      [t("stick.registration"), modem.registration ? word(`registration.${modem.registration}`, modem.registration) : null],
      ["TTY", modem.tty], ["USB", [modem.usb_path, modem.usb_id].filter(Boolean).join(" · ")], [t("stick.audio"), modem.audio],
    ].filter(([, value]) => value);
    card.append(h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
    if (isAdmin() && modem.name) {
      const state = h("p", { role: "status" });
      const order = (word, question) => async () => {
        if (!(await ask(question, t(`stick.${word}`)))) return;
        try {
          await api("POST", `/v1/modems/${encodeURIComponent(modem.name)}/order`, { order: word });
          again();
        } catch (error) {
          state.textContent = error.message;
        }
      };
      card.append(h("div", { class: "row actions" },
        h("button", { class: "plain", onclick: order("restart", t("stick.askrestart", { name: modem.name })) }, t("stick.restart")),
        h("button", { class: "plain", onclick: order("off", t("stick.askoff", { name: modem.name })) }, t("stick.off")),
        h("button", { class: "plain", onclick: order("on", t("stick.askon", { name: modem.name })) }, t("stick.on"))), state);
    }
    return card;
  });
}, (event) => event.name.startsWith("modem."));

export const pbx = (main) => view(main, t("nav.pbx"), async () => {
  const [status, accounts, phones] = await Promise.all([api("GET", "/v1/status"), api("GET", "/v1/accounts"), api("GET", "/v1/phones")]);
  const tone = (good, bad) => (good ? "good" : bad ? "bad" : "warn");
  const badge = (words, kind) => h("span", { class: "badge", "data-tone": kind }, icon(kind === "good" ? "done" : kind === "bad" ? "bad" : "wait"), words);
  return [
    section(t("pbx.pbxs"), status.pbx.length ? table([t("pbx.name"), t("pbx.profile"), t("pbx.reachable"), t("pbx.reason")],
      status.pbx.map((one) => [one.name, one.profile, badge(t(`reachable.${one.reachable}`), tone(one.reachable === "yes", one.reachable === "no")), one.reason ?? one.events_reason])) : empty(t("pbx.none"))),
    section(t("pbx.accounts"), accounts.length ? table([t("pbx.name"), t("pbx.state"), t("pbx.reason")],
      accounts.map((one) => [one.name, badge(t(`account.${one.state}`), tone(one.state === "registered", one.state === "refused")), one.reason])) : empty(t("pbx.noaccounts"))),
    section(t("pbx.phones"), phones.length ? table([t("pbx.name"), t("pbx.state"), t("pbx.contact")],
      phones.map((one) => [one.title ?? one.name, badge(one.registered ? t("account.registered") : t("account.off"), tone(one.registered, false)), one.contact])) : empty(t("pbx.nophones"))),
  ];
}, (event) => /^(pbx|account|phone)\./.test(event.name));

export const money = (main) => view(main, t("nav.money"), async () => {
  const first = new Date();
  first.setDate(1);
  first.setHours(0, 0, 0, 0);
  const query = new URLSearchParams({ since: first.toISOString() });
  const [totals, refused] = await Promise.all([
    api("GET", `/v1/log/totals?${query}`), api("GET", `/v1/log?${new URLSearchParams({ outcome: "policy", limit: "20" })}`),
  ]);
  const rows = (sums, name) => Object.entries(sums).map(([key, sum]) => [name(key), count(sum.calls), count(sum.answered), minutes(sum.seconds)]);
  const heads = (first) => [first, t("money.calls"), t("money.answered"), t("money.talked")];
  const month = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }).format(first);
  return [
    h("p", { class: "big" }, t("money.sentence", { month, calls: count(totals.all.calls), time: minutes(totals.all.seconds) })),
    section(t("money.bymodem"), totals.all.calls ? table(heads(t("nav.stick")), rows(totals.by_modem, (key) => key || t("money.none"))) : empty(t("calls.none"))),
    totals.all.calls ? section(t("money.bypayer"), table(heads(t("money.payer")), rows(totals.by_payer, (key) => word(`payer.${key}`, key || t("money.unknown"))))) : null,
    section(t("money.refused"), refused.calls.length
      ? table([t("money.when"), t("money.number"), t("money.why")], refused.calls.map((call) => [time(call.requested_at), call.target ?? call.number, call.detail]))
      : empty(t("money.norefused"))),
  ];
}, (event) => event.name === "call.ended");

export const health = (main) => view(main, t("nav.health"), async () => {
  const status = await api("GET", "/v1/status");
  return [
    section(t("health.warnings"), status.warnings.length
      ? h("ul", { class: "plainlist" }, status.warnings.map((line) => h("li", { class: "warn" }, icon("bad"), line)))
      : h("p", { class: "good" }, icon("done"), t("health.fine"))),
    section(t("health.service"), h("dl", {}, [
      [t("health.version"), status.version], [t("health.since"), time(status.started_at)], [t("health.ready"), status.ready ? t("health.yes") : t("health.no")],
      [t("health.queued"), count(status.queued)],
    ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))),
    section(t("health.more"), h("p", {}, t("health.doctor")), h("pre", { class: "command" }, "gsmbridge doctor")),
  ];
}, (event) => event.name === "refreshed");

export const settings = (main) => view(main, t("nav.settings"), async (again) => {
  const languages = h("div", { class: "row" }, ["en", "de"].map((code) =>
    h("button", { class: "chip", lang: code, "aria-pressed": String(code === language), onclick: () => {
      document.cookie = `gsmbridge_language=${code}; Path=/; Max-Age=31536000; SameSite=Strict`;
      location.reload();
    } }, { en: "English", de: "Deutsch" }[code])));
  const out = h("button", { class: "plain", onclick: async () => { await api("POST", "/logout"); location.replace("/login"); } }, t("settings.logout"));
  const own = [
    section(t("settings.language"), languages), section(t("settings.session"), h("p", {}, t(`role.${document.body.dataset.role}`)), out),
    "Notification" in window && window.isSecureContext && Notification.permission === "default"
      ? section(t("settings.notify"), h("button", { class: "plain", onclick: async () => { await Notification.requestPermission(); again(); } }, t("settings.allow"))) : null,
  ];
  if (!isAdmin()) return own;
  const [sessions, values] = await Promise.all([api("GET", "/v1/web/sessions"), api("GET", "/v1/settings")]);
  const end = (session) => async () => { await api("POST", `/v1/web/sessions/${encodeURIComponent(session)}/end`); again(); };
  return [
    ...own,
    section(t("settings.sessions"), table([t("settings.browser"), t("settings.role"), t("settings.seen"), t("settings.end")], sessions.map((one) => [
      browser(one.browser), t(`role.${one.role}`), time(one.seen_at),
      one.own ? t("settings.this") : h("button", { class: "plain", "data-key": one.session, onclick: end(one.session) }, t("settings.end")),
    ]))),
    section(t("settings.values"), h("p", { class: "quiet" }, t("settings.readonly")),
      table([t("settings.key"), t("settings.value"), t("settings.origin")], values.map((one) => [one.key, one.value, one.origin === "default" ? t("settings.default") : one.origin]))),
  ];
}, () => false);

/** The name of a browser, of what it calls itself. */
function browser(agent) {
  const name = /Firefox|Edg|Chrome|Safari|curl/.exec(agent)?.[0];
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(agent)?.[0];
  return [name === "Edg" ? "Edge" : name, system].filter(Boolean).join(", ") || agent.slice(0, 40) || "?";
}
