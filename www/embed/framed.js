// The page inside another one of the same site: tells it what was done, and offers the way back.

import { byId, element, onClick } from "../dom.js";
import { words } from "../kiosk/en.js";

/** @typedef {import("../contract.js").Snapshot} Snapshot */

/** @param {import("../link.js").Link} link */
export function startFramed(link) {
  const tell = (/** @type {object} */ message) => parent.postMessage(message, location.origin);
  const close = element("button", "button small close", document.createTextNode(words.close));
  onClick(close, () => tell({ rackflash: "close" }));
  /** @type {HTMLElement} */ (byId("break").parentElement).append(close);
  let told = true;
  return async (/** @type {Snapshot} */ { view }) => {
    if (view.job?.state === "running") told = false;
    else if (view.job && !told) {
      told = true;
      tell({ rackflash: "done", report: await link.ask("report") });
    }
  };
}
