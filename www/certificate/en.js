// Every English sentence of the certificate. Other languages have the same keys.

export const words = {
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
