// The signal and the registration of a stick over time, drawn.

import { count, h, t, when } from "./dom.js";

const space = "http://www.w3.org/2000/svg";
const [width, height, strip] = [720, 150, 12];
const [weakest, strongest] = [-113, -51];

function shape(tag, attributes, ...children) {
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A picture of spans of equal length, and what it says in words. */
export function plot(spans, hours, name) {
  if (!spans.length) return [h("p", { class: "empty" }, t("stick.nosignal"))];
  const end = Date.now();
  const start = end - hours * 3_600_000;
  const length = Math.max(1, Math.floor((hours * 60) / 288)) * 60_000;
  const x = (stamp) => Math.max(0, Math.min(width, ((new Date(stamp) - start) / (end - start)) * width));
  const y = (dBm) => ((strongest - Math.max(weakest, Math.min(strongest, dBm))) / (strongest - weakest)) * height;
  const known = spans.filter((span) => span.signal_dbm !== null);
  const minutes = spans.reduce((sum, span) => sum + span.minutes, 0);
  const share = Math.round((100 * spans.reduce((sum, span) => sum + span.registered_minutes, 0)) / minutes);
  const words = [
    known.length ? t("stick.between", { low: Math.min(...known.map((span) => span.lowest_dbm)), high: Math.max(...known.map((span) => span.highest_dbm)) }) : null,
    t("stick.registered", { share: count(share) }),
  ].filter(Boolean).join(" · ");
  const picture = shape("svg", { viewBox: `0 0 ${width} ${height + strip + 6}`, role: "img", "aria-label": `${name}: ${words}`, class: "chart" });
  for (const dBm of [-110, -90, -70]) {
    picture.append(shape("line", { x1: 0, x2: width, y1: y(dBm), y2: y(dBm), class: "grid" }), shape("text", { x: 4, y: y(dBm) - 3, class: "scale" }, `${dBm} dBm`));
  }
  // What lies between is not known where a span is missing: the line stops there.
  let line = [];
  const finish = () => {
    if (line.length) picture.append(shape("polyline", { points: line.join(" "), class: "curve" }));
    line = [];
  };
  let before = null;
  for (const span of known) {
    const at = new Date(span.at).getTime();
    if (before !== null && at - before > 2 * length) finish();
    picture.append(shape("line", { x1: x(at), x2: x(at), y1: y(span.highest_dbm), y2: y(span.lowest_dbm) + 1, class: "spread" }));
    line.push(`${x(at).toFixed(1)},${y(span.signal_dbm).toFixed(1)}`, `${x(at + length).toFixed(1)},${y(span.signal_dbm).toFixed(1)}`);
    before = at;
  }
  finish();
  for (const span of spans) {
    const at = new Date(span.at).getTime();
    const kind = span.registered_minutes === span.minutes ? "in" : span.registered_minutes ? "partly" : "out";
    picture.append(shape("rect", { x: x(at), y: height + 4, width: Math.max(1, x(at + length) - x(at)), height: kind === "in" ? strip : strip / 2, class: `net ${kind}` }));
  }
  return [picture, h("p", { class: "ends quiet" }, h("span", {}, when(start)), h("span", {}, when(end))), h("p", { class: "quiet" }, words)];
}
