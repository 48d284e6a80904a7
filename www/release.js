// Fetches a release of this site and hands it to the engine: signature first, then what it signs, then the images it
// names. Believes nothing by itself.

import { asProblem } from "./problem.js";

/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {import("./contract.js").Release} Release */

/**
 * @typedef {{ open_release(manifest: Uint8Array, signature: Uint8Array, known: number, today: string): Promise<void>, add_file(bytes: Uint8Array): Promise<void> }} Engine throws a Problem at what may not be taken
 */

/** The images of the last one that was taken. @type {(Release["images"][number] & { bytes: Uint8Array })[]} */
export let held = [];

/**
 * @param {Engine} engine
 * @param {string} folder
 * @param {number} known the highest counter that this browser has seen
 * @returns {Promise<Release>}
 */
export async function loadRelease(engine, folder, known) {
  const [manifest, signature] = await Promise.all(["release.json", "release.json.minisig"].map((file) => get(folder, file)));
  return takeRelease(engine, { manifest, signature }, known, ({ images }) => Promise.all(images.map(({ file }) => get(folder, file))));
}

/**
 * @param {Engine} engine
 * @param {{ manifest: Uint8Array, signature: Uint8Array }} signed
 * @param {number} known
 * @param {(release: Release) => Uint8Array[] | Promise<Uint8Array[]>} images
 * @returns {Promise<Release>}
 */
export async function takeRelease(engine, { manifest, signature }, known, images) {
  await engine.open_release(manifest, signature, known, today());
  /** @type {Release} */
  const release = JSON.parse(new TextDecoder().decode(manifest));
  const files = await images(release);
  for (const [i, { file }] of release.images.entries())
    await engine.add_file(files[i]).catch((/** @type {any} */ error) => {
      throw { file, ...asProblem(error) };
    });
  held = release.images.map((image, i) => ({ ...image, bytes: files[i] }));
  return release;
}

/** In this computer's own time. */
const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** @param {string} folder @param {string} file */
async function get(folder, file) {
  const response = await fetch(new URL(file, new URL(`${folder}/`, import.meta.url))).catch(() => null);
  if (!response?.ok) throw { code: "release-missing", file };
  return new Uint8Array(await response.arrayBuffer());
}
