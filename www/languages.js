// The choice of languages in the footer. Joined to the page once it is all there; finds no words itself.

import { byId, element } from "./dom.js";
import { choose, words } from "./words.js";

/** Each as it calls itself; each has a file in words/. */
const NAMES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", it: "Italiano", ja: "日本語" };

/** @param {() => void} redraw puts the new words in @param {() => void} fail they could not be loaded */
export function offerLanguages(redraw, fail) {
  const select = /** @type {HTMLSelectElement} */ (byId("language"));
  for (const [tag, name] of Object.entries(NAMES)) {
    const option = /** @type {HTMLOptionElement} */ (element("option", "", name));
    option.value = option.lang = tag;
    select.append(option);
  }
  select.value = words.language;
  select.addEventListener("change", async () => {
    await choose(select.value).catch(fail);
    select.value = words.language;
    redraw();
  });
  /** @type {HTMLElement} */ (select.parentElement).hidden = false;
}
