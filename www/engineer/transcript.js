// What is said on the link, in words, while it is said: filtered, searched, kept. Understands none of it.

import { element, onClick, setText } from "../dom.js";
import { saveTranscript } from "../save.js";
import { later } from "../words.js";

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Part} Part */

/** Entries that are kept: some ten megabytes of text. Older ones are dropped, and that is said. */
const KEPT_MAX = 50_000;
/** Entries that are shown: more than anybody scrolls through, and no more than a browser lays out at once. */
const SHOWN_MAX = 400;
/** Of the last ones so many go into a report. */
const TAIL = 200;

/** An entry begins at the line's start with its time; what belongs to it is indented deeper. */
const BEGIN = /^(?= {0,3}\d|\()/m;

/** What may be looked for by a choice. @type {Record<string, (entry: string) => boolean>} */
const KINDS = {
  all: () => true,
  messages: (entry) => !/^\s*[\d.]+ (?:->|<-) State /.test(entry),
  trouble: (entry) => /damaged|Halted|dropped|Errors|Failed|BadData|Refused/.test(entry),
};

/** @param {Bench} bench @returns {Part} */
export function transcriptPart(bench) {
  const w = () => later.engineer;
  /** @type {string[]} */
  let entries = [];
  let dropped = 0;
  let paused = false;
  let [kind, wanted] = ["messages", ""];

  const output = element("pre", "said-on-link");
  output.tabIndex = 0;
  output.role = "log";
  output.ariaLive = "off";
  const found = element("span", "found");
  const search = /** @type {HTMLInputElement} */ (element("input", "button small"));
  search.type = "search";
  const choice = /** @type {HTMLSelectElement} */ (element("select", "button small", ...Object.keys(KINDS).map((name) => Object.assign(bench.label(element("option"), () => w().kinds[name]), { value: name }))));
  choice.value = kind;
  const pause = bench.label(element("button", "button small"), () => (paused ? w().goOn : w().pause));
  const keep = bench.label(element("button", "button small"), () => w().save);

  const matches = (/** @type {string} */ entry) => KINDS[kind](entry) && entry.toLowerCase().includes(wanted);
  function draw() {
    const matching = entries.filter(matches);
    const shown = matching.slice(-SHOWN_MAX);
    const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
    output.replaceChildren(...shown.flatMap(marked));
    setText(found, w().found(matching.length, entries.length + dropped));
    if (atEnd && !paused) output.scrollTop = output.scrollHeight;
  }
  /** With what is searched for marked. @param {string} entry @returns {(Node | string)[]} */
  function marked(entry) {
    if (!wanted) return [entry];
    const parts = [];
    const lower = entry.toLowerCase();
    let from = 0;
    for (let at; (at = lower.indexOf(wanted, from)) >= 0; from = at + wanted.length)
      parts.push(entry.slice(from, at), element("mark", "", entry.slice(at, at + wanted.length)));
    return [...parts, entry.slice(from)];
  }

  search.addEventListener("input", () => {
    wanted = search.value.toLowerCase();
    draw();
  });
  choice.addEventListener("change", () => {
    kind = choice.value;
    draw();
  });
  onClick(pause, () => {
    paused = !paused;
    setText(pause, paused ? w().goOn : w().pause);
    if (!paused) draw();
  });
  onClick(keep, () => saveTranscript(entries.join("")));

  return {
    node: element("div", "", element("div", "actions", choice, search, pause, keep, found), output),
    look(heard) {
      if (!heard?.said) return;
      entries.push(...heard.said.split(BEGIN));
      const over = Math.max(0, entries.length - KEPT_MAX);
      entries.splice(0, over);
      dropped += over;
      if (!paused && output.isConnected) draw();
    },
    retell() {
      output.ariaLabel = w().tabs.transcript;
      search.ariaLabel = search.placeholder = w().search;
      choice.ariaLabel = w().filter;
      draw();
    },
    report: () => entries.slice(-TAIL).join(""),
  };
}
