// Takes a release that came as one file. Loaded when there is one; believes nothing by itself.

import { takeRelease } from "./release.js";

/**
 * @param {import("./release.js").Engine} engine
 * @param {{ manifest: Uint8Array, signature: Uint8Array, images: Uint8Array }} pack all images one behind the other
 * @param {number} known the highest counter that this browser has seen
 */
export const unpackRelease = (engine, pack, known) => takeRelease(engine, pack, known, (release) => {
  let end = 0;
  const files = release.images.map(({ len }) => pack.images.slice(end, (end += len)));
  if (end !== pack.images.length) throw { code: "release-pack-form" };
  return files;
});
