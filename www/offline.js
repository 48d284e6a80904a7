// Makes the page work without a network, and takes a newer page when nothing is connected yet.

import { workerUrl } from "./trusted.js";

/** Ends when it is known whether there is a newer page; then that one is shown. */
export async function workOffline() {
  const { serviceWorker } = navigator;
  const registration = await serviceWorker?.register(workerUrl("./service-worker.js"), { type: "module", updateViaCache: "none" });
  if (!registration?.waiting || !serviceWorker.controller) return;
  serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage("take over");
}
