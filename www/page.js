// Draws everything around the rack: headline, buttons, progress, notices, the list of what needs a person. Decides nothing.

import { byId, element, setAttribute, setOff, setText, show } from "./dom.js";
import { HEADLINE_LAMPS, LAMPS, headline, standing, tally } from "./standing.js";
import { explain, words } from "./words.js";

/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./standing.js").Standing} Standing */
/** @typedef {import("./standing.js").Tally} Tally */

/** Where choosing another port can help. */
const WRONG_PORT = ["silent-port", "not-a-base", "port-busy"];

/** @param {Snapshot} snapshot */
export function drawPage(snapshot) {
  const { view, barrier } = snapshot;
  const { state, kind } = view.link;
  const closed = state === "closed";
  const running = view.job?.state === "running";
  const t = tally(view);
  const toDo = t.ready + t.failed > 0;

  drawHeadline(snapshot, t);
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
}

/** @param {Snapshot} snapshot @param {Tally} t */
function drawHeadline(snapshot, t) {
  const key = headline(snapshot.view, t);
  const { job } = snapshot.view;
  setAttribute(byId("main"), "class", key ? "" : "first");
  show(byId("lead"), !key);
  setText(byId("status"), key ? words.headline[key].title(t) : "");
  setText(byId("hint"), key ? words.headline[key].hint : words.page.intro);
  show(byId("lamp"), key !== null);
  if (key) setAttribute(byId("lamp"), "data-lamp", HEADLINE_LAMPS[key]);
  document.title = job?.state === "running" ? `${words.percent(job.progress)} – Rackflash` : "Rackflash";
}

/** @param {Snapshot} snapshot */
function drawNotice({ view, notice, barrier }) {
  const problem = notice ?? view.link.problem ?? (view.link.state === "closed" ? barrier : null);
  show(byId("notice"), problem !== null);
  if (!problem) return;
  const [title, action] = explain(problem);
  const calm = problem === barrier || problem.code === "no-port-chosen";
  setText(byId("notice-title"), title);
  setText(byId("notice-action"), action);
  setAttribute(byId("notice"), "data-code", problem.code);
  byId("notice").classList.toggle("calm", calm);
  setAttribute(byId("notice-icon"), "href", calm || problem.code === "port-lost" ? "#icon-plug" : "#icon-warn");
  show(byId("another-port"), WRONG_PORT.includes(problem.code) && !problem.holder);
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

/** Problems in full sentences, below the rack. @param {Snapshot} snapshot */
function drawCare({ view, releaseProblem }) {
  /** @type {[who: string, Problem][]} */
  const entries = [];
  for (const { slot, module } of view.slots)
    // Of a bus the notice tells, once for all.
    if (module?.problem && standing(module) !== "unknown" && module.problem.code !== view.link.problem?.code) entries.push([`${module.name}, ${words.slot(slot)}`, module.problem]);
  if (releaseProblem) entries.push(["", releaseProblem]);
  const shown = view.link.state === "connected" && entries.length > 0;
  show(byId("care"), shown);
  if (!shown) return;
  setText(byId("care-title"), words.careTitle(entries.length));
  const items = fitList(byId("care-list"), entries.length, () => element("li", "", element("p", "who"), element("p", "what"), element("p", "how")));
  entries.forEach(([who, problem], i) => {
    setAttribute(items[i], "data-code", problem.code);
    [who, ...explain(problem)].forEach((text, line) => setText(items[i].children[line], text));
  });
}

/** @param {HTMLElement} list @param {number} length @param {() => HTMLElement} make */
function fitList(list, length, make) {
  while (list.childElementCount > length) list.lastElementChild?.remove();
  while (list.childElementCount < length) list.append(make());
  return /** @type {HTMLElement[]} */ ([...list.children]);
}
