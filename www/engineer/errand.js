// One thing asked of one module: moves bytes between the lane that the engine lends and the errand of `tools` that uses it, in the
// engine's thread. Knows neither.

/**
 * @typedef {"identify" | "pageDigests" | "read" | "eepromRead" | "eepromWrite" | "log" | "stop" | "start" | "erase"} Wish
 * @typedef {{ wish: Wish, start?: number, len?: number, bytes?: Uint8Array }} Wished
 */

/** How much of the one that is under way is done, 0 to 1. */
export let progress = 0;

/**
 * @param {any} engine one that lends: `service` or `demo`
 * @param {any} tools
 * @param {string} uid
 * @param {Wished} wished
 * @returns {Promise<Uint8Array>} the answer; or throws a problem
 */
export function run(engine, tools, uid, { wish, start = 0, len = 0, bytes = new Uint8Array() }) {
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let errand;
    /** @type {(() => void) | undefined} */
    let end;
    // The engine has its lane back. It may have before the errand has heard of its end, when the link is lost.
    let over = false;
    // What is pushed may be answered at once, from within.
    let busy = false;
    const goOn = () => {
      if (busy) return;
      busy = true;
      if (!end) {
        try {
          const answer = errand.poll();
          if (answer) end = () => resolve(answer);
        } catch (problem) {
          end = () => reject(problem);
        }
        progress = errand.progress();
        for (let group; (group = errand.next_group()); ) engine.push(group);
        if (end) engine.push(undefined);
        else if (over) end = () => reject({ code: "port-lost" });
      }
      busy = false;
      if (over) end?.();
    };
    const ticket = engine.lend(uid, (/** @type {Uint8Array | undefined} */ said) => {
      if (said) errand.hear(said);
      else over = true;
      // Behind all that comes together.
      queueMicrotask(goOn);
    });
    if (!ticket) throw { code: "module-busy" };
    errand = new tools.Errand(ticket, uid, wish, start, len, bytes);
    progress = 0;
    goOn();
  });
}
