// A module's data EEPROM: read, edited by hand, written where it was changed. Nothing is written that was not read before.

import { element, setText } from "../dom.js";
import { later } from "../words.js";
import { chooseFile, saveBytes } from "./parts.js";

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Part} Part */

/** Bytes in a line, and on a narrow screen. */
const [LINE, SHORT_LINE] = [16, 8];
const narrow = matchMedia("(max-width: 44rem)");
/** Bytes that are written together. */
const WORD = 4;

/** Of each module what it holds and what it is to hold: who looks at another one, or closes the drawer, loses nothing. @type {Map<string, [Uint8Array, Uint8Array]>} */
const all = new Map();

/** @param {Bench} bench @returns {Part} */
export function eepromPart(bench) {
  const w = () => later.engineer;
  /** @type {Uint8Array | null} */
  let held = null;
  /** @type {Uint8Array} */
  let wanted = new Uint8Array();
  /** Whether it was said that reading drops changes. */
  let warned = false;
  const isUnsaved = () => [...all.values()].some(([held, wanted]) => changes(held, wanted).length > 0);
  const lines = element("div", "eeprom");

  const write = bench.button(() => w().write, async () => {
    if (!held) return w().readFirst;
    if (lines.querySelector(":invalid")) return w().notHex;
    let written = 0;
    for (const [start, end] of changes(held, wanted)) {
      await bench.run({ wish: "eepromWrite", start, bytes: wanted.slice(start, end) });
      held.set(wanted.slice(start, end), start);
      written += end - start;
    }
    draw();
    return w().written(written);
  });

  const node = element("div", "",
    element("div", "actions",
      bench.button(() => w().read, async () => {
        if (held && changes(held, wanted).length > 0 && !warned) return (warned = true), w().unsaved;
        warned = false;
        held = await bench.run({ wish: "eepromRead" });
        wanted = held.slice();
        draw();
        return held.length ? w().done : w().noEeprom;
      }),
      write,
      bench.button(() => w().save, async () => {
        if (!held) return w().readFirst;
        saveBytes("eeprom", bench.module()?.serial ?? "", wanted);
      }),
      bench.button(() => w().load, async () => {
        if (!held) return w().readFirst;
        const file = await chooseFile(".bin");
        if (!file) return w().nothingChosen;
        if (file.length !== held.length) return w().otherLength(file.length, held.length);
        wanted = file;
        draw();
        return w().loaded;
      })),
    bench.label(element("p", "hint"), () => w().eepromHint), lines);

  function draw() {
    if (held) all.set(bench.module()?.uid ?? "", [held, wanted]);
    lines.replaceChildren();
    const length = narrow.matches ? SHORT_LINE : LINE;
    for (let at = 0; held && at < held.length; at += length) lines.append(line(at, length));
  }

  narrow.onchange = draw;

  /** @param {number} at @param {number} length */
  function line(at, length) {
    const bytes = () => wanted.subarray(at, at + length);
    const input = /** @type {HTMLInputElement} */ (element("input"));
    input.value = [...bytes()].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    input.pattern = `(\\s*[0-9a-fA-F]{2}){${bytes().length}}\\s*`;
    input.required = true;
    input.spellcheck = false;
    input.ariaLabel = w().bytesAt(at.toString(16).padStart(4, "0"));
    const letters = element("span", "letters");
    letters.ariaHidden = "true";
    const show = () => {
      setText(letters, [...bytes()].map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join(""));
      row.classList.toggle("changed", bytes().some((byte, i) => byte !== held?.[at + i]));
    };
    input.addEventListener("input", () => {
      if (!input.validity.valid) return;
      bytes().set(input.value.replaceAll(/\s/g, "").match(/../g)?.map((digits) => parseInt(digits, 16)) ?? []);
      show();
    });
    const row = element("label", "line", element("span", "at", at.toString(16).padStart(4, "0")), input, letters);
    show();
    return row;
  }

  return {
    node,
    isUnsaved,
    forget() {
      warned = false;
      [held, wanted] = all.get(bench.module()?.uid ?? "") ?? [null, new Uint8Array()];
      draw();
    },
    report: () => (held ? [...held].map((byte) => byte.toString(16).padStart(2, "0")).join("") : ""),
  };
}

/** Where they differ, in whole words. @param {Uint8Array} held @param {Uint8Array} wanted */
function changes(held, wanted) {
  /** @type {[number, number][]} */
  const ranges = [];
  for (let at = 0; at < held.length; at += WORD) {
    if (wanted.subarray(at, at + WORD).every((byte, i) => byte === held[at + i])) continue;
    const last = ranges[ranges.length - 1];
    if (last?.[1] === at) last[1] += WORD;
    else ranges.push([at, at + WORD]);
  }
  return ranges;
}
