// The calls that were: missed, out, in; each with its legs and its journal.

import { api, nameOf } from "./box.js";
import { clock, h, icon, replace, t, time, word } from "./dom.js";
import { isName, peopleOf } from "./now.js";

// What the service is asked for: it knows all calls, and the page only those that it shows.
const filters = { all: {}, missed: { missed: "yes" }, in: { direction: "incoming" }, out: { direction: "outgoing" } };
const isMissed = (call) => call.direction === "incoming" && call.ended_at && !call.connected_at;
const page = 50;
/** The most that the service gives at once. */
const longestPage = 500;
// Those of `gsmbridge calls export --csv`.
const columns = [
  "call", "method", "direction", "target", "number", "pbx", "modem", "imsi", "requested_at", "dialing_at", "alerting_at", "connected_at",
  "handed_over_at", "ended_at", "seconds", "outcome", "cause", "by", "payer",
];

/** Builds the view. */
export function show(main) {
  const state = { calls: [], next: null, filter: "all", number: "", isBusy: false, trouble: null };
  const log = h("div", { id: "log" });
  const chips = h("div", { class: "row chips", role: "group", "aria-label": t("calls.filter") },
    Object.keys(filters).map((name) =>
      h("button", { class: "chip", "aria-pressed": String(name === state.filter), "data-filter": name, onclick: () => choose(name) }, t(`calls.${name}`))));
  const search = h("input", { type: "search", id: "calls-number", placeholder: t("calls.search"), "aria-label": t("calls.search") });
  const more = h("button", { class: "plain", onclick: () => load() }, t("calls.more"));
  const file = h("button", { class: "plain", onclick: download }, t("calls.csv"));
  const people = h("div", { class: "row people-choice", role: "status" });
  main.replaceChildren(h("h1", {}, t("nav.calls")), h("div", { class: "row tools" }, chips, search, file), people, log, more);
  let timer = null;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 250);
  });

  /** Shows the calls with a number, or with the person that a name means; of several numbers one is chosen. */
  function find() {
    const text = search.value.trim();
    const found = isName(text) ? peopleOf(text) : null;
    people.replaceChildren();
    if (found && found.length !== 1) {
      return people.replaceChildren(...(found.length ? found.slice(0, 8).map(([name, number]) =>
        h("button", { class: "chip", "data-person": name, onclick: () => { search.value = name; search.focus(); find(); } },
          name, " ", h("span", { class: "quiet" }, number)))
        : [h("p", { class: "warn" }, icon("wait"), t("dial.nobody", { name: text }))]));
    }
    state.number = found ? found[0][1] : text;
    reload();
  }

  function choose(name) {
    state.filter = name;
    for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.filter === name));
    reload();
  }

  const address = (after, limit = page) => {
    const query = new URLSearchParams({ limit: String(limit), legs: "no", ...filters[state.filter] });
    if (after) query.set("after", after);
    if (/\d{3}/.test(state.number)) query.set("number", state.number);
    return `/v1/log?${query}`;
  };

  // Another list is wanted: what was asked for before is not shown any more.
  let turn = 0;

  async function load(isNew = false) {
    if (state.isBusy && !isNew) return;
    state.isBusy = true;
    const mine = ++turn;
    try {
      const answer = await api("GET", address(isNew ? null : state.next));
      if (mine !== turn) return;
      state.calls = isNew ? answer.calls : [...state.calls, ...answer.calls];
      state.next = answer.next ?? null;
      state.trouble = null;
    } catch (error) {
      if (mine !== turn) return;
      state.trouble = error.message;
    }
    state.isBusy = false;
    draw();
  }

  const reload = () => load(true);

  function draw() {
    more.hidden = !state.next;
    if (state.trouble) return replace(log, h("p", { class: "bad" }, icon("bad"), state.trouble));
    const list = state.calls;
    if (!list.length) return replace(log, h("p", { class: "empty" }, t("calls.none")));
    replace(log, h("ul", { class: "log" }, list.map(row)));
  }

  function row(call) {
    const wasMissed = isMissed(call);
    const number = call.target ?? call.number;
    const who = nameOf(number) ?? number ?? t("call.withheld");
    const outcome = call.outcome ? word(`outcome.${call.outcome}`, call.outcome) : t("calls.live");
    const facts = [
      word(`via.${call.method}`, call.method), call.modem, call.seconds ? clock(call.seconds) : null, outcome,
    ].filter(Boolean).join(" · ");
    const body = h("div", { class: "more" });
    const entry = h("details", { "data-log": call.call },
      h("summary", {},
        icon(wasMissed ? "missed" : call.direction === "incoming" ? "in" : "out"),
        h("span", { class: "unseen" }, wasMissed ? t("calls.missed") : t(`direction.${call.direction}`)),
        h("span", { class: "who" }, who), h("span", { class: "quiet facts" }, facts), time(call.requested_at)),
      body);
    entry.addEventListener("toggle", () => { if (entry.open && !body.childElementCount) details(call, body); });
    return h("li", { class: wasMissed ? "missed" : "" }, entry);
  }

  async function details(call, body) {
    replace(body, h("p", { class: "loading" }, t("page.loading")));
    try {
      const { call: record, journal } = await api("GET", `/v1/log/${call.call}`);
      const number = record.target ?? record.number;
      replace(body,
        record.detail ? h("p", {}, record.detail) : null,
        record.legs.length ? h("h2", {}, t("calls.legs")) : null,
        h("ol", { class: "legs" }, record.legs.map((leg) => h("li", {},
          [leg.number ?? t("call.withheld"), leg.modem ?? leg.account, leg.payer ? t("calls.pays", { payer: word(`payer.${leg.payer}`, leg.payer) }) : null]
            .filter(Boolean).join(" · ")))),
        journal.length ? h("h2", {}, t("calls.journal")) : null,
        h("ol", { class: "legs" }, journal.map((step) => h("li", {}, time(step.at), ` ${word(`journal.${step.step}`, step.step)} `,
          h("span", { class: "quiet" }, step.result ?? "")))),
        number ? h("p", {}, h("a", { class: "button plain", href: `/?number=${encodeURIComponent(number)}` }, icon("phone"), t("calls.redial"))) : null);
    } catch (error) {
      replace(body, h("p", { class: "bad" }, error.message));
    }
  }

  /** All calls that the filters let through, as a file for spreadsheets. */
  async function download() {
    file.disabled = true;
    try {
      const lines = [columns.join(",")];
      for (let after = null, isFirst = true; isFirst || after; isFirst = false) {
        const answer = await api("GET", address(after, longestPage));
        lines.push(...answer.calls.map((call) => columns.map((column) => cell(call[column], column)).join(",")));
        after = answer.next ?? null;
      }
      const link = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
      h("a", { href: link, download: "calls.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(link), 1000);
    } catch (error) {
      state.trouble = error.message;
      draw();
    }
    file.disabled = false;
  }

  // A cell that a spreadsheet would compute is text all the same, as in the command's file.
  function cell(value, column) {
    const text = column === "seconds" && Number.isInteger(value) ? value.toFixed(1) : String(value ?? "");
    const plain = /^[=\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]|^\+(?![\d•]*$)/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  }

  reload();
  return { update: (event) => { if (event.name === "call.ended") reload(); if (event.name === "names") draw(); }, tick() {}, leave() {} };
}
