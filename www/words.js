// Finds the words: the one place that knows which language is spoken, and what to say for a code nobody has words for.

import * as words from "./words/en.js";

export { words };

/**
 * What happened, and the one next thing to do.
 * @param {import("./contract.js").Problem} problem
 */
export function explain(problem) {
  const { code, holder, slots } = problem;
  // Of slots it is told while it lasts.
  const now = holder ?? (slots?.length ? "now" : "");
  const [title, action] = words.problems[`${code}-${now}`] ?? words.problems[code] ?? words.unknownProblem(problem);
  return [title, slots?.length ? `${action} ${words.inSlots(slots)}` : action];
}

/** Fills the frame: every element that names a word gets it as text. */
export function fillIn() {
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-word]")))
    node.textContent = words.page[/** @type {keyof typeof words.page} */ (node.dataset.word)];
}
