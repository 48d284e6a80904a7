// Starts the page: joins the link to the drawing and the buttons to the link.

import { byId, isOff } from "./dom.js";
import { Link } from "./link.js";
import { drawPage } from "./page.js";
import { Rack } from "./rack.js";
import { saveReport, saveTranscript } from "./save.js";
import { fillIn } from "./words.js";

fillIn(document);

const rack = new Rack(byId("rack"), {
  blink: (uid) => link.blink(uid),
  retry: (uid) => link.update([uid]),
});

const link = new Link((snapshot) => {
  rack.draw(snapshot.view);
  drawPage(snapshot);
  guard(snapshot.view.job?.state === "running");
});

onClick("connect", () => link.connect("granted-first"));
onClick("another-port", () => link.connect("always-ask"));
onClick("demo", () => link.demo());
onClick("update", () => link.update());
onClick("disconnect", () => link.disconnect());
onClick("save-report", async () => {
  const report = await link.report();
  if (report) saveReport(report);
});
onClick("save-transcript", async () => {
  const transcript = await link.transcript();
  if (transcript !== undefined) saveTranscript(transcript);
});

/** @param {string} id @param {() => void} action */
function onClick(id, action) {
  const button = byId(id);
  button.addEventListener("click", () => isOff(button) || action());
}

/** While modules are being written, leaving the page asks first. @param {boolean} writing */
function guard(writing) {
  (writing ? addEventListener : removeEventListener)("beforeunload", ask);
}

/** @param {Event} event */
function ask(event) {
  event.preventDefault();
}
