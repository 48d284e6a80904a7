// Saves what the engine wrote down as files on this computer. Sends nothing anywhere.

/** @param {object | undefined} report undefined: the engine had none to give, and the page says why */
export function saveReport(report) {
  if (!report) return;
  const page = { saved: new Date().toISOString(), browser: navigator.userAgent };
  save(`rackflash-report-${stamp()}.json`, "application/json", JSON.stringify({ ...report, page }, null, 2));
}

/** @param {string | undefined} transcript */
export function saveTranscript(transcript) {
  if (transcript === undefined) return;
  const head = `Rackflash transcript, saved ${new Date().toISOString()}\n${navigator.userAgent}\n\n`;
  save(`rackflash-transcript-${stamp()}.txt`, "text/plain", head + transcript);
}

/** @param {string} name @param {string} type @param {string | Uint8Array} content */
export function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (content)], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A time that may stand in a file name and sorts. */
export const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(":", "-");
