// Lists and tables whose entries are texts, for what is loaded when somebody wants it.

import { element } from "./dom.js";

/** For a `dl`. @param {[string, string][]} rows each a name and what it is */
export const definitions = (rows) => rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]);

/** @param {"th" | "td"} tag @param {string[]} texts */
export const row = (tag, texts) => element("tr", "", ...texts.map((text) => element(tag, "", text)));
