// Wraps the wasm engine behind messages, the same in the worker and in the page. Knows no document.
//
//   in   { id, call, args }                       one wish
//   out  { id, result } | { id, problem }         its one answer
//   out  { view }                                 whenever something changed
//   out  { release } | { releaseProblem }         once the release was read, or was not to be trusted

import { findPort, serial } from "./ports.js";
import { asProblem } from "./problem.js";
import { loadRelease } from "./release.js";

/** @typedef {import("./contract.js").PortRef} PortRef */
/** @typedef {(message: { id: number, call: string, args: any[] }) => Promise<void>} Handle */

/**
 * @param {(message: object) => void} post
 * @returns {Promise<Handle>}
 */
export async function startEngine(post) {
  /** Sees to the engine of a folder: who only looks at the page loads none. @param {string} folder @param {string} releases the folder of its release */
  const start = async (folder, releases) => {
    if (started === folder) return;
    const { Engine } = await loadWasm(folder);
    started = folder;
    engine = new Engine((/** @type {object} */ view) => started === folder && post({ view }));
    if (folder === "service") await (await import("./settings.js")).keepSettings(engine, post);
    release = once(async (known) => {
      try {
        post({ release: await take(releases, known), releaseProblem: null });
        return true;
      } catch (error) {
        post({ release: null, releaseProblem: asProblem(error) });
        return false;
      }
    });
  };
  /** What moves settings, the plain engine does not know. @param {string} releases @param {number} known @returns {Promise<object>} */
  const take = async (releases, known) => {
    try {
      return await (stick ? unpack(known) : loadRelease(engine, releases, known));
    } catch (error) {
      if (started !== "pkg" || /** @type {any} */ (error)?.code !== "release-manifest") throw error;
      await calls.disconnect();
      await start((plain = "service"), releases);
      return take(releases, known);
    }
  };
  /** @param {number} known */
  const unpack = async (known) => (await import("./unpack.js")).unpackRelease(engine, (await tools()).split_pack(stick), known);

  let started = "";
  /** The release that came as a file. @type {Uint8Array | undefined} */
  let stick;
  /** The engine for a real rack: `service` lends lanes, too. */
  let plain = "pkg";
  /** @type {any} */
  let engine;
  /** @type {(known: number) => Promise<void>} */
  let release;

  /** Ends when the port is free again. @type {Promise<void> | undefined} */
  let served;

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const calls = {
    async connectDemo() {
      // The same engine with a virtual rack in it, and the firmware for that.
      await start("demo", "demo/release");
      await release(0);
      engine.connect_demo();
    },
    async connectSerial(/** @type {PortRef} */ ref, /** @type {number} */ known, /** @type {string} */ folder) {
      await start(plain, folder);
      await release(known);
      const port = await findPort(/** @type {any} */ (serial()), ref);
      if (!port) throw { code: "port-lost" };
      await new Promise((/** @type {(_: void) => void} */ tried, failed) => {
        served = engine.connect_serial(port, tried);
        served?.catch(failed);
      });
    },
    async useFile(/** @type {Uint8Array} */ file, /** @type {number} */ known) {
      await start(plain, "release");
      const before = stick;
      stick = file;
      try {
        const taken = await take("release", known);
        // From now on the site's own is not asked for.
        release = async () => {};
        post({ release: taken, releaseProblem: null });
        return taken;
      } catch (problem) {
        stick = before;
        throw problem;
      }
    },
    async disconnect() {
      await engine?.disconnect()?.catch(() => {});
      await served;
    },
    update: (/** @type {string | undefined} */ uid) => engine.update(uid),
    harm: (/** @type {string} */ what) => engine.harm(what),
    blink: (/** @type {string} */ uid) => engine.blink(uid),
    report: () => engine.report(),
    transcript: async () => (await tools()).transcript_in_words(engine.transcript(0)),
    /** What only engineers ask. */
    engineer: async (/** @type {string} */ name, /** @type {any[]} */ ...args) => {
      plain = "service";
      return (await import("./engineer/bench.js")).calls[name](engine, await tools(), ...args);
    },
  };

  return async ({ id, call, args }) => {
    try {
      post({ id, result: await calls[call](...args) });
    } catch (error) {
      post({ id, problem: asProblem(error) });
    }
  };
}

/** What few visitors need is loaded when they do. */
const tools = () => (loadedTools ??= loadWasm("tools"));
/** @type {Promise<any> | undefined} */
let loadedTools;

/** Compiled from its bytes, not from the stream: that would want a server that knows the type of a .wasm. @param {string} folder */
async function loadWasm(folder) {
  const file = new URL(`./${folder}/rackflash_web_bg.wasm`, import.meta.url);
  try {
    const [glue, response] = await Promise.all([import(`./${folder}/rackflash_web.js`), fetch(file)]);
    glue.initSync({ module: await WebAssembly.compile(await response.arrayBuffer()) });
    return glue;
  } catch {
    throw { code: "engine-missing" };
  }
}

/** Runs until it succeeded once; what fails may be tried again later. @param {(known: number) => Promise<boolean>} work */
function once(work) {
  /** @type {Promise<boolean> | null} */
  let running = null;
  return async (/** @type {number} */ known) => {
    running ??= work(known);
    if (!(await running)) running = null;
  };
}
