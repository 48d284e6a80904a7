// Every English sentence of the page. Keys are shared by all languages; details come from the engine as plain values.

/** @typedef {import("../contract.js").Problem} Problem */

/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
/** @param {number} n */
const modules = (n) => count(n, "module", "modules");
/** @param {number | undefined} bytes */
const kilobytes = (bytes) => (bytes === undefined ? "" : `${Math.ceil(bytes / 1024)} KB`);
/** @param {Problem} p */
const file = (p) => p.file ?? "A firmware file";

/** The page's own words: buttons, labels, sentences that stand still. */
export const page = {
  lead: "Update your whole rack at once",
  intro: "Connect the base card by USB: this page finds every module, shows what is new, and updates them all together.",
  connect: "Connect",
  demo: "Try the demo rack",
  updateAll: "Update all",
  disconnect: "Disconnect",
  saveReport: "Save report",
  saveTranscript: "Save transcript",
  anotherPort: "Choose another port",
  blink: "Blink",
  tryAgain: "Try again",
  demoTag: "Demo",
  rack: "Your rack",
  emptySlot: "Empty",
  progress: "Update of the whole rack",
  promise: "Nothing to install. Everything happens in this browser, and nothing about your rack leaves this computer.",
  noBase: "No base card connected",
  noBaseYet: "Waiting for the base card",
  simulated: "Simulated, nothing real is changed",
  baseLost: "Cable unplugged or power off",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "No slot" : `Slot ${n}`);
/** @param {string} name @param {number | null} n */
export const blinkLabel = (name, n) => `Blink ${name}, ${slot(n)}`;
/** @param {string} name @param {number | null} n */
export const tryAgainLabel = (name, n) => `Try again: ${name}, ${slot(n)}`;
/** @param {string} firmware */
export const baseFirmware = (firmware) => `Firmware ${firmware}`;
/** @param {string} serial */
export const serial = (serial) => `No. ${serial}`;
/** @param {string | null} installed @param {string} available */
export const versions = (installed, available) =>
  installed === null ? `new: ${available}` : `installed ${installed}, available ${available}`;
/** @param {number} n */
export const careTitle = (n) => (n === 1 ? "One thing needs you" : `${n} things need you`);

/** The headline. The one for "done" ends with the words "up to date": people and tests look for them. */
export const headline = {
  connecting: () => "Connecting…",
  /** @param {number} found */
  detecting: (found) => (found === 0 ? "Looking for modules…" : `Looking for modules… ${found} found`),
  nothing: () => "No modules found",
  /** @param {number} ready @param {number} all */
  ready: (ready, all) =>
    ready === all ? `${modules(all)} can be updated` : `${ready} of ${modules(all)} can be updated`,
  /** @param {number} all @param {number} done */
  running: (all, done) => (done === 0 ? `Updating ${modules(all)}` : `Updating ${modules(all)}, ${done} done`),
  /** @param {number} all */
  done: (all) => (all === 1 ? "Your module is up to date" : `All ${all} modules are up to date`),
  /** @param {number} care @param {number} good */
  care: (care, good) =>
    good === 0 ? `${modules(care)} could not be updated` : `${good} done, ${care} could not be updated`,
  /** @param {number} all */
  idle: (all) => `${modules(all)} found, nothing to update`,
  lost: () => "Connection lost",
};

/** The line under the headline. */
export const hint = {
  connecting: "One moment.",
  detecting: "Asking every slot who is there.",
  nothing: "Check that the modules sit firmly in their slots and the rack is switched on. They appear here by themselves.",
  ready: "Your patches and settings stay. Leave the rack switched on until it is done.",
  running: "Leave the rack switched on and the cable in. You can use other windows meanwhile.",
  done: "Every module was checked by reading back what it holds.",
  care: "The others are fine. What to do is written below the rack.",
  idle: "There is no newer firmware on this page for what is in the rack.",
  lost: "Nothing is broken: each module remembers how far it got.",
};

/** What the lamp on a panel means, in its display. */
export const standing = {
  outdated: "Update ready",
  rescue: "Needs firmware",
  unknown: "Nothing new here",
  current: "Up to date",
  updated: "Updated",
  waiting: "Waits its turn",
  busy: "Updating",
  refused: "Left alone",
  failed: "Not updated",
  gone: "Unplugged",
};

/** The same, counted in the legend above the rack. @type {Record<string, string>} */
export const counted = {
  outdated: "with an update",
  rescue: "without firmware",
  unknown: "with nothing new here",
  current: "up to date",
  updated: "updated",
  refused: "left alone",
  failed: "not updated",
  gone: "unplugged",
};

/** Why a module waits in its loader. */
export const why = {
  blank: "Brand new, empty",
  interrupted: "Was interrupted",
  damaged: "Firmware damaged",
  "never-confirmed": "Did not start",
  requested: "Ready for update",
};

/** @type {Record<string, string>} */
export const phase = {
  comparing: "Comparing",
  writing: "Writing",
  verifying: "Checking",
  starting: "Starting",
};

/** @param {number} share 0 to 1, rounded down: only what is finished says 100% @param {string} [what] */
export const percent = (share, what) => `${what ? `${what} ` : ""}${Math.floor(share * 100)}%`;

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "about a minute left" : `about ${minutes} minutes left`;
}

/** What a module says when it refuses. @type {Record<string, string>} */
const reasons = {
  "wrong-type": "it is for another kind of module",
  "wrong-hardware": "it is for another hardware revision",
  downgrade: "it is older than what is installed",
  "outside-area": "it reaches outside the module's memory for firmware",
};

/**
 * One entry per code: what happened, and the one next thing to do.
 * @type {Record<string, (problem: any) => { title: string, action: string }>}
 */
export const problems = {
  "no-web-serial": () => ({
    title: "This browser cannot reach USB serial devices",
    action: "Open this page in Chrome, Edge or Opera on a computer, or in Firefox 151 or newer. Chrome on Android works from version 148. The demo rack works right here.",
  }),
  "not-secure": () => ({
    title: "This page was opened without https",
    action: "Open its https:// address: browsers allow USB only there. The demo rack works right here.",
  }),
  "no-port-chosen": () => ({
    title: "No port was chosen",
    action: "Click Connect again and pick the base card. Is it not in the list? Try another USB cable: some can only charge.",
  }),
  "port-busy": (p) =>
    p.holder === "tab"
      ? { title: "Rackflash is open in another tab", action: "Go on there, or close that tab and click Connect again here." }
      : { title: "Another program is using the base card", action: "Close the other program or browser tab that has the serial port open, then click Connect again." },
  "port-lost": () => ({
    title: "The base card is gone",
    action: "Plug the cable back in and check that the rack is switched on. It goes on by itself from where it stopped.",
  }),
  "silent-port": () => ({
    title: "The port opened, but nothing answers",
    action: "Check that the rack is switched on, then click Connect again.",
  }),
  "not-a-base": () => ({
    title: "That is not a Rackflash base card",
    action: "Something answers on this port, but it speaks another language. Choose another port.",
  }),
  "base-newer": () => ({
    title: "The base card is newer than this page",
    action: "Reload the page to get its newest version.",
  }),
  "base-older": () => ({
    title: "The base card's own firmware is too old",
    action: "Update the base card first; its maker has the instructions.",
  }),
  "base-restarted": () => ({
    title: "The base card restarted",
    action: "Check the rack's power supply, then click Update all to go on. Finished modules are skipped.",
  }),
  "engine-missing": () => ({
    title: "A part of this page did not load",
    action: "Check your internet connection, then reload the page.",
  }),
  "engine-failed": (p) => ({
    title: "A part of this page stopped working",
    action: `Reload the page and connect again: modules remember how far they got.${p.message ? ` (${p.message})` : ""}`,
  }),

  "no-image": () => ({ title: "Nothing for it here", action: "This page carries no firmware for this module. Its maker may." }),
  "wrong-type": () => ({ title: "Firmware for another module", action: "Nothing was written. Ask the module's maker for the right file." }),
  "wrong-hardware": () => ({ title: "Other hardware revision", action: "Nothing was written: the firmware is made for another revision of this module. Ask its maker for the right file." }),
  "does-not-fit": (p) => ({
    title: "Firmware is too big",
    action: `Nothing was written${p.needed ? `: it needs ${kilobytes(p.needed)}${p.room ? `, the module has ${kilobytes(p.room)}` : ""}` : ""}. Ask the module's maker for the right file.`,
  }),
  "not-answering": () => ({ title: "Stopped answering", action: "Press the module firmly into its slot, then try again." }),
  unplugged: () => ({ title: "Unplugged", action: "Plug the module back in, then try again." }),
  "bus-stuck": () => ({ title: "Bus is stuck", action: "Switch the rack off and on again, then try again. If it stays, take out one module at a time to find the culprit." }),
  "bad-data": () => ({ title: "Damaged on the way", action: "Try again. If it comes back, press the module firmly into its slot." }),
  "digest-mismatch": () => ({ title: "Check failed", action: "What the module holds is not what was sent, so it was not started. Try again." }),
  "flash-worn": () => ({ title: "Memory worn out", action: "This module can no longer store firmware. Save the report and send it to the maker." }),
  "address-conflict": () => ({ title: "Two on one address", action: "Take one of the two modules out, update the other, then swap them." }),
  "never-started": () => ({ title: "Did not start", action: "The new firmware was written but did not report back. Try again; if it stays, send the saved report to the maker." }),
  refused: (p) => ({
    title: "The module said no",
    action: `It did not accept the firmware${p.reason ? `: ${reasons[p.reason] ?? p.reason}` : ""}. Nothing was changed. Save the report and send it to the maker.`,
  }),
  stopped: () => ({ title: "Stopped halfway", action: "Try again to finish it. The module remembers how far it got." }),

  "images-missing": () => ({ title: "The firmware list did not load", action: "Check your internet connection, then disconnect and connect again." }),
  "image-missing": (p) => ({ title: `${file(p)} did not load`, action: "Check your internet connection, then disconnect and connect again." }),
  "image-damaged": (p) => ({ title: `${file(p)} is damaged`, action: "It was left out and will not be written anywhere. Reload the page to fetch it again." }),
};

/** Codes that come in families: "hex-bad-checksum" and its like. @param {Problem} p */
export const hexProblem = (p) => ({
  title: `${file(p)} cannot be read`,
  action: `It was left out and will not be written anywhere (${p.line ? `line ${p.line}: ` : ""}${p.code.slice(4).replaceAll("-", " ")}). Tell whoever gave you the file.`,
});

/** @param {Problem} p */
export const unknownProblem = (p) => ({
  title: "Something unexpected happened",
  action: `Try again. If it comes back, save the report and send it to the maker (${p.code}).`,
});
