// The other views: messages, the stick, the PBX, money, health, settings.

import { api, box, forgetKey, Refusal } from "./box.js";
import { ask, browser, count, h, icon, language, minutes, money as price, replace, t, time, word } from "./dom.js";
import { plot } from "./plot.js";
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

// Messages: the people, one thread, and what the network says to codes.

let chosen = null;

export const messages = (main) => view(main, t("nav.messages"), async (again) => {
  if (!mayCall()) return [empty(t("messages.notyours"))];
  const [threads, balances] = await Promise.all([api("GET", "/v1/messages/threads?limit=200"), balancesNow()]);
  if (!threads.some((thread) => thread.number === chosen)) chosen = threads.length ? threads[0].number : null;
  const open = threads.find((thread) => thread.number === chosen);
  const { messages } = open ? await api("GET", `/v1/messages?limit=200&number=${encodeURIComponent(open.number)}`) : { messages: [] };
  const who = (thread) => thread.name ?? thread.number;
  const people = h("ul", { class: "people", "aria-label": t("messages.people") }, threads.map((thread) => h("li", {},
    h("button", { class: "plain", "data-key": `thread-${thread.number}`, "aria-pressed": String(thread === open), onclick: () => { chosen = thread.number; again(); } },
      h("span", { class: "who" }, who(thread)), h("span", { class: "quiet clip" }, thread.last.text ?? "")))));
  const thread = !open ? empty(t("messages.none")) : h("section", { class: "open" },
    h("h2", {}, who(open)),
    h("ul", { class: "thread" }, [...messages].reverse().map((message) =>
      h("li", { class: message.direction, "data-message": message.message, "data-state": message.state },
        h("p", {}, message.text ?? ""),
        h("p", { class: "quiet" }, time(message.at), ` · ${word(`message.${message.state}`, message.state)}`,
          message.reason && message.state !== "delivered" ? ` · ${message.reason}` : null)))));
  return [
    h("div", { class: "threads" }, threads.length ? people : null, thread),
    mayCall() ? messageForm(again, chosen ?? "") : null,
    mayCall() ? section(t("ussd.title"), ussdForm(), balances) : null,
  ];
}, (event) => /^(message|sim)\./.test(event.name));

/** What the SIMs had when they were asked last. */
async function balancesNow() {
  const modems = box.status?.modems ?? (await api("GET", "/v1/modems"));
  const known = modems.filter((modem) => modem.balance);
  if (!known.length) return null;
  return table([t("nav.stick"), t("ussd.balance"), t("ussd.asked"), ...(isAdmin() ? [t("ussd.askagain")] : [])], known.map((modem) => [
    modem.name, modem.balance.amount === null ? null : price(modem.balance.amount, modem.balance.currency), time(modem.balance.at),
    ...(isAdmin() ? [askButton(modem.name)] : []),
  ]));
}

function askButton(name) {
  const state = h("span", { role: "status", class: "quiet" });
  return h("span", { class: "row" }, h("button", { class: "plain", "data-key": `balance-${name}`, onclick: async () => {
    try {
      await api("POST", `/v1/modems/${encodeURIComponent(name)}/balance`);
      state.textContent = t("messages.taken");
    } catch (error) {
      state.textContent = error.message;
    }
  } }, t("ussd.ask")), state);
}

/** A dialogue with the network: a code, its answer, and what it asks. */
function ussdForm() {
  const sticks = (box.status?.modems ?? []).filter((modem) => modem.name && modem.state === "ready");
  const modem = h("select", { id: "ussd-modem" }, sticks.map((one) => h("option", { value: one.name }, one.name)));
  const code = h("input", { id: "ussd-code", required: true, maxlength: 160, autocomplete: "off", placeholder: "*100#" });
  const said = h("div", { role: "status", id: "ussd-said" });
  const label = h("label", { for: "ussd-code" }, t("ussd.code"));
  const end = h("button", { type: "button", class: "plain", hidden: true }, t("ussd.end"));
  const send = h("button", { class: "go" }, t("messages.send"));
  let session = null;
  const settle = (open) => {
    session = open;
    modem.disabled = Boolean(open);
    end.hidden = !open;
    label.textContent = open ? t("ussd.reply") : t("ussd.code");
  };
  end.addEventListener("click", async () => {
    await api("POST", `/v1/ussd/${session}/end`).catch(() => {});
    settle(null);
  });
  const form = h("form", { class: "card" },
    h("p", { class: "quiet" }, t("ussd.rule")),
    h("label", { for: "ussd-modem" }, t("nav.stick")), modem, label,
    h("div", { class: "row" }, code, send, end), said);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    said.replaceChildren(h("p", { class: "quiet" }, t("page.loading")));
    try {
      const answer = session
        ? await api("POST", `/v1/ussd/${session}/reply`, { text: code.value })
        : await api("POST", `/v1/modems/${encodeURIComponent(modem.value)}/ussd`, { code: code.value });
      settle(answer.done ? null : answer.session);
      said.replaceChildren(h("p", { class: "said" }, answer.text || t("ussd.silent")));
      code.value = "";
    } catch (error) {
      settle(null);
      said.replaceChildren(h("p", { class: "bad" }, icon("bad"), error.message));
    }
    send.disabled = false;
  });
  return sticks.length ? form : empty(t("now.nosticks"));
}

function messageForm(again, to) {
  const number = h("input", { id: "message-number", type: "tel", required: true, maxlength: 64, value: to });
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
  const [modems, limits] = await Promise.all([api("GET", "/v1/modems"), api("GET", "/v1/limits")]);
  if (!modems.length) return [empty(t("now.nosticks"))];
  return modems.map((modem) => {
    const card = stickCard(modem, "h2");
    const facts = [
      ["IMEI", modem.imei], ["ICCID", modem.iccid], ["IMSI", modem.imsi], [t("stick.pintries"), modem.pin_tries], [t("stick.number"), modem.number],
      [t("stick.model"), [modem.manufacturer, modem.model].filter(Boolean).join(" ")], [t("stick.firmware"), modem.revision],
      [t("stick.registration"), modem.registration ? word(`registration.${modem.registration}`, modem.registration) : null],
      ["TTY", modem.tty], ["USB", [modem.usb_path, modem.usb_id].filter(Boolean).join(" · ")], [t("stick.audio"), modem.audio],
    ].filter(([, value]) => value || value === 0);
    if (modem.name) card.append(signalOf(modem.name));
    card.append(h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
    const own = limits.filter((one) => modem.name && one.modem === modem.name);
    if (own.length) card.append(h("h3", {}, t("money.limits")), h("ul", { class: "limits" }, own.map(limit)));
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

let hours = 24;

/** Signal and registration of a stick, of a day or a week. */
function signalOf(name) {
  const place = h("div", { class: "plot" }, h("p", { class: "loading" }, t("page.loading")));
  const draw = async () => {
    try {
      const known = await api("GET", `/v1/modems/${encodeURIComponent(name)}/signal?hours=${hours}`);
      replace(place, plot(known, hours, name));
    } catch (error) {
      replace(place, trouble(error));
    }
  };
  const chips = h("div", { class: "row chips", role: "group", "aria-label": t("stick.span") }, [[24, t("stick.day")], [168, t("stick.week")]].map(([span, words]) =>
    h("button", { class: "chip", "data-hours": span, "aria-pressed": String(span === hours), onclick: (event) => {
      hours = span;
      for (const chip of event.target.parentElement.children) chip.setAttribute("aria-pressed", String(chip === event.target));
      draw();
    } }, words)));
  draw();
  return h("div", { class: "signal" }, chips, place);
}

export const pbx = (main) => view(main, t("nav.pbx"), async () => {
  const [status, accounts, phones] = await Promise.all([api("GET", "/v1/status"), api("GET", "/v1/accounts"), api("GET", "/v1/phones")]);
  const tone = (good, bad) => (good ? "good" : bad ? "bad" : "warn");
  const badge = (words, kind) => h("span", { class: "badge", "data-tone": kind }, icon(kind === "good" ? "done" : kind === "bad" ? "bad" : "wait"), words);
  return [
    section(t("pbx.pbxs"), status.pbx.length ? table([t("pbx.name"), t("pbx.profile"), t("pbx.reachable"), t("pbx.reason"), t("pbx.webhook"), ...(isAdmin() ? [t("pbx.test")] : [])],
      status.pbx.map((one) => [one.name, one.profile, badge(t(`reachable.${one.reachable}`), tone(one.reachable === "yes", one.reachable === "no")),
        one.reason ?? one.events_reason, lastWebhook(one.last_webhook), ...(isAdmin() ? [testButton(one.name)] : [])])) : empty(t("pbx.none"))),
    section(t("pbx.accounts"), accounts.length ? table([t("pbx.name"), t("pbx.state"), t("pbx.reason")],
      accounts.map((one) => [one.name, badge(t(`account.${one.state}`), tone(one.state === "registered", one.state === "refused")), one.reason])) : empty(t("pbx.noaccounts"))),
    section(t("pbx.phones"), phones.length ? table([t("pbx.name"), t("pbx.state"), t("pbx.contact")],
      phones.map((one) => [one.title ?? one.name, badge(one.registered ? t("account.registered") : t("account.off"), tone(one.registered, false)), one.contact])) : empty(t("pbx.nophones"))),
  ];
}, (event) => /^(pbx|account|phone)\./.test(event.name));

/** When the last webhook came, and what became of it. */
function lastWebhook(last) {
  if (!last) return null;
  const words = last.result === "taken" ? t("webhook.taken") : last.result === "repetition" ? t("webhook.repetition") : t("webhook.refused", { reason: last.result });
  return h("span", {}, time(last.at), " ", words);
}

/** Asks a PBX now, as `gsmbridge doctor --pbx` does. */
function testButton(name) {
  const said = h("div", { role: "status" });
  const button = h("button", { class: "plain", "data-key": `test-${name}`, "data-test": name, onclick: async () => {
    button.disabled = true;
    said.replaceChildren(h("p", { class: "quiet" }, t("health.looking")));
    try {
      const found = await api("POST", "/v1/doctor", { pbx: name });
      said.replaceChildren(...found.filter((one) => one.check === "pbx").map(finding));
    } catch (error) {
      said.replaceChildren(trouble(error));
    }
    button.disabled = false;
  } }, t("pbx.test"));
  return h("div", {}, button, said);
}

const severity = { ok: ["good", "done"], warning: ["warn", "wait"], error: ["bad", "bad"] };

/** One finding of the doctor, with its remedy. */
const finding = (one) => h("div", { class: "finding", "data-severity": one.severity },
  h("p", { class: severity[one.severity][0] }, icon(severity[one.severity][1]), h("strong", {}, t(`severity.${one.severity}`)), ` ${one.subject}: ${one.message}`),
  one.remedy ? h("pre", { class: "command" }, one.remedy) : null);

export const money = (main) => view(main, t("nav.money"), async () => {
  const first = new Date();
  first.setDate(1);
  first.setHours(0, 0, 0, 0);
  const query = new URLSearchParams({ since: first.toISOString() });
  const [totals, limits, refused] = await Promise.all([
    api("GET", `/v1/log/totals?${query}`), api("GET", "/v1/limits"), api("GET", `/v1/log?${new URLSearchParams({ outcome: "policy", limit: "20" })}`),
  ]);
  const rows = (sums, name) => Object.entries(sums).map(([key, sum]) => [name(key), count(sum.calls), count(sum.answered), minutes(sum.seconds)]);
  const heads = (first) => [first, t("money.calls"), t("money.answered"), t("money.talked")];
  const month = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }).format(first);
  return [
    h("p", { class: "big" }, t("money.sentence", { month, calls: count(totals.all.calls), time: minutes(totals.all.seconds) })),
    section(t("money.limits"), limits.length ? h("ul", { class: "limits" }, limits.map(limit)) : empty(t("money.nolimits"))),
    section(t("money.bymodem"), totals.all.calls ? table(heads(t("nav.stick")), rows(totals.by_modem, (key) => key || t("money.none"))) : empty(t("calls.none"))),
    totals.all.calls ? section(t("money.bypayer"), table(heads(t("money.payer")), rows(totals.by_payer, (key) => word(`payer.${key}`, key || t("money.unknown"))))) : null,
    section(t("money.refused"), refused.calls.length
      ? table([t("money.when"), t("money.number"), t("money.why")], refused.calls.map((call) => [time(call.requested_at), call.target ?? call.number, call.detail]))
      : empty(t("money.norefused"))),
  ];
}, (event) => event.name === "call.ended");

/** A limit as a bar and in words. */
function limit(one) {
  const left = Math.max(0, one.allowed - one.used);
  const shown = (value) => one.unit === "calls" ? count(value) : one.unit === "seconds" ? minutes(value) : price(value, one.unit);
  const span = word(`span.${one.key.split("_").pop()}`, "");
  // Minutes that are paid for are no limit: behind them calls cost what the tariff says.
  const isFree = /^tariffs\..*\.free_minutes\./.test(one.key);
  const tone = left === 0 && !isFree ? "bad" : one.used >= one.allowed * 0.8 ? "warn" : "good";
  return h("li", { "data-limit": one.key },
    h("p", {}, [one.modem, isFree ? t("unit.free") : word(`unit.${one.unit}`, t("unit.cost")), span].filter(Boolean).join(" · ")),
    h("meter", { min: 0, max: one.allowed, value: Math.min(one.used, one.allowed), high: one.allowed * 0.8, "aria-label": one.key }),
    h("p", { class: tone }, icon(tone === "good" ? "done" : tone === "warn" ? "wait" : "bad"), t("money.left", { left: shown(left), all: shown(one.allowed) })),
    h("p", { class: "quiet" }, one.key));
}

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
    isAdmin() ? section(t("health.findings"), examination()) : section(t("health.more"), h("p", {}, t("health.doctor")), h("pre", { class: "command" }, "gsmbridge doctor")),
    isAdmin() ? section(t("health.log"), h("pre", { class: "log-tail", tabindex: "0", role: "region", "aria-label": t("health.log") }, (await api("GET", "/v1/service/log")).join("\n") || "–")) : null,
    isAdmin() ? section(t("health.bundle"), h("p", {}, t("health.bundlerule")),
      h("p", {}, h("a", { class: "button plain", id: "support", href: "/v1/support", download: "gsmbridge-support.json" }, t("health.save")))) : null,
  ];
}, () => false);

/** The doctor, when a person asks for it: it asks every stick and every PBX. */
const examination = () => look("examine", t("health.examine"), () => api("POST", "/v1/doctor", {}));

/** A button that has something looked at, and what is found. */
function look(id, words, fetch) {
  const said = h("div", { role: "status" });
  const button = h("button", { class: "plain", id, onclick: async () => {
    button.disabled = true;
    said.replaceChildren(h("p", { class: "loading" }, t("health.looking")));
    try {
      const found = await fetch();
      const order = ["error", "warning", "ok"];
      found.sort((first, second) => order.indexOf(first.severity) - order.indexOf(second.severity));
      said.replaceChildren(...found.map(finding));
    } catch (error) {
      said.replaceChildren(trouble(error));
    }
    button.disabled = false;
  } }, words);
  return h("div", { class: "examination" }, button, said);
}

export const settings = (main) => view(main, t("nav.settings"), async (again) => {
  const languages = h("div", { class: "row" }, ["en", "de"].map((code) =>
    h("button", { class: "chip", lang: code, "aria-pressed": String(code === language), onclick: () => {
      document.cookie = `gsmbridge_language=${code}; Path=/; Max-Age=31536000; SameSite=Strict`;
      location.reload();
    } }, { en: "English", de: "Deutsch" }[code])));
  const out = h("button", { class: "plain", onclick: async () => { await api("POST", "/logout"); forgetKey(); location.replace("/login"); } }, t("settings.logout"));
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
    section(t("settings.sessions"), table([t("settings.browser"), t("login.user"), t("settings.role"), t("settings.seen"), t("settings.end")], sessions.map((one) => [
      browser(one.browser), one.user ?? "–", t(`role.${one.role}`), time(one.seen_at),
      one.own ? t("settings.this") : h("button", { class: "plain", "data-key": one.session, onclick: end(one.session) }, t("settings.end")),
    ]))),
    section(t("settings.values"), h("p", { class: "quiet" }, t("settings.readonly")),
      look("settings-check", t("settings.check"), () => api("POST", "/v1/settings/check")),
      table([t("settings.key"), t("settings.value"), t("settings.origin")], values.map((one) => [one.key, one.value, one.origin === "default" ? t("settings.default") : one.origin]))),
  ];
}, () => false);
