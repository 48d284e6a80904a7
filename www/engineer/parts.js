// What several tabs of the engineer's drawer do alike: numbers, files in and out. Knows no module.

import { save, stamp } from "../save.js";

/** @param {number} n @param {number} [digits] */
export const hex = (n, digits = 8) => `0x${n.toString(16).padStart(digits, "0")}`;

/** One byte more than is read of any format: then it is told that a file is too long. */
const LEN_MAX = (64 << 20) + 1;

/** A file that somebody chooses; nothing if they think better of it. @param {string} accept @returns {Promise<Uint8Array | undefined>} */
export function chooseFile(accept) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  return new Promise((resolve) => {
    // A file may be written anew in this very moment, and not be read then.
    input.addEventListener("change", () =>
      resolve(input.files?.[0]?.slice(0, LEN_MAX).arrayBuffer().then((bytes) => new Uint8Array(bytes), () => Promise.reject({ code: "file-unreadable" }))));
    input.addEventListener("cancel", () => resolve(undefined));
    input.click();
  });
}

/** @param {string} what @param {string} serial @param {Uint8Array} bytes */
export const saveBytes = (what, serial, bytes) => save(`rackflash-${what}-${serial}-${stamp()}.bin`, "application/octet-stream", bytes);
