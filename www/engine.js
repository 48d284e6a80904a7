// Wraps the wasm engine behind messages, the same in the worker and in the page. Knows no document.
//
//   in   { id, call, args }                       one wish
//   out  { id, result } | { id, problem }         its one answer
//   out  { view }                                 whenever something changed
//   out  { imageProblems }                        once the firmware files were read

import { loadImages } from "./images.js";
import { findPort, serial } from "./ports.js";
import { asProblem } from "./problem.js";

/** @typedef {import("./contract.js").PortRef} PortRef */
/** @typedef {(message: { id: number, call: string, args: any[] }) => Promise<void>} Handle */

/**
 * @param {(message: object) => void} post
 * @returns {Promise<Handle>}
 */
export async function startEngine(post) {
  /** Starts the engine of a folder. @param {string} folder */
  const start = async (folder) => {
    const Engine = await loadEngine(folder).catch(missing);
    engine = new Engine((/** @type {object} */ view) => post({ view }));
    images = once(async () => {
      const imageProblems = await loadImages((bytes) => engine.add_image(bytes));
      post({ imageProblems });
      return !imageProblems.some(({ code }) => code.endsWith("-missing"));
    });
  };
  /** @type {any} */
  let engine;
  /** @type {() => Promise<void>} */
  let images;
  await start("pkg");

  /** Ends when the port is free again. @type {Promise<void> | undefined} */
  let served;

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const calls = {
    async connectDemo() {
      // The same engine with a virtual rack in it, which serves from then on.
      if (!engine.connect_demo) await start("demo");
      await images();
      engine.connect_demo();
    },
    async connectSerial(/** @type {PortRef} */ ref) {
      await images();
      const port = await findPort(/** @type {any} */ (serial()), ref);
      if (!port) throw { code: "port-lost" };
      await new Promise((/** @type {(_: void) => void} */ tried, failed) => {
        served = engine.connect_serial(port, tried);
        served?.catch(failed);
      });
    },
    async disconnect() {
      await engine.disconnect()?.catch(() => {});
      await served;
    },
    update: (/** @type {string | undefined} */ uid) => engine.update(uid),
    harm: (/** @type {string} */ what) => engine.harm(what),
    blink: (/** @type {string} */ uid) => engine.blink(uid),
    report: () => engine.report(),
    transcript: () => engine.transcript(),
  };

  return async ({ id, call, args }) => {
    try {
      post({ id, result: await calls[call](...args) });
    } catch (error) {
      post({ id, problem: asProblem(error) });
    }
  };
}

/** Compiled from its bytes, not from the stream: that would want a server that knows the type of a .wasm. */
async function loadEngine(/** @type {string} */ folder) {
  const file = new URL(`./${folder}/rackflash_web_bg.wasm`, import.meta.url);
  const [{ initSync, Engine }, response] = await Promise.all([import(`./${folder}/rackflash_web.js`), fetch(file)]);
  initSync({ module: await WebAssembly.compile(await response.arrayBuffer()) });
  return Engine;
}

/** @returns {never} */
function missing() {
  throw { code: "engine-missing" };
}

/** Runs until it succeeded once; what fails may be tried again later. @param {() => Promise<boolean>} work */
function once(work) {
  /** @type {Promise<boolean> | null} */
  let running = null;
  return async () => {
    running ??= work();
    if (!(await running)) running = null;
  };
}
