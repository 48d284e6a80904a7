// The one policy for Trusted Types: it knows this page's own two workers, and makes no other address.

const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("rackflash", { createScriptURL: (/** @type {string} */ url) => url });

/** @param {"./worker.js" | "./service-worker.js"} name @returns {string} */
export function workerUrl(name) {
  const { href } = new URL(name, import.meta.url);
  return policy?.createScriptURL(href) ?? href;
}
