// Finds the words: the one place that knows which language is spoken, and what to say for a code nobody has words for.

import * as words from "./words/en.js";

/** @typedef {import("./contract.js").Problem} Problem */

export { words };

/**
 * @param {Problem} problem
 * @returns {{ title: string, action: string }}
 */
export function explain(problem) {
  if (Object.hasOwn(words.problems, problem.code)) return words.problems[problem.code](problem);
  return problem.code.startsWith("hex-") ? words.hexProblem(problem) : words.unknownProblem(problem);
}

/** Fills the frame: every element that names a word gets it as text. @param {ParentNode} root */
export function fillIn(root) {
  for (const node of root.querySelectorAll("[data-word]")) {
    const key = /** @type {keyof typeof words.page} */ (/** @type {HTMLElement} */ (node).dataset.word);
    node.textContent = words.page[key];
  }
}
