// The calls that were: missed, out, in; each with its legs and its journal.

import { api, nameOf } from "./box.js";
import { clock, h, icon, replace, t, time, word } from "./dom.js";
import { isName, peopleOf } from "./now.js";

// What the service is asked for: it knows all calls, and the page only those that it shows.
const filters = { all: {}, missed: { missed: "yes" }, in: { direction: "incoming" }, out: { direction: "outgoing" } };
const isMissed = (call) => call.direction === "incoming" && call.ended_at && !call.connected_at;
const page = 50;

/** Builds the view. */
export function show(main) {
  const state = { calls: [], next: null, filter: "all", number: "", isBusy: false, isOld: false, trouble: null };
  const log = h("div", { id: "log" });
  const chips = h("div", { class: "row chips", role: "group", "aria-label": t("calls.filter") },
    Object.keys(filters).map((name) =>
      h("button", { class: "chip", "aria-pressed": String(name === state.filter), "data-filter": name, onclick: () => choose(name) }, t(`calls.${name}`))));
  const search = h("input", { type: "search", id: "calls-number", placeholder: t("calls.search"), "aria-label": t("calls.search") });
  const more = h("button", { class: "plain", onclick: () => load("more") }, t("calls.more"));
  // All calls that the filters let through, which the service writes while it reads them: none of it is kept here.
  const file = h("a", { class: "button plain", id: "calls-file", download: "calls.csv" }, t("calls.csv"));
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

  const address = (place, more) => {
    const query = new URLSearchParams({ ...filters[state.filter], ...more });
    if (/\d{3}/.test(state.number)) query.set("number", state.number);
    return `/v1/log${place}?${query}`;
  };

  // Another list is wanted: what was asked for before is not shown any more.
  let turn = 0;

  /** Fetches a list: a `new` one, `more` of it, or its `news`, behind which what was fetched before stays. */
  async function load(what) {
    if (state.isBusy && what !== "new") {
      state.isOld ||= what === "news";
      return;
    }
    state.isBusy = true;
    const mine = ++turn;
    try {
      const after = what === "more" ? { after: state.next } : {};
      const answer = await api("GET", address("", { limit: String(page), legs: "no", ...after }));
      if (mine !== turn) return;
      const told = new Set(answer.calls.map((call) => call.call));
      const others = state.calls.filter((call) => !told.has(call.call));
      // News that nothing joins to what was there are a new list.
      const isJoined = what === "news" && others.length < state.calls.length;
      state.calls = what === "more" ? [...state.calls, ...answer.calls] : isJoined ? [...answer.calls, ...others] : answer.calls;
      if (!isJoined) state.next = answer.next ?? null;
      state.trouble = null;
    } catch (error) {
      if (mine !== turn) return;
      state.trouble = error.message;
    }
    state.isBusy = false;
    draw();
    if (!state.isOld) return;
    state.isOld = false;
    load("news");
  }

  const reload = () => {
    file.href = address("/export");
    return load("new");
  };

  function draw() {
    more.hidden = !state.next;
    if (state.trouble) return replace(log, h("p", { class: "bad" }, icon("bad"), state.trouble));
    const list = state.calls;
    if (!list.length) return replace(log, h("p", { class: "empty" }, t("calls.none")));
    const wanted = new Set(list.map((call) => call.call));
    for (const id of rows.keys()) if (!wanted.has(id)) rows.delete(id);
    if (!entries.parentElement) replace(log, entries);
    for (const [index, call] of list.entries()) {
      const entry = entryOf(call);
      if (entries.children[index] !== entry) entries.insertBefore(entry, entries.children[index] ?? null);
    }
    while (entries.children.length > list.length) entries.lastElementChild.remove();
  }

  // What is shown stays where it is, opened or not, when more comes or something is new.
  const entries = h("ul", { class: "log" });
  const rows = new Map();

  function entryOf(call) {
    const known = rows.get(call.call);
    const text = JSON.stringify([call, nameOf(call.target ?? call.number)]);
    if (known?.text === text) return known.entry;
    const entry = row(call);
    rows.set(call.call, { text, entry });
    return entry;
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

  reload();
  return { update: (event) => { if (event.name === "call.ended") load("news"); if (event.name === "names") draw(); }, tick() {}, leave() {} };
}
