// Draws everything around the rack: headline, buttons, progress, notices. Decides nothing.

import { byId, element, setAttribute, setOff, setText, show } from "./dom.js";
import { HEADLINE_LAMPS, LAMPS, headline, tally } from "./standing.js";
import { explain, inLanguage, words } from "./words.js";

/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./standing.js").Standing} Standing */
/** @typedef {import("./standing.js").Tally} Tally */

/** Where choosing another port can help. */
const WRONG_PORT = ["silent-port", "not-a-base"];
/** What it may be as well, where no browser tells: one click away. */
const OR = /** @type {Record<string, string>} */ ({ "no-port-chosen": "base-not-listed", "port-lost": "rack-off" });
// Only there a group of users may not open what is plugged in.
if (/Linux|CrOS/.test(navigator.userAgent)) OR["port-busy"] = "port-not-permitted";

/** @param {Snapshot} snapshot */
export function drawPage(snapshot) {
  const { view, barrier } = snapshot;
  const { state, kind } = view.link;
  const closed = state === "closed";
  const running = view.job?.state === "running";
  const t = tally(view);
  const toDo = t.ready + t.failed > 0;

  drawHeadline(snapshot, t);
  drawPlan(snapshot, toDo && !running && !view.detecting);
  drawNotice(snapshot);
  drawMeter(view, t);
  drawBase(view);
  drawCare(snapshot);

  show(byId("update"), state === "connected" && (running || view.detecting || toDo));
  // What was not asked for, or has failed, need not wait for the others.
  setOff(byId("update"), view.detecting || !toDo);
  const demo = !closed && kind === "demo";
  show(byId("connect"), !barrier && !demo && (closed || state === "lost"));
  show(byId("demo"), closed);
  show(byId("disconnect"), !closed);
  setText(byId("disconnect"), words.page[demo ? "leaveDemo" : "disconnect"]);
  show(byId("demo-tag"), demo);
  show(byId("break"), demo);
  show(byId("saves"), !closed);
  show(byId("use-file"), !demo && !running);
}

/** @param {Snapshot} snapshot @param {Tally} t */
function drawHeadline({ view, releaseProblem }, t) {
  const key = headline(view, t);
  // Then nobody knows what there is to update.
  const refused = key === "idle" && releaseProblem;
  const [title, hint] = refused ? explain(refused) : key ? [words.headline[key].title(t), words.headline[key].hint] : ["", words.page.intro];
  setAttribute(byId("main"), "class", key ? "" : "first");
  show(byId("lead"), !key);
  setText(byId("status"), title);
  setText(byId("hint"), hint);
  show(byId("lamp"), key !== null);
  if (key) setAttribute(byId("lamp"), "data-lamp", refused ? "red" : HEADLINE_LAMPS[key]);
  document.title = view.job?.state === "running" ? `${words.percent(view.job.progress)} – Rackflash` : "Rackflash";
}

/** What will be installed, and for how long: before anything is. @param {Snapshot} snapshot @param {boolean} wanted */
function drawPlan({ view: { estimate, link }, release }, wanted) {
  const shown = wanted && link.state === "connected" && release !== null && estimate !== null;
  show(byId("plan"), shown);
  if (!shown) return;
  const [what, notes] = byId("plan").children;
  setText(what, words.plan(release.id, estimate));
  setText(notes, inLanguage(release.notes));
}

/** What the problem that is shown may be as well. @type {string | undefined} */
export let other;

/** @param {Snapshot} snapshot */
function drawNotice({ view, notice, barrier }) {
  const problem = notice ?? view.link.problem ?? (view.link.state === "closed" ? barrier : null);
  show(byId("notice"), problem !== null);
  if (!problem) return;
  const [title, action] = explain(problem);
  const calm = problem === barrier || problem.code === "no-port-chosen" || problem.calm === true;
  setText(byId("notice-title"), title);
  setText(byId("notice-action"), action);
  setAttribute(byId("notice"), "data-code", problem.code);
  byId("notice").classList.toggle("calm", calm);
  setAttribute(byId("notice-icon"), "href", calm || problem.code === "port-lost" ? "#icon-plug" : "#icon-warn");
  const { code } = problem;
  other = problem.holder ? "" : OR[code];
  setText(byId("way-out"), other ? words.causes[other] : words.page.anotherPort);
  show(byId("way-out"), Boolean(other) || WRONG_PORT.includes(code));
  import("./pictures.js").then(({ picture }) => picture(byId("notice"), code)).catch(() => {});
}

/** The legend of lamps before and after, the bar while it runs. @param {View} view @param {Tally} t */
function drawMeter({ job, link, slots }, t) {
  const running = job?.state === "running";
  show(byId("under"), slots.length > 0);
  show(byId("meter"), running);
  show(byId("legend"), !running);
  if (!running) return drawLegend(t);
  setAttribute(byId("bar"), "aria-label", words.page.progress);
  setAttribute(byId("bar"), "aria-valuenow", String(Math.floor(job.progress * 100)));
  byId("bar-fill").style.setProperty("--done", String(job.progress));
  setText(byId("percent"), words.percent(job.progress));
  const { secondsLeft } = job;
  setText(byId("left"), link.state === "lost" ? words.page.paused : secondsLeft === null ? "" : words.timeLeft(secondsLeft));
}

/** @param {Tally} t */
function drawLegend(t) {
  const keys = /** @type {Standing[]} */ (Object.keys(LAMPS));
  const items = fitList(byId("legend"), keys.length, () => element("li", "", element("span", "led"), element("span"), element("b")));
  keys.forEach((key, i) => {
    const [led, name, count] = items[i].children;
    show(items[i], t[key] > 0);
    setAttribute(led, "data-lamp", LAMPS[key]);
    setText(name, words.standing[key]);
    setText(count, String(t[key]));
  });
}

/** @param {View} view */
function drawBase({ base, link: { state, kind } }) {
  setAttribute(byId("base-led"), "data-lamp", state === "connected" ? "green" : state === "lost" ? "red" : state === "closed" ? "off" : "blue");
  byId("case").classList.toggle("live", state === "connected");
  setText(byId("base-name"), base?.name ?? (state === "closed" ? words.page.noBase : words.page.noBaseYet));
  const note = state === "lost" ? words.page.baseLost : kind === "demo" ? words.page.simulated : base && words.firmware(base.firmware);
  setText(byId("base-note"), note ?? "");
}

/** @param {Snapshot} snapshot */
function drawCare(snapshot) {
  const { view, releaseProblem } = snapshot;
  if (releaseProblem || view.slots.some(({ module }) => module?.problem)) care ??= import("./care.js");
  care?.then((part) => part.drawCare(snapshot), () => {});
}

/** Loaded with the first problem of a module. @type {Promise<{ drawCare(snapshot: Snapshot): void }> | undefined} */
let care;

/** @param {HTMLElement} list @param {number} length @param {() => HTMLElement} make */
export function fitList(list, length, make) {
  while (list.childElementCount > length) list.lastElementChild?.remove();
  while (list.childElementCount < length) list.append(make());
  return /** @type {HTMLElement[]} */ ([...list.children]);
}
