// What no visitor waits for, and is joined to the page once it is all there: files, coming and going, and use without a network.

import { byId, onClick, setOff } from "./dom.js";
import { takeFiles } from "./file.js";
import { offerLanguages } from "./languages.js";
import { workOffline } from "./offline.js";
import { saveReport, saveTranscript } from "./save.js";

/** @param {import("./link.js").Link} link @param {() => void} redraw puts the words in again */
export function follow(link, redraw) {
  onClick(byId("save-report"), async () => saveReport(await link.ask("report")));
  onClick(byId("save-transcript"), async () => saveTranscript(await link.ask("transcript")));
  const opener = byId("engineer");
  onClick(opener, async () => {
    setOff(opener, true);
    try {
      (await import("./engineer/drawer.js")).toggle(link);
    } finally {
      setOff(opener, false);
    }
  });
  const tell = takeFiles(link);
  offerLanguages(() => (redraw(), tell()), () => link.fail({ code: "engine-missing" }));
  workOffline().catch(() => {});
}
