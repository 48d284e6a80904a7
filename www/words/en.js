// Every English sentence of the page but those of the parts that are loaded later. Other languages have the same keys; what comes
// from the engine is filled in.

/** What the browser calls this language. */
export const language = "en";

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "module" : "modules"}`;

/** What stands still: buttons, labels, sentences. */
export const page = {
  lead: "Update your whole rack at once",
  intro: "Connect the base card by USB: this page finds every module, shows what is new, and updates them all together.",
  connect: "Connect",
  demo: "Try the demo rack",
  updateAll: "Update all",
  disconnect: "Disconnect",
  leaveDemo: "Leave the demo",
  saveReport: "Save report",
  saveTranscript: "Save transcript",
  engineer: "For engineers",
  certificate: "Certificate",
  useFile: "Use a release file",
  tellMe: "Tell me when it is done",
  anotherPort: "Choose another port",
  blink: "Blink",
  tryAgain: "Try again",
  demoTag: "Demo",
  breakSomething: "Break something",
  rack: "Your rack",
  empty: "Empty",
  paused: "Paused",
  progress: "Update of the whole rack",
  promise: "Nothing to install. Everything happens in this browser, and nothing about your rack leaves this computer.",
  noBase: "No base card connected",
  noBaseYet: "Waiting for the base card",
  simulated: "Simulated, nothing real is changed",
  baseLost: "Cable unplugged or power off",
  language: "Language",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "No slot" : `Slot ${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what} ${name}, ${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `No. ${serial}`;
/** @param {string} version */
export const firmware = (version) => `Firmware ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `installed ${installed}, available ${available}` : `available ${available}`);
/** @param {number} n */
export const careTitle = (n) => (n === 1 ? "One thing needs you" : `${n} things need you`);
const share = new Intl.NumberFormat(language, { style: "percent" });
/** Rounded down: only what is finished says 100%. @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "about a minute" : `about ${minutes} minutes`;
}

/** @param {number} seconds */
export const timeLeft = (seconds) => `${about(seconds)} left`;
/** A release that came as a file. @param {string} release */
export const ready = (release) => `Release ${release} is ready`;
/** What will be installed, and how long it takes. @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `Release ${release}, takes ${about(seconds)}`;

/** Who answers, of all that have been here, and who does not. @param {Tally} t @param {number} n @param {string} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  return `${n === all ? "" : `${n} of `}${modules(all)} ${what}${t.silent ? `, ${t.silent} ${t.silent === 1 ? "does" : "do"} not answer` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "Your module is up to date" : `All ${t.here} modules are up to date`);

/** @param {Tally} t */
const running = (t) => `Updating, ${modules(t.busy + t.waiting)} to go`;

/** The headline, and the line under it. People and tests look for "up to date" at the end, and only when all of them are. */
export const headline = {
  connecting: { title: () => "Connecting…", hint: "One moment." },
  unanswered: { title: () => "Not connected yet", hint: "This page keeps trying." },
  finishing: { title: () => "The base card finishes first", hint: "It still works on what it was given before. Then it goes on by itself." },
  detecting: { title: (/** @type {Tally} */ t) => `Looking for modules…${t.here ? ` ${t.here} found` : ""}`, hint: "Asking every slot who is there." },
  nothing: { title: () => "No modules found", hint: "Check that the modules sit firmly in their slots and the rack is switched on. They appear here by themselves." },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, "can be updated"),
    hint: "Your patches and settings stay. Leave the rack switched on until it is done.",
  },
  running: {
    title: running,
    hint: "Leave the rack switched on and the cable in. You can use other windows meanwhile.",
  },
  onBase: { title: running, hint: "The base card has all it needs: you may close this page. Leave the rack switched on." },
  away: { title: () => "Waiting for a module that does not answer", hint: "Plug it back in, and it goes on by itself." },
  done: { title: done, hint: "Every module was checked by reading back what it holds." },
  current: { title: done, hint: "Nothing to do: they already have the newest firmware." },
  silent: { title: (/** @type {Tally} */ t) => some(t, t.good, "are up to date"), hint: "Press a module that does not answer firmly into its slot: it appears here by itself." },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good} done, ${t.care}` : modules(t.care)} could not be updated`,
    hint: "The others are fine. What to do is written below.",
  },
  idle: { title: (/** @type {Tally} */ t) => `${modules(t.here)} found, nothing to update`, hint: "This page has no newer firmware for them." },
  lost: { title: () => "Connection lost", hint: "Nothing is broken: each module remembers how far it got." },
};

/** What a lamp means, in the displays and in the legend. */
export const standing = {
  outdated: "Update ready",
  rescue: "Needs firmware",
  stranded: "No firmware for it",
  unknown: "Nothing new here",
  current: "Up to date",
  updated: "Updated",
  waiting: "Waits its turn",
  busy: "Updating",
  refused: "Left alone",
  failed: "Not updated",
  gone: "No answer",
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
export const phase = { comparing: "Comparing", writing: "Writing", verifying: "Checking", starting: "Starting" };

const RELOAD = "Check your internet connection, then reload the page.";
const ASK_MAKER = "Nothing was written. Ask the module's maker for the right file.";
const SEND_REPORT = "save the report and send it to the module's maker.";

/** One entry per code: what happened, and the one next thing to do. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["This browser cannot reach USB serial devices", "Open this page in Chrome, Edge or Opera on a computer, in Firefox from version 151, or in Chrome on Android from 148. The demo rack works right here."],
  "not-secure": ["This page was opened without https", "Open its https:// address: browsers allow USB only there. The demo rack works right here."],
  "no-port-chosen": ["No port was chosen", "Click Connect again and pick the base card."],
  "base-not-listed": ["The computer does not see the base card", "Use another USB cable: some can only charge, and carry no data."],
  "port-busy": ["Another program is using the base card", "Close the other program that has the serial port open, then click Connect again."],
  "port-not-permitted": ["This computer does not let you use serial ports", "Type in a terminal: sudo usermod -aG dialout $USER. Log out and in again, then click Connect."],
  "port-blocked": ["USB serial is blocked in this browser", "Ask whoever manages this computer to allow it for this page."],
  "port-busy-tab": ["Rackflash is open in another tab", "Go on there, or close that tab and click Connect again here."],
  "port-lost": ["The base card is gone", "Plug the cable back in. It goes on by itself from where it stopped."],
  "rack-off": ["The rack has no power", "Switch it on. It goes on by itself from where it stopped."],
  "silent-port": ["The port is open, but nothing answers", "Check that the rack is switched on: it goes on by itself."],
  "not-a-base": ["That is not a Rackflash base card", "Something answers on this port, but in another language. Choose another port."],
  "base-newer": ["The base card is newer than this page", "Reload the page to get its newest version."],
  "base-older": ["The base card's own firmware is too old", "Update the base card first; its maker has the instructions."],
  "base-restarted": ["The base card restarted", "The update goes on by itself. If this happens again, check the rack's power supply."],
  "browser-too-old": ["This browser is too old to check signatures", "Bring it up to date, then open this page again. Nothing was written."],
  "engine-missing": ["A part of this page did not load", RELOAD],
  "engine-failed": ["A part of this page stopped working", "Reload the page and connect again: each module remembers how far it got."],

  "release-missing": ["The firmware did not load", RELOAD],

  "no-image": ["Nothing new here", "This page has no firmware for this module. Its maker may."],
  "wrong-type": ["For another module", ASK_MAKER],
  "wrong-hardware": ["Other hardware revision", ASK_MAKER],
  "loader-older": ["Its loader is too old", "This firmware needs a newer one. Ask the module's maker for it."],
  "older": ["Newer than this page", "Nothing to do: it already has a newer version."],
  "does-not-fit": ["Firmware does not fit", ASK_MAKER],
  "bad-image": ["Unusable firmware", ASK_MAKER],
  "bad-identity": ["Confused about itself", "The module says of itself what cannot be. It needs service by its maker."],
  "not-answering": ["Stopped answering", "Press the module firmly into its slot, or switch the rack off and on. Then try again."],
  unplugged: ["No answer", "Plug the module back in, then try again."],
  "bus-stuck-now": ["Bus is stuck", "Switch the rack off and on. If it stays, take out one module at a time to find the culprit."],
  "bus-stuck": ["Bus was stuck", "Try again. If it comes back, take out one module at a time to find the culprit."],
  "bad-data": ["Damaged on the way", "Try again. If it comes back, press the module firmly into its slot."],
  "digest-mismatch": ["Check failed", "What the module holds is not what was sent, so it was not started. Try again."],
  "flash-worn": ["Memory worn out", `This module cannot store firmware any more: ${SEND_REPORT}`],
  "address-conflict": ["Modules in conflict", "Take out the module that was plugged in last and update the others. Then plug it in alone."],
  "no-free-address": ["Too many modules on one bus", "Take one module out, update the others, then swap them."],
  "never-started": ["Did not start", `The new firmware does not report back. Try again; if it stays, ${SEND_REPORT}`],
  "no-application": ["No firmware to start", "Update it: then it has some."],
  refused: ["The module said no", `It is as it was, or waits for an update: ${SEND_REPORT}`],
  "base-silent": ["Lost at the base card", "Plug the base card's cable out and in, then try again."],
  bug: ["A fault of this page", `It is the page's, not the module's: ${SEND_REPORT}`],
};

/** Where the page cannot tell: a button that names what else it may be. @type {Record<string, string>} */
export const causes = { "base-not-listed": "It is not in the list", "port-not-permitted": "Nothing else uses it", "rack-off": "The cable is in" };

/** Those of one bus, mostly in a row. @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  return `It is the bus of ${first === last ? "slot" : "slots"} ${row ? `${first} to ${last}` : slots.join(", ")}.`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["Something unexpected happened", `Try again. If it comes back, ${SEND_REPORT} (${[p.code, p.detail].filter(Boolean).join(": ")})`];
