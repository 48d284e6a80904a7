// Every English sentence of the parts that are loaded later. Other languages have the same keys.

const time = new Intl.NumberFormat("en", { style: "unit", unit: "second", maximumFractionDigits: 1 });
/** At a trade fair's stand. */
export const kiosk = {
  attract: "Plug in your rack: it is updated by itself",
  attendant: "This stand so far",
  pin: "PIN",
  enter: "OK",
  erase: "Delete",
  close: "Close",
  reset: "Start at zero",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Racks", `${c.racks}`], ["Modules updated", `${c.modules}`], ["Not updated", `${c.failures}`], ["Median time", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "Nothing here is real. Start an update, break what you like, and watch the rack recover.";

const FILL = "An update that is under way fills it, too. Otherwise click Update all.";

/**
 * What breaks something, or mends it: the button, and what just happened. True with and without an update under way.
 * @type {Record<string, [label: string, said: (n: number, name: string) => string]>}
 */
export const harm = {
  unplug: ["Pull the cable", () => "The cable is out. The base card does alone what it was given before."],
  plug: ["Plug it back in", () => "The cable is back. The page asks each module what it holds, and goes on from there."],
  power: ["Cut the power", (n) => `The power was gone for a second. ${n ? `${n} ${n === 1 ? "module was" : "modules were"} in the middle of a page, which is now written again.` : "No page was being written at that moment."}`],
  noise: ["Add noise", () => "One bit in 10,000 now arrives wrong. Checksums notice, and what was damaged is sent again."],
  quiet: ["Stop the noise", () => "The wires are quiet again."],
  hold: ["Hold the bus", (n, name) => `The ${name} in slot ${n} keeps the bus low, and nobody can talk on it. Let go of it, or cut the power.`],
  free: ["Let go of it", (n, name) => `The ${name} in slot ${n} has let go of the bus. Update all finishes what has failed meanwhile.`],
  swap: ["Swap a module", (n, name) => `Another ${name} sits in slot ${n} now. Its number gives it away: it is new and empty. ${FILL}`],
  kill: ["Kill a module", (n, name) => `The ${name} in slot ${n} answers nobody any more, and the others go on without it. Replace it, or cut the power to wake it.`],
  mend: ["Replace it", (n, name) => `A new ${name} sits in slot ${n}, still empty. ${FILL}`],
};

/** The record of an update, to be kept. */
export const certificate = {
  title: "Certificate of update",
  proof: "Each module was read back, and holds exactly what was signed.",
  print: "Print",
  save: "Save as JSON",
  close: "Close",
  release: "Release",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id} (number ${counter})`,
  time: "Time",
  base: "Base card",
  page: "Page version",
  columns: ["Slot", "Module", "Serial number", "Unique id", "From", "To", "Digest", "Bytes"],
};

const NOT_TAKEN = "Nothing was written. Reload the page to fetch it again; if it stays, tell the maker of this page.";
const ASK_SITE = "Nothing was written. Tell the maker of this page.";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["The firmware is not as its maker signed it", NOT_TAKEN],
  "release-signature-form": ["The firmware's signature is damaged", NOT_TAKEN],
  "release-unknown-key": ["The firmware was signed by somebody else", NOT_TAKEN],
  "release-not-signed": ["The firmware is not signed", NOT_TAKEN],
  "release-too-long": ["The firmware list is no list", NOT_TAKEN],
  "release-pack-form": ["This file holds no whole release", "Nothing was written. Copy or download the file again."],
  "release-format": ["The firmware is newer than this page", "Reload the page to get its newest version."],
  "release-manifest": ["The firmware list makes no sense", ASK_SITE],
  "release-older": ["An older firmware than before", "Nothing was written: this browser has seen a newer release. Reload the page to get it."],
  "release-expired": ["This firmware is out of date", "Check that the date of this computer is right, then reload the page to get the newest release."],
  "release-other-file": ["A firmware file is not the one that was signed", NOT_TAKEN],
  "release-other-image": ["A firmware file is for another module than it says", ASK_SITE],
  "release-image": ["A firmware file is unusable", ASK_SITE],
  "release-bad-key": ["This page was built with a wrong key", ASK_SITE],
  "file-unreadable": ["This file cannot be read", "Another program may be writing it: wait a moment, then choose it again."],
  "module-busy": ["The module is busy", "Something else is asked of it just now: wait a moment, then try again."],
  "release-settings-saved": ["Settings saved", "What modules remember was saved before their update; they get it back afterwards."],
  "release-settings-restored": ["Settings restored", "The updated modules have what they remembered before."],
  "release-settings-unmoved": ["Settings not restored yet", "The firmware is updated, and what the module remembers is kept here. Unplug the module, and plug it in again."],
  "release-settings-left": ["Settings stay as they are", "This update was begun on another computer, which has saved what the module remembers. Connect it there to have it back."],
  "settings-unsaved": ["Settings could not be saved", "So the module was not updated. Try again; if it stays, free some space on this computer."],
};

const size = new Intl.NumberFormat("en", { style: "unit", unit: "byte", unitDisplay: "long" });

/** The engineer's drawer. */
export const engineer = {
  title: "For engineers",
  module: "Module",
  copyReport: "Copy report",
  close: "Close",
  copied: "The report is on the clipboard.",
  savedInstead: "The browser keeps its clipboard closed: the report was saved as a file.",
  connectFirst: "Connect to a rack first.",
  updating: "While an update runs this only watches.",
  done: "Done.",
  /** @type {Record<string, string>} */
  tabs: { module: "Module", memory: "Flash", eeprom: "EEPROM", transcript: "Transcript", link: "Link" },
  bytes: (/** @type {number} */ n) => size.format(n),
  nothingChosen: "No file chosen.",

  ask: "Ask again",
  readLog: "Read its log",
  stop: "Stop in loader",
  start: "Start",
  erase: "Erase",
  reallyErase: "Really erase?",
  updateFrom: "Update from a file",
  blinks: "It blinks, if it is in its loader or its firmware can.",
  stopped: "It waits in its loader.",
  started: "Its firmware runs.",
  startedAgain: "It was stopped when the link was lost, and runs again.",
  erased: "Its firmware is erased, and every page read back blank. It waits in its loader.",
  updateBegun: "The update has begun.",
  logEmpty: "Its log is empty.",
  /** @param {number} code @param {string} detail */
  event: (code, detail) => `${["", "The loader began, reason", "Damaged frames:", "Refused, reason", "Page frames missed:", "Page frames repeated:", "Pages written again:", "Update opened, session", "Update committed, session"][code] ?? `Event ${code}:`} ${detail}`,
  fact: {
    state: "State", application: "Firmware", loader: "Loader, protocol", type: "Vendor, type, board", uid: "Unique id", flash: "Flash: start, size, pages, banks",
    start: "Firmware starts at", ram: "RAM", eeprom: "Data EEPROM", ring: "Pages it takes ahead", home: "Address of its slot", starts: "Starts (counter)",
  },

  compareRelease: "Compare with the release",
  compareFile: "Compare with a file",
  readOut: "Read out",
  noRelease: "The release has nothing for it: this is only what it holds.",
  /** @param {number} length @param {string} start */
  readOutOf: (length, start) => `${size.format(length)} from ${start} on, saved.`,
  /** @type {Record<string, string>} */
  page: { blank: "Blank", data: "Holds something", equal: "Equal", changed: "Different", written: "Written", failing: "Failed" },
  /** @param {number} page @param {string} address @param {string} state */
  pageAt: (page, address, state) => `Page ${page}, ${address}: ${state}`,

  read: "Read",
  write: "Write changes",
  save: "Save",
  load: "Load a file",
  readFirst: "Read it first.",
  unsaved: "There are changes that are not written: click again to drop them.",
  notHex: "Each line wants as many pairs of hexadecimal digits as it had.",
  noEeprom: "It has no data EEPROM.",
  loaded: "Loaded; nothing is written yet.",
  eepromHint: "Bytes in hexadecimal. Only what was changed is written, and read back.",
  /** @param {number} n */
  written: (n) => (n ? `${size.format(n)} written and read back.` : "Nothing was changed."),
  /** @param {number} length @param {number} wanted */
  otherLength: (length, wanted) => `The file has ${size.format(length)}, the EEPROM ${size.format(wanted)}.`,
  /** @param {string} at */
  bytesAt: (at) => `Bytes from ${at} on`,

  filter: "What is shown",
  /** @type {Record<string, string>} */
  kinds: { all: "Everything", messages: "Without heartbeats", trouble: "Trouble only" },
  search: "Search",
  pause: "Hold",
  goOn: "Follow",
  /** @param {number} n @param {number} of */
  found: (n, of) => `${n} of ${of}`,

  counted: { sent: "Frames sent", received: "Frames received", sentAgain: "Sent again", receivedAgain: "Received again", damaged: "Damaged", missed: "Not recorded" },
  columns: ["Slot", "Module", "Writes", "Reads", "Failed", "Given up", "Last cause"],
};

const COPY_AGAIN = "Nothing was written. The file is damaged: copy it or download it again.";
const ASK_FIRMWARE = "Nothing was written. Ask the firmware's maker for a correct file.";
const CHOOSE_OTHER = "Nothing was written. Choose a file that was made for this module.";

/** A firmware file that is not from a release, and is none. @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["The file is empty", COPY_AGAIN],
  "file-too-large": ["The file is too large for firmware", CHOOSE_OTHER],
  "image-too-large": ["The firmware is larger than any flash", CHOOSE_OTHER],
  "no-address": ["This is no ELF, Intel HEX or S-record file", "If it is a raw binary, say at which address it belongs. Otherwise choose another file."],
  "binary-address": ["The raw binary reaches past the last address", "Give a lower address."],
  "no-data": ["The file holds nothing for a flash", ASK_FIRMWARE],
  "no-header": ["The firmware does not say which module it is for", CHOOSE_OTHER],
  header: ["What the firmware says of itself makes no sense", ASK_FIRMWARE],
  "record-start": ["A line does not begin as a record", COPY_AGAIN],
  "record-character": ["A line has a character that is no hexadecimal digit", COPY_AGAIN],
  "record-digits": ["A line has too few or too many digits", COPY_AGAIN],
  "record-checksum": ["A line does not match its checksum", COPY_AGAIN],
  "record-length": ["A line is not as long as it says", COPY_AGAIN],
  "record-type": ["A line is of a type that is not used", "Nothing was written. Ask the firmware's maker for a plain file."],
  "record-count": ["Lines are missing, or there are too many", COPY_AGAIN],
  "record-no-end": ["The end of the file is missing", COPY_AGAIN],
  "record-after-end": ["The file goes on behind its end", "Nothing was written. The file is damaged, or two were joined: copy it or download it again."],
  "record-overlap": ["Two lines give one address different bytes", ASK_FIRMWARE],
  "record-address": ["A line reaches past the last address", ASK_FIRMWARE],
  "elf-form": ["The ELF file is damaged", COPY_AGAIN],
  "elf-target": ["The ELF file is for another kind of chip", CHOOSE_OTHER],
  "elf-kind": ["The ELF file is no linked program", "Nothing was written. Choose the file that the linker has made."],
  "elf-segments": ["The ELF file has too many segments", CHOOSE_OTHER],
  "elf-segment": ["A segment of the ELF file is not whole", COPY_AGAIN],
  "elf-address": ["A segment of the ELF file reaches past the last address", ASK_FIRMWARE],
  "elf-overlap": ["Two segments of the ELF file give one address different bytes", ASK_FIRMWARE],
};
/** Where in it. @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title} (line ${p.line})` : p.address != null ? `${title} (address 0x${p.address.toString(16)})` : title);
