// The calls that were: missed, out, in; each with its legs and its journal.

import { api, nameOf } from "./box.js";
import { clock, h, icon, replace, t, time, word } from "./dom.js";

const filters = {
  all: () => true,
  missed: (call) => call.direction === "incoming" && call.ended_at && !call.connected_at,
  in: (call) => call.direction === "incoming",
  out: (call) => call.direction === "outgoing",
};
const page = 50;

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
  main.replaceChildren(h("h1", {}, t("nav.calls")), h("div", { class: "row tools" }, chips, search, file), log, more);
  let timer = null;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { state.number = search.value.trim(); reload(); }, 250);
  });

  function choose(name) {
    state.filter = name;
    for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.filter === name));
    draw();
    if (!shown().length && state.next) load();
  }

  const address = (after) => {
    const query = new URLSearchParams({ limit: String(page), legs: "no" });
    if (after) query.set("after", after);
    if (/\d{3}/.test(state.number)) query.set("number", state.number);
    return `/v1/log?${query}`;
  };

  async function load() {
    if (state.isBusy) return;
    state.isBusy = true;
    try {
      const answer = await api("GET", address(state.next));
      state.calls.push(...answer.calls);
      state.next = answer.next ?? null;
      state.trouble = null;
    } catch (error) {
      state.trouble = error.message;
    }
    state.isBusy = false;
    draw();
  }

  async function reload() {
    state.calls = [];
    state.next = null;
    await load();
  }

  const shown = () => state.calls.filter(filters[state.filter]);

  function draw() {
    more.hidden = !state.next;
    if (state.trouble) return replace(log, h("p", { class: "bad" }, icon("bad"), state.trouble));
    const list = shown();
    if (!list.length) return replace(log, h("p", { class: "empty" }, t("calls.none")));
    replace(log, h("ul", { class: "log" }, list.map(row)));
  }

  function row(call) {
    const isMissed = filters.missed(call);
    const number = call.target ?? call.number;
    const who = nameOf(number) ?? number ?? t("call.withheld");
    const outcome = call.outcome ? word(`outcome.${call.outcome}`, call.outcome) : t("calls.live");
    const facts = [
      word(`via.${call.method}`, call.method), call.modem, call.seconds ? clock(call.seconds) : null, outcome,
    ].filter(Boolean).join(" · ");
    const body = h("div", { class: "more" });
    const entry = h("details", { "data-log": call.call },
      h("summary", {},
        icon(isMissed ? "missed" : call.direction === "incoming" ? "in" : "out"),
        h("span", { class: "unseen" }, isMissed ? t("calls.missed") : t(`direction.${call.direction}`)),
        h("span", { class: "who" }, who), h("span", { class: "quiet facts" }, facts), time(call.requested_at)),
      body);
    entry.addEventListener("toggle", () => { if (entry.open && !body.childElementCount) details(call, body); });
    return h("li", { class: isMissed ? "missed" : "" }, entry);
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

  /** The calls that are shown, as a file for spreadsheets. */
  function download() {
    const columns = ["requested_at", "direction", "target", "number", "method", "pbx", "modem", "seconds", "outcome", "payer"];
    // A cell that begins like a formula is text all the same.
    const cell = (value) => {
      const text = String(value ?? "");
      const plain = /^[=+\-@\t]/.test(text) && !/^\+?\d+$/.test(text) ? `'${text}` : text;
      return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
    };
    const lines = [columns.join(","), ...shown().map((call) => columns.map((column) => cell(call[column])).join(","))];
    const link = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    h("a", { href: link, download: "calls.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(link), 1000);
  }

  load();
  return { update: (event) => { if (event.name === "call.ended") reload(); if (event.name === "names") draw(); }, tick() {}, leave() {} };
}
