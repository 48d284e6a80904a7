// The two places an engine can live: a dedicated worker, or the page itself. Both speak the messages of engine.js.

import { startEngine } from "./engine.js";
import { workerUrl } from "./trusted.js";

/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {{ hasSerial: boolean, call: (name: string, ...args: any[]) => Promise<any> }} Host */
/** @typedef {(message: any) => void} Listener gets what is no answer: `view`, `release`, `releaseProblem`, `problem` */

/**
 * @param {Listener} listener
 * @returns {Promise<Host | null>} null where module workers do not exist
 */
export function workerHost(listener) {
  return new Promise((resolve) => {
    const worker = new Worker(workerUrl("./worker.js"), { type: "module", name: "rackflash" });
    const { call, receive } = correspondence((message) => worker.postMessage(message), listener);
    worker.addEventListener("error", () => resolve(null));
    worker.addEventListener("message", ({ data }) => {
      if (data.hello) resolve({ hasSerial: data.hello.serial, call });
      else receive(data);
    });
  });
}

/** @param {Listener} listener @returns {Promise<Host>} */
export async function pageHost(listener) {
  /** @type {import("./engine.js").Handle} */
  let handle;
  const { call, receive } = correspondence((message) => handle(message), listener);
  handle = await startEngine(receive);
  return { hasSerial: "serial" in navigator, call };
}

/**
 * Pairs each call with its one answer and hands on everything else.
 * @param {(message: any) => void} send
 * @param {Listener} listener
 */
function correspondence(send, listener) {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (problem: Problem) => void }>} */
  const open = new Map();
  let last = 0;
  return {
    call: (/** @type {string} */ call, /** @type {any[]} */ ...args) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        open.set(id, { resolve, reject });
        send({ id, call, args });
      }),
    receive(/** @type {any} */ message) {
      if (message.id === undefined) return listener(message);
      const waiting = open.get(message.id);
      open.delete(message.id);
      if (message.problem) waiting?.reject(message.problem);
      else waiting?.resolve(message.result);
    },
  };
}
