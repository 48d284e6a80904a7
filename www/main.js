// Starts the page: joins the link to the drawing, and the buttons to the link.

import { byId, onClick } from "./dom.js";
import { Link } from "./link.js";
import { drawPage } from "./page.js";
import { Rack } from "./rack.js";
import { saveReport, saveTranscript } from "./save.js";
import { steady } from "./standing.js";
import { fillIn } from "./words.js";

fillIn();

const rack = new Rack(byId("rack"), byId("main"), {
  blink: (uid) => link.ask("blink", uid),
  retry: (uid) => link.ask("update", uid),
});

const link = new Link((snapshot) => {
  const view = steady(snapshot.view);
  drawPage({ ...snapshot, view });
  rack.draw(view);
  // While modules are being written, leaving the page asks first.
  onbeforeunload = view.job?.state === "running" ? (event) => event.preventDefault() : null;
});

// A fault of this page must not look like a rack that stands still. The first is enough: showing it may be what fails.
let failed = false;
for (const type of ["error", "unhandledrejection"])
  addEventListener(type, (/** @type {any} */ event) => {
    // Without an error it is only a late ResizeObserver.
    const error = event.error ?? event.reason;
    if (failed || !error) return;
    failed = true;
    link.fail(error);
  });

onClick(byId("connect"), () => link.connect("granted-first"));
onClick(byId("another-port"), () => link.connect("always-ask"));
onClick(byId("demo"), () => link.demo());
onClick(byId("update"), () => link.ask("update"));
onClick(byId("disconnect"), () => link.disconnect());
onClick(byId("save-report"), async () => saveReport(await link.ask("report")));
onClick(byId("save-transcript"), async () => saveTranscript(await link.ask("transcript")));
