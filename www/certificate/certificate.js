// The record of an update, to be printed or kept: what was proven of each module, and by which release and page. Loaded when
// somebody wants it. Claims nothing that the report does not prove.

import { byId, element, onClick } from "../dom.js";
import { definitions, row } from "../lists.js";
import { save, stamp } from "../save.js";
import { later, learnLater, words } from "../words.js";

/** @typedef {{ serial: string, uid: string, name: string, slot: number | null, from: string | null, to: string | null, outcome: string, proof: { digest: string, len: number } | null }} Proven */

/**
 * @param {{ base: string | null, modules: Proven[] } | undefined} report undefined: the engine had none to give, and the page says why
 * @param {import("../contract.js").Release | null} release
 */
export async function openCertificate(report, release) {
  if (!report) return;
  const record = {
    format: "rackflash-certificate/1",
    time: new Date().toISOString(),
    page: await pageVersion(),
    release: release && { id: release.id, number: release.counter, channel: release.channel },
    base: report.base,
    // What was current already has been read back, too.
    modules: report.modules.sort((a, b) => (a.slot ?? Infinity) - (b.slot ?? Infinity)).flatMap(({ serial, uid, name, slot, from, to, outcome, proof }) =>
      proof ? [{ serial, uid, name, slot, from, to, outcome, digest: proof.digest, bytes: proof.len, provenBy: "read back" }] : []),
  };
  await learnLater();
  style();
  byId("certificate")?.remove();
  const draw = () =>
    drawSheet(record, () => {
      byId("certificate").remove();
      byId("certify").focus();
    });
  const sheet = draw();
  byId("main").append(sheet);
  retell = () => byId("certificate")?.replaceWith(draw());
  sheet.scrollIntoView({ block: "start" });
  sheet.focus({ preventScroll: true });
}

/** Puts the words of the one that is open in again, after another language was chosen. */
let retell = () => {};
new MutationObserver(() => retell()).observe(document.documentElement, { attributeFilter: ["lang"] });

/** @typedef {Omit<Proven, "proof"> & { digest: string, bytes: number }} Line */

/** @param {{ time: string, page: string | null, release: { id: string, number: number } | null, base: string | null, modules: Line[] }} record @param {() => void} close */
function drawSheet(record, close) {
  const w = later.certificate;
  const { release, base, page, time } = record;
  /** @type {[string, string][]} */
  const facts = [[w.time, new Date(time).toLocaleString(words.language, { dateStyle: "long", timeStyle: "medium" })]];
  if (release) facts.unshift([w.release, w.number(release.id, release.number)]);
  if (base) facts.push([w.base, base]);
  if (page) facts.push([w.page, page]);

  const bytes = new Intl.NumberFormat(words.language);
  const rows = record.modules.map((m) =>
    row("td", [String(m.slot ?? "–"), m.name, m.serial, m.uid, m.from ?? "–", m.to ?? "–", m.digest, bytes.format(m.bytes)]));
  rows.forEach((line) => [...line.children].forEach((cell, i) => cell.setAttribute("data-head", w.columns[i])));

  const [print, keep, shut] = [w.print, w.save, w.close].map((label) => element("button", "button small", label));
  onClick(print, () => globalThis.print());
  onClick(keep, () => save(`rackflash-certificate-${stamp()}.json`, "application/json", JSON.stringify(record, null, 2)));
  onClick(shut, close);

  const title = element("h2", "", w.title);
  title.id = "certificate-title";
  const sheet = element("section", "certificate",
    element("div", "certificate-head", title, element("div", "actions", print, keep, shut)),
    element("dl", "", ...definitions(facts)),
    element("p", "hint", w.proof),
    element("table", "", element("thead", "", row("th", w.columns)), element("tbody", "", ...rows)));
  sheet.id = "certificate";
  sheet.tabIndex = -1;
  sheet.setAttribute("aria-labelledby", title.id);
  return sheet;
}

/** Which page it was; a page that nobody built has none. @returns {Promise<string | null>} */
const pageVersion = () => import("../files.js").then(({ VERSION }) => VERSION, () => null);

function style() {
  if (document.querySelector("link[href='certificate/certificate.css']")) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = "certificate/certificate.css";
  document.head.append(link);
}
