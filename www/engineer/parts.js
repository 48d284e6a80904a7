// What several tabs of the engineer's drawer do alike: numbers, files in and out. Knows no module.

import { save, stamp } from "../save.js";

export const text = (/** @type {string} */ words) => document.createTextNode(words);

/** @param {number} n @param {number} [digits] */
export const hex = (n, digits = 8) => `0x${n.toString(16).padStart(digits, "0")}`;

/** More than any module's memory in any format takes. */
const LEN_MAX = 8 << 20;

/** A file that somebody chooses; nothing if they think better of it. @param {string} accept @returns {Promise<Uint8Array | undefined>} */
export function chooseFile(accept) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  return new Promise((resolve) => {
    input.addEventListener("change", async () => {
      const file = input.files?.[0];
      resolve(file && new Uint8Array(await file.slice(0, LEN_MAX).arrayBuffer()));
    });
    input.addEventListener("cancel", () => resolve(undefined));
    input.click();
  });
}

/** @param {string} what @param {string} serial @param {Uint8Array} bytes */
export const saveBytes = (what, serial, bytes) => save(`rackflash-${what}-${serial}-${stamp()}.bin`, "application/octet-stream", bytes);
