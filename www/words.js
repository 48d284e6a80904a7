// Finds the words: the one place that knows which language is spoken, and what to say for a code nobody has words for.
// Loads the words of that language and no others, and those of the parts that are loaded later with them.

import { stored } from "./stored.js";

const LANGUAGES = ["en", "de", "fr", "es", "it", "ja"];
/** Where a choice is kept. */
const CHOSEN = "rackflash-language";

/** What was chosen here before, else what the browser's user reads best of those. */
const wanted = () =>
  [stored()?.getItem(CHOSEN) ?? "", ...navigator.languages].map((tag) => tag.split("-")[0]).find((tag) => LANGUAGES.includes(tag)) ?? "en";

/** @type {typeof import("./words/en.js")} */
export let words;
/** What the parts say that are loaded later. @type {typeof import("./words/later/en.js")} */
export let later;
let wantsLater = false;
let latest = wanted();
await speak(latest);

/** Speaks another language from now on, and the next time. @param {string} tag */
export async function choose(tag) {
  await speak(tag);
  stored()?.setItem(CHOSEN, tag);
}

/** To be waited for by who says something of what is `later`. */
export function learnLater() {
  wantsLater = true;
  return speak(latest);
}

/** @param {string} tag */
async function speak(tag) {
  latest = tag;
  const loaded = await Promise.all([import(`./words/${tag}.js`), wantsLater && import(`./words/later/${tag}.js`)]);
  // Another one may have been chosen meanwhile.
  if (tag === latest) [words, later] = loaded;
  document.documentElement.lang = words.language;
}

/** Of texts in several languages that which is read best. @param {Record<string, string> | undefined} texts by language */
export const inLanguage = (texts) => texts?.[words.language] ?? texts?.en ?? "";

/**
 * What happened, and the one next thing to do.
 * @param {import("./contract.js").Problem} problem
 */
export function explain(problem) {
  const { code, holder, slots } = problem;
  // Of slots it is told while it lasts.
  const now = holder ?? (slots?.length ? "now" : "");
  const file = later?.fileProblems?.[code];
  if (file) return [later.inFile(file[0], problem), file[1]];
  const [title, action] = words.problems[`${code}-${now}`] ?? words.problems[code] ?? later?.problems?.[code] ?? words.unknownProblem(problem);
  return [title, slots?.length ? `${action} ${words.inSlots(slots)}` : action];
}

/** Fills the frame: every element that names a word gets it as text. Until then nothing is shown that words would move. */
export function fillIn() {
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-word]")))
    node.textContent = words.page[/** @type {keyof typeof words.page} */ (node.dataset.word)];
  for (const id of ["main", "foot"]) /** @type {HTMLElement} */ (document.getElementById(id)).hidden = false;
}
