// What the engineer's drawer asks of the engine, in the engine's thread. Draws nothing.

import { held } from "../release.js";
import { progress, run } from "./errand.js";

/** @typedef {import("./errand.js").Wished} Wished */
/** @typedef {{ address: number, bytes: Uint8Array }} Image */
/** @typedef {{ applicationStart: number, flashStart: number, flashLen: number, pageLen: number, erased: number }} Geometry */

/** Whose transcript is followed: another engine has another. */
/** @type {any} */ let followed;
/** @type {any} */ let reader;

/** @type {Record<string, (engine: any, tools: any, ...args: any[]) => unknown>} */
export const calls = {
  /** What was said since the last time, or all that is still known, in words; and what was counted in all. */
  listen(engine, { Reader }, /** @type {number} */ slot, /** @type {boolean} */ fresh) {
    if (!engine) return null;
    if (followed !== engine || fresh) [followed, reader] = [engine, new Reader()];
    const said = reader.read(engine.transcript(reader.next()));
    return { lends: Boolean(engine.lend), said, counts: reader.counts(), sent: slot ? [...reader.pages(slot)] : [] };
  },
  run: (engine, tools, /** @type {string} */ uid, /** @type {Wished} */ wished) => run(engine, tools, uid, wished),
  progress: () => progress,
  facts: async (engine, tools, /** @type {string} */ uid) => tools.facts(await run(engine, tools, uid, { wish: "identify" })),
  /** Of each page what the flash holds, and what it would with this image, or without any. */
  async compare(engine, tools, /** @type {string} */ uid, /** @type {Geometry} */ g, /** @type {Image | null} */ image) {
    const pages = (g.flashStart + g.flashLen - g.applicationStart) / g.pageLen;
    const blank = { address: g.applicationStart, bytes: new Uint8Array([g.erased]) };
    const of = (/** @type {Image} */ { address, bytes }) => [...tools.digests_of(address, bytes, g.applicationStart, pages, g.pageLen, g.erased)];
    const [wanted, erased] = [image && of(image), of(blank)[0]];
    const found = await run(engine, tools, uid, { wish: "pageDigests" });
    return { found: [...new Uint32Array(found.slice().buffer)], wanted, erased };
  },
  /** @returns {Image} */
  readImage(_, { read_image }, /** @type {Uint8Array} */ file, /** @type {number} */ start) {
    const { address, bytes } = read_image(file, start);
    return { address, bytes };
  },
  /** What the release has for this module, in this version. @returns {Image | null} */
  released(engine, tools, /** @type {string} */ version, /** @type {{ vendor: number, type: number, hardware: number, applicationStart: number }} */ { vendor, type, hardware, applicationStart }) {
    const fits = (/** @type {any} */ { hardware: [first, last] }) => first <= hardware && hardware <= last;
    const image = held.find((/** @type {any} */ image) => image.vendor === vendor && image.module_type === type && image.version === version && fits(image));
    return image ? /** @type {Image} */ (calls.readImage(engine, tools, image.bytes, applicationStart)) : null;
  },
  update: (engine, _, /** @type {string} */ uid, /** @type {Image} */ { address, bytes }) => engine.update_with(uid, address, bytes),
};
