// The service worker: keeps the whole page on this computer, each file checked by its SHA-256, so that it works without a
// network. A release is fetched anew when it can be: it is signed, and comes out more often than the page.

import { FILES, VERSION } from "./files.js";

const PAGE = `rackflash page ${VERSION}`;
const RELEASE = "rackflash release";
/** What modules held, see settings.js: nobody else has it. */
const SETTINGS = "rackflash settings";
const ROOT = new URL("./", import.meta.url).href;
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep().then(keepRelease)));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));
worker.addEventListener("message", (/** @type {any} */ { data }) => data === "take over" && worker.skipWaiting());
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  const [address] = url.split(/[?#]/);
  if (method !== "GET" || !address.startsWith(ROOT)) return;
  const name = address.slice(ROOT.length) || "index.html";
  if (name in FILES) event.respondWith(kept(name));
  else if (name.startsWith("release/")) event.respondWith(newest(event.request));
});

// "It is done": whoever clicks on that wants to see it.
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(worker.clients.matchAll({ type: "window" }).then((/** @type {any[]} */ [tab]) => tab?.focus()));
});

/** All or nothing: a file that is not what it should be, and the version before stays. */
async function keep() {
  const cache = await caches.open(PAGE);
  await Promise.all(Object.entries(FILES).map(async ([name, integrity]) => {
    const response = await fetch(ROOT + name, { integrity, cache: "no-cache" });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    await cache.put(ROOT + name, response);
  }));
}

/** Whoever connects for the first time may have no network then. Without it the page works all the same. */
async function keepRelease() {
  try {
    const folder = `${ROOT}release/`;
    const [manifest] = await Promise.all(["release.json", "release.json.minisig"].map((name) => newest(new Request(folder + name))));
    const { images } = await manifest.json();
    await Promise.all(images.map((/** @type {{ file: string }} */ { file }) => newest(new Request(folder + file))));
  } catch {
    // Told when it is wanted.
  }
}

async function begin() {
  for (const name of await caches.keys()) if (![PAGE, RELEASE, SETTINGS].includes(name)) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {string} name */
const kept = async (name) => (await (await caches.open(PAGE)).match(ROOT + name)) ?? fetch(ROOT + name);

/** @param {Request} request */
async function newest(request) {
  const cache = await caches.open(RELEASE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const before = await cache.match(request);
    if (before) return before;
    throw error;
  }
}
