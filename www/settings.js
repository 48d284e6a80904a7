// Keeps what modules held in their data EEPROM before an update that moves some of it, and says what became of it, in the engine's
// thread. Loaded with a release that moves settings; knows nothing of what they are.

/** As the service worker knows it, which deletes all others. */
const KEPT = "rackflash settings";

/** @typedef {{ give_backup(bytes: Uint8Array): void, kept(bytes: Uint8Array, kept: boolean): void, on_settings(tell: Tell): void }} Engine */
/** @typedef {"keep" | "moved" | "unmoved" | "left"} What */
/** @typedef {(what: What, name?: string, bytes?: Uint8Array) => void} Tell */

/** @param {Engine} engine @param {(message: object) => void} post */
export async function keepSettings(engine, post) {
  // Without it nothing can be kept, and then what moves settings is not installed.
  const cache = await caches.open(KEPT).catch(() => null);
  for (const request of (await cache?.keys()) ?? []) {
    const response = await cache?.match(request);
    if (response) engine.give_backup(new Uint8Array(await response.arrayBuffer()));
  }
  const say = (/** @type {string} */ code, calm = false) => post({ problem: { code, calm } });

  engine.on_settings(async (what, name = "", bytes = new Uint8Array()) => {
    const url = new URL(`settings/${name}`, import.meta.url);
    if (what === "keep") {
      const kept = Boolean(cache) && (await cache?.put(url, new Response(bytes.slice())).then(() => true, () => false));
      if (kept) say("release-settings-saved", true);
      engine.kept(bytes, Boolean(kept));
    } else if (what === "moved") {
      await cache?.delete(url);
      say("release-settings-restored", true);
    } else say(`release-settings-${what}`);
  });
}
