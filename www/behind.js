// What no visitor waits for, and is joined to the page once it is all there: files, coming and going, and use without a network.

import { byId, onClick } from "./dom.js";
import { takeFiles } from "./file.js";
import { offerLanguages } from "./languages.js";
import { workOffline } from "./offline.js";
import { saveReport, saveTranscript } from "./save.js";

/** @param {import("./link.js").Link} link @param {() => void} redraw puts the words in again */
export function follow(link, redraw) {
  onClick(byId("save-report"), async () => saveReport(await link.ask("report")));
  onClick(byId("save-transcript"), async () => saveTranscript(await link.ask("transcript")));
  onClick(byId("engineer"), async () => (await import("./engineer/drawer.js")).toggle(link));
  const tell = takeFiles(link);
  offerLanguages(() => (redraw(), tell()), () => link.fail({ code: "engine-missing" }));
  workOffline().catch(() => {});
}
