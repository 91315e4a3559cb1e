// Elements, texts, times: what every view is made of.

let texts = {};
export let language = "en";
/** How times and numbers are written: as the browser wants it, within the page's language. */
let locale = "en";

/** Loads the texts of the page's language. */
export async function loadTexts() {
  language = document.documentElement.lang || "en";
  locale = navigator.languages.find((one) => one.startsWith(language)) ?? language;
  texts = await (await fetch(`/${language}.json`)).json();
}

/** A text with its values; the key itself where there is none. */
export function t(key, values = {}) {
  let text = texts[key] ?? key;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, () => value);
  return text;
}

/** A text that need not be there, or else the plain word. */
export const word = (key, plain) => texts[key] ?? plain;

/** Makes an element: attributes, `on…` for listeners, children as nodes or text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const shapes = {
  done: "M4 12l5 5L20 6", wait: "M12 5v7l4 3", todo: "M12 12h.01", bad: "M6 6l12 12M18 6L6 18",
  in: "M18 6L7 17M7 9v8h8", out: "M6 18L17 7M9 7h8v8", missed: "M4 8l8 8 8-8M14 8h6v6",
  phone: "M5 4h4l2 5-3 2a12 12 0 0 0 5 5l2-3 5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z",
};

/** A drawn sign; what it says stands in words beside it. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", `icon icon-${name}`);
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", shapes[name] ?? shapes.todo);
  picture.append(path);
  return picture;
}

/** A time of day, with the date where that is not today. */
export function when(stamp) {
  if (!stamp) return "";
  const date = new Date(stamp);
  const isToday = date.toDateString() === new Date().toDateString();
  const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale, style).format(date);
}

export const time = (stamp) => h("time", { datetime: stamp, title: new Date(stamp).toLocaleString(locale) }, when(stamp));

/** Seconds as m:ss or h:mm:ss. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

export const minutes = (seconds) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: "minute", unitDisplay: "short", maximumFractionDigits: 1 })
    .format(seconds / 60);

export const count = (number) => new Intl.NumberFormat(locale).format(number);

export function money(amount, currency) {
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(Number(amount));
  } catch {
    return `${amount} ${currency}`;
  }
}

/** Replaces what an element holds, and keeps the focus where it was. */
export function replace(element, ...children) {
  const held = document.activeElement;
  const key = element.contains(held) ? held.dataset.key : null;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Says something to those who can't see it change. */
export function say(words, isUrgent = false) {
  document.getElementById(isUrgent ? "assertive" : "polite").textContent = words;
}

/** A chain of steps: done, now, to do, or broken; each in words and with a sign. */
export function chain(steps, label) {
  return h("ol", { class: "chain", "aria-label": label },
    steps.map(({ key, text, state }) =>
      h("li", { "data-step": key, "data-progress": state, "aria-current": state === "wait" ? "step" : null },
        icon(state), h("span", {}, text), h("span", { class: "unseen" }, ` (${t(`step.${state}`)})`))));
}

/** Asks before something is done. */
export function ask(question, yes) {
  return new Promise((resolve) => {
    const box = h("dialog", { "aria-label": question },
      h("p", {}, question),
      h("form", { method: "dialog", class: "row" },
        h("button", { value: "no", class: "plain" }, t("page.cancel")),
        h("button", { value: "yes", class: "danger" }, yes)));
    box.addEventListener("close", () => {
      resolve(box.returnValue === "yes");
      box.remove();
    });
    document.body.append(box);
    box.showModal();
  });
}

/** The name of a browser, of what it calls itself. */
export function browser(agent) {
  const name = /Firefox|Edg|Chrome|Safari|curl/.exec(agent)?.[0];
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(agent)?.[0];
  return [name === "Edg" ? "Edge" : name, system].filter(Boolean).join(", ") || agent.slice(0, 40) || "?";
}
