// The page inside another one of the same site: tells it what was done, and offers the way back.

import { byId, element, onClick, setText } from "../dom.js";
import { later } from "../words.js";

/** @typedef {import("../contract.js").Snapshot} Snapshot */

/** @param {import("../link.js").Link} link */
export function startFramed(link) {
  const tell = (/** @type {object} */ message) => parent.postMessage(message, location.origin);
  const close = element("button", "button small close");
  onClick(close, () => tell({ rackflash: "close" }));
  /** @type {HTMLElement} */ (byId("break").parentElement).append(close);
  let told = true;
  return async (/** @type {Snapshot} */ { view }) => {
    setText(close, later.kiosk.close);
    if (view.job?.state === "running") told = false;
    else if (view.job && !told) {
      told = true;
      tell({ rackflash: "done", report: await link.ask("report") });
    }
  };
}
