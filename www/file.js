// A release that somebody brings along as one file: chosen by hand, or dropped on the page. Reads it; believes nothing. Loaded
// behind the page.

import { byId, onClick, setText } from "./dom.js";
import { words } from "./words.js";

/** More than any release has; a file that is longer is none. */
const LEN_MAX = 256 * 1024 * 1024;

/** @param {{ useFile(bytes: Uint8Array): Promise<import("./contract.js").Release | undefined> }} link @returns {() => void} puts its words in again */
export function takeFiles(link) {
  const button = byId("use-file");
  let id = "";
  const tell = () => id && setText(button, words.ready(id));
  const use = async (/** @type {File | undefined} */ file) => {
    // In the demo, and while an update runs, there is no button, either.
    if (!file || button.hidden) return;
    const release = await link.useFile(new Uint8Array(await file.slice(0, LEN_MAX).arrayBuffer()));
    if (release) ({ id } = release);
    tell();
  };
  onClick(button, async () => use(await choose()));
  // Else a browser would leave the page for what is dropped on it.
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    use(event.dataTransfer?.files[0]);
  });
  return tell;
}

/** @returns {Promise<File | undefined>} none if the person thinks better of it */
function choose() {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".rackpack";
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files?.[0]));
    input.addEventListener("cancel", () => resolve(undefined));
    input.click();
  });
}
