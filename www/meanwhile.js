// While an update runs: keeps the computer awake as long as the base needs the page, and tells somebody who looks elsewhere
// when it is done, if they have asked for that. Afterwards there is a certificate. Loaded with the first update.

import { byId, onClick, show } from "./dom.js";

/** What a browser gives that keeps it awake. @type {{ release(): Promise<void>, released: boolean } | null} */
let lock = null;
let [needed, asking, running] = [false, false, false];
/** A person has asked to be told. */
let armed = false;

/** @type {{ ask(name: string): Promise<any> }} */
let engine;
/** @type {import("./contract.js").Release | null} */
let release = null;

/** @param {typeof engine} link @param {import("./contract.js").Snapshot} snapshot */
export function follow(link, { view: { job, slots }, release: offered }) {
  [engine, release] = [link, offered];
  show(byId("certify"), job?.state === "finished" && slots.some(({ module }) => module?.phase === "updated"));
  needed = job?.state === "running" && !job.onBase;
  stayAwake();
  if (running && job?.state === "finished") tell();
  running = job?.state === "running";
  show(byId("tell"), running && !armed && "Notification" in globalThis && Notification.permission !== "denied");
}

/** A browser takes it away from a tab that is hidden. */
addEventListener("visibilitychange", stayAwake);

async function stayAwake() {
  const { wakeLock } = /** @type {any} */ (navigator);
  if (!needed) {
    lock?.release().catch(() => {});
    lock = null;
  } else if ((!lock || lock.released) && !asking && wakeLock && document.visibilityState === "visible") {
    asking = true;
    // On low battery a browser says no: then the screen may go dark, and no harm is done.
    lock = await wakeLock.request("screen").catch(() => null);
    asking = false;
    if (!needed) stayAwake();
  }
}

onClick(byId("tell"), async () => {
  armed = (await Notification.requestPermission()) === "granted";
  show(byId("tell"), false);
});

onClick(byId("certify"), async () => {
  const { openCertificate } = await import("./certificate/certificate.js");
  openCertificate(await engine.ask("report"), release);
});

async function tell() {
  if (!armed || document.visibilityState === "visible") return;
  const body = byId("status").textContent ?? "";
  const options = { body, icon: "icon.svg", tag: "rackflash" };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.active) await registration.showNotification("Rackflash", options);
  else new Notification("Rackflash", options).onclick = () => focus();
}
