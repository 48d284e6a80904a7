// Starts the page: joins the link to the drawing, and the buttons to the link.

import { byId, onClick, show } from "./dom.js";
import { Link } from "./link.js";
import { drawPage, other } from "./page.js";
import { Rack } from "./rack.js";
import { steady } from "./standing.js";
import { fillIn, later, learnLater } from "./words.js";

fillIn();

const wishes = new URLSearchParams(location.search);

const rack = new Rack(byId("rack"), byId("main"), {
  blink: (uid) => link.ask("blink", uid),
  retry: (uid) => link.ask("update", uid),
});

const [opener, drawer] = [byId("break"), byId("drawer")];
/** What the page shows. @type {import("./contract.js").Snapshot} */
export let drawn;
/** Who else looks after the page: at a stand, or in another page. @type {((snapshot: import("./contract.js").Snapshot) => void) | undefined} */
let keeper;
const tellKeeper = () => keeper?.(drawn);
/** Loaded with the first update. @type {Promise<typeof import("./meanwhile.js")> | undefined} */
let meanwhile;
/** Puts the drawer's words in again. */
let retell = () => {};

const link = new Link(draw);

/** @param {import("./contract.js").Snapshot} snapshot */
function draw(snapshot) {
  const view = steady(snapshot.view);
  drawn = { ...snapshot, view };
  drawPage(drawn);
  if (!later && [drawn.releaseProblem, drawn.notice].some((problem) => problem?.code.startsWith("release-"))) learnLater().then(() => draw(drawn), () => {});
  // Another demo starts whole.
  if (opener.hidden) closeDrawer(), drawer.replaceChildren();
  rack.draw(view);
  tellKeeper();
  if (view.job?.state === "running") meanwhile ??= import("./meanwhile.js");
  meanwhile?.then(({ follow }) => follow(link, drawn), () => {});
  // While modules are being written, leaving the page asks first, unless the base does the rest alone.
  onbeforeunload = !wishes.has("kiosk") && view.job?.state === "running" && !view.job.onBase ? (event) => event.preventDefault() : null;
}

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

function closeDrawer() {
  opener.ariaExpanded = "false";
  show(drawer, false);
}

onClick(opener, async () => {
  if (!drawer.hidden) return closeDrawer();
  const [{ drawerContents }] = await Promise.all([import("./demo/drawer.js"), learnLater()]);
  const nameAt = (/** @type {number} */ n) => drawn.view.slots.find(({ slot }) => slot === n)?.module?.name ?? "";
  if (!drawer.hasChildNodes()) retell = drawerContents(drawer, (harm) => link.ask("harm", harm), nameAt);
  opener.ariaExpanded = "true";
  show(drawer, true);
});
onClick(byId("connect"), () => link.connect("granted-first"));
onClick(byId("way-out"), () => (other ? link.fail({ code: other }) : link.connect("always-ask")));
onClick(byId("demo"), () => link.demo());
onClick(byId("update"), () => link.ask("update"));
onClick(byId("disconnect"), () => link.disconnect());

if (wishes.has("kiosk") || wishes.has("embed")) await learnLater();
if (wishes.has("kiosk")) keeper = (await import("./kiosk/kiosk.js")).startKiosk(link, wishes);
else if (wishes.has("embed")) keeper = (await import("./embed/framed.js")).startFramed(link);
tellKeeper();

// Behind everything that a visitor waits for.
const behind = async () => (await import("./behind.js")).follow(link, () => {
  fillIn();
  retell();
  draw(drawn);
});
// It may have been there before the words were.
if (document.readyState === "complete") behind();
else addEventListener("load", behind, { once: true });
