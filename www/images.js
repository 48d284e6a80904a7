// Fetches the firmware images this site carries and hands them to the engine. A bad one is reported and left out, never fatal.

import { asProblem } from "./problem.js";

/** @typedef {import("./contract.js").Problem} Problem */

const FOLDER = new URL("./images/", import.meta.url);

/**
 * @param {(bytes: Uint8Array) => void} add throws a Problem when the engine will not have it
 * @returns {Promise<Problem[]>}
 */
export async function loadImages(add) {
  /** @type {{ file: string }[]} */
  let index;
  try {
    index = await (await get("index.json")).json();
  } catch {
    return [{ code: "images-missing" }];
  }
  const loaded = await Promise.all(index.map(({ file }) => load(file, add)));
  return loaded.filter((problem) => problem !== null);
}

/**
 * @param {string} file
 * @param {(bytes: Uint8Array) => void} add
 * @returns {Promise<Problem | null>}
 */
async function load(file, add) {
  let bytes;
  try {
    bytes = new Uint8Array(await (await get(file)).arrayBuffer());
  } catch {
    return { code: "image-missing", file };
  }
  try {
    add(bytes);
    return null;
  } catch (error) {
    return { file, ...asProblem(error) };
  }
}

/** @param {string} file */
async function get(file) {
  const response = await fetch(new URL(file, FOLDER));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return response;
}
