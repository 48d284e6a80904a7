// Turns whatever was thrown into a Problem: the engine throws Problems, anything else is a fault of the page's own.

/** @param {any} error @returns {import("./contract.js").Problem} */
export function asProblem(error) {
  return typeof error?.code === "string" ? error : { code: "engine-failed", detail: String(error?.message ?? error) };
}
