// Draws everything around the rack: headline, buttons, progress, notices, the list of what needs a person. Decides nothing.

import { byId, element, setAttribute, setOff, setText, show } from "./dom.js";
import { headline, LAMPS, standing, tally } from "./standing.js";
import { explain, words } from "./words.js";

/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./standing.js").Standing} Standing */

/** Where choosing another port can help. */
const WRONG_PORT = ["silent-port", "not-a-base", "port-busy"];
/** @type {Standing[]} */
const LEGEND = ["outdated", "rescue", "current", "updated", "refused", "failed", "unknown", "gone"];

/** @param {Snapshot} snapshot */
export function drawPage(snapshot) {
  const { view, barrier } = snapshot;
  const { state } = view.link;
  const open = state === "connected" || state === "lost";
  const running = view.job?.state === "running";
  const t = tally(view);

  drawHeadline(snapshot);
  drawNotice(snapshot);
  drawMeter(view);
  drawBase(view);
  drawCare(snapshot);

  show(byId("update"), state === "connected" && (running || view.detecting || t.ready + t.failed > 0));
  setOff(byId("update"), running || t.ready + t.failed === 0);
  show(byId("connect"), !barrier && (state === "closed" || state === "lost"));
  setOff(byId("connect"), snapshot.busy);
  show(byId("demo"), state === "closed");
  setOff(byId("demo"), snapshot.busy);
  show(byId("disconnect"), open);
  show(byId("demo-tag"), view.link.kind === "demo" && state !== "closed");
  show(byId("saves"), snapshot.used);
}

/** @param {Snapshot} snapshot */
function drawHeadline(snapshot) {
  const line = headline(snapshot);
  const first = snapshot.view.link.state === "closed" && !snapshot.busy;
  setAttribute(byId("stage"), "data-stage", first ? "first" : "work");
  setAttribute(byId("case"), "data-stage", first ? "first" : "work");
  show(byId("lead"), first);
  const say = line && /** @type {(...numbers: number[]) => string} */ (words.headline[line.key]);
  setText(byId("status"), say ? say(...(line?.numbers ?? [])) : "");
  setText(byId("hint"), line ? words.hint[line.key] : words.page.intro);
  show(byId("lamp"), line !== null);
  setAttribute(byId("lamp"), "data-lamp", line?.lamp ?? "off");
  const percent = snapshot.view.job?.state === "running" ? `${words.percent(snapshot.view.job?.progress ?? 0)} – ` : "";
  document.title = `${percent}Rackflash`;
}

/** @param {Snapshot} snapshot */
function drawNotice({ view, notice, barrier, busy }) {
  const problem = busy ? null : (view.link.problem ?? notice ?? (view.link.kind === null ? barrier : null));
  show(byId("notice"), problem !== null);
  if (!problem) return;
  const { title, action } = explain(problem);
  setText(byId("notice-title"), title);
  setText(byId("notice-action"), action);
  setAttribute(byId("notice"), "data-code", problem.code);
  setAttribute(byId("notice"), "data-tone", problem === barrier ? "calm" : null);
  setAttribute(byId("notice-icon"), "href", problem.code === "port-lost" || problem === barrier ? "#icon-plug" : "#icon-warn");
  show(byId("another-port"), WRONG_PORT.includes(problem.code) && problem.holder !== "tab");
}

/** The legend of lamps before and after, the bar while it runs: the rack below stays where it is. @param {View} view */
function drawMeter(view) {
  const running = view.job?.state === "running";
  show(byId("under"), view.link.state !== "closed");
  show(byId("meter"), running);
  show(byId("legend"), !running);
  if (!running) return drawLegend(view);
  const done = view.job?.progress ?? 0;
  const left = view.job?.secondsLeft ?? null;
  setAttribute(byId("bar"), "aria-label", words.page.progress);
  setAttribute(byId("bar"), "aria-valuenow", String(Math.floor(done * 100)));
  byId("bar-fill").style.setProperty("--done", String(done));
  setText(byId("percent"), words.percent(done));
  setText(byId("left"), left === null ? "" : words.timeLeft(left));
}

/** @param {View} view */
function drawLegend(view) {
  const t = tally(view);
  const list = byId("legend");
  if (list.childElementCount === 0)
    for (const key of LEGEND) {
      const led = element("span", "led");
      led.dataset.lamp = LAMPS[key];
      list.append(element("li", "", led, element("span")));
    }
  LEGEND.forEach((key, i) => {
    const item = /** @type {HTMLElement} */ (list.children[i]);
    item.hidden = t[key] === 0;
    setText(/** @type {Node} */ (item.lastChild), `${t[key]} ${words.counted[key]}`);
  });
}

/** @param {View} view */
function drawBase({ base, link }) {
  const on = link.state === "connected";
  setAttribute(byId("base-led"), "data-lamp", on ? "green" : link.state === "lost" ? "red" : link.state === "connecting" ? "blue" : "off");
  setAttribute(byId("base"), "data-link", link.state);
  setText(byId("base-name"), base?.name ?? (link.state === "closed" ? words.page.noBase : words.page.noBaseYet));
  const note = link.state === "lost" ? words.page.baseLost : link.kind === "demo" ? words.page.simulated : "";
  setText(byId("base-note"), base && !note ? words.baseFirmware(base.firmware) : note);
}

/** Problems in full sentences, below the rack. @param {Snapshot} snapshot */
function drawCare({ view, imageProblems }) {
  const entries = view.link.state === "closed" ? [] : [
    ...view.slots.flatMap(({ slot, module }) =>
      module?.problem && ["failed", "refused", "gone"].includes(standing(module))
        ? [{ key: module.uid, who: `${module.name}, ${words.slot(slot)}`, problem: module.problem }]
        : []),
    ...imageProblems.map((problem) => ({ key: `${problem.code} ${problem.file}`, who: "", problem })),
  ];
  show(byId("care"), entries.length > 0);
  if (entries.length === 0) return;
  setText(byId("care-title"), words.careTitle(entries.length));
  const list = byId("care-list");
  while (list.childElementCount > entries.length) list.lastElementChild?.remove();
  while (list.childElementCount < entries.length)
    list.append(element("li", "", element("p", "who"), element("p", "what"), element("p", "how")));
  entries.forEach(({ who, problem }, i) => {
    const [whoNode, whatNode, howNode] = list.children[i].children;
    const { title, action } = explain(problem);
    setText(whoNode, who);
    setText(whatNode, title);
    setText(howNode, action);
    setAttribute(list.children[i], "data-code", problem.code);
  });
}
