// Owns the connection: where the engine runs, one tab at a time, and coming back after a pulled cable. Draws nothing, says nothing.

import { pageHost, workerHost } from "./hosts.js";
import { choosePort, isSame, refer, serial } from "./ports.js";
import { asProblem } from "./problem.js";

/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {import("./contract.js").PortRef} PortRef */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {import("./hosts.js").Host} Host */

const LOCK = "rackflash-base";
/** A cable can be back before the engine has noticed that it was gone. */
const REPLUG_MS = 3000;

/** @type {View} */
const NOTHING = {
  link: { state: "closed", kind: null, problem: null },
  base: null,
  slots: [],
  job: null,
  counts: { modules: 0, outdated: 0, current: 0, updated: 0, refused: 0, failed: 0, writing: 0 },
  detecting: false,
};

export class Link {
  /** @type {(snapshot: Snapshot) => void} */ #onChange;
  /** @type {Snapshot} */ #now = { view: NOTHING, barrier: barrier(), notice: null, imageProblems: [], busy: false, used: false };
  /** @type {Promise<Host | null>} */ #worker;
  /** @type {Promise<Host> | null} */ #page = null;
  /** The engine that is spoken to; views of another one are stale. @type {Host | null} */ #active = null;
  /** @type {PortRef | null} */ #port = null;
  /** @type {(() => void) | null} */ #release = null;
  #pluggedAt = -Infinity;

  /** @param {(snapshot: Snapshot) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#worker = workerHost((message) => this.#hear(this.#worker, message)).catch(() => null);
    serial()?.addEventListener("connect", (event) => this.#plugged(/** @type {any} */ (event.target)));
    this.#change({});
  }

  demo() {
    return this.#connecting(async () => {
      const host = (await this.#worker) ?? (await this.#inPage());
      this.#active = host;
      await host.call("connectDemo");
    });
  }

  /** @param {"granted-first" | "always-ask"} manner */
  connect(manner) {
    return this.#connecting(async () => {
      const ports = serial();
      if (!ports) throw barrier();
      const ref = await choosePort(ports, manner);
      if (!ref) throw { code: "no-port-chosen" };
      await this.#open(ref);
    });
  }

  async disconnect() {
    this.#port = null;
    await this.#ask("disconnect");
  }

  /** @param {string[]} [uids] none: all that need it */
  update(uids) {
    return this.#ask("update", uids);
  }

  /** @param {string} uid */
  blink(uid) {
    return this.#ask("blink", uid);
  }

  /** @returns {Promise<object | undefined>} */
  report() {
    return this.#ask("report");
  }

  /** @returns {Promise<string | undefined>} */
  transcript() {
    return this.#ask("transcript");
  }

  /** @param {PortRef} ref */
  async #open(ref) {
    if (!(await this.#takeLock())) throw { code: "port-busy", holder: "tab" };
    const worker = await this.#worker;
    const host = worker?.hasSerial ? worker : await this.#inPage();
    this.#active = host;
    this.#port = ref;
    await host.call("connectSerial", ref);
  }

  /** The base card is back: go on with it, without a click. @param {any} port */
  async #plugged(port) {
    this.#pluggedAt = performance.now();
    const ports = serial();
    if (!ports || !this.#port || this.#now.view.link.state !== "lost" || this.#now.busy || !isSame(port, this.#port)) return;
    await this.#connecting(async () => this.#open(await refer(ports, port)));
  }

  /** It may have come back before the engine missed it. */
  async #lost() {
    const ports = serial();
    if (!ports || !this.#port || performance.now() - this.#pluggedAt > REPLUG_MS) return;
    this.#pluggedAt = -Infinity;
    const ref = this.#port;
    const port = (await ports.getPorts()).find((port) => isSame(port, ref));
    if (port) await this.#plugged(port);
  }

  /** @param {() => Promise<void>} work */
  async #connecting(work) {
    if (this.#now.busy) return;
    this.#change({ busy: true, notice: null });
    /** @type {Problem | null} */
    let notice = null;
    try {
      await work();
    } catch (error) {
      notice = asProblem(error);
    }
    this.#change({ busy: false, notice, used: this.#active !== null });
    this.#settle();
  }

  /** @param {string} name @param {...any} args */
  async #ask(name, ...args) {
    try {
      return await this.#active?.call(name, ...args);
    } catch (error) {
      this.#change({ notice: asProblem(error) });
    }
  }

  #inPage() {
    this.#page ??= pageHost((message) => this.#hear(/** @type {Promise<Host>} */ (this.#page), message));
    this.#page.catch(() => (this.#page = null));
    return this.#page;
  }

  /** @param {Promise<Host | null>} from @param {any} message */
  async #hear(from, message) {
    if ((await from) !== this.#active) return;
    if (message.problem) this.#change({ notice: message.problem });
    if (message.imageProblems) this.#change({ imageProblems: message.imageProblems });
    if (!message.view) return;
    const before = this.#now.view.link.state;
    this.#change({ view: message.view });
    this.#settle();
    if (message.view.link.state === "lost" && before !== "lost") this.#lost();
  }

  /** One tab at a time talks to the base; the lock ends with the connection, or with the tab. @returns {Promise<boolean>} */
  #takeLock() {
    if (this.#release || !navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => (this.#release = () => release(undefined)));
      });
    });
  }

  /** Gives the lock back once nothing is open and nothing is being opened. */
  #settle() {
    if (this.#now.busy || this.#now.view.link.state !== "closed") return;
    this.#release?.();
    this.#release = null;
  }

  /** @param {Partial<Snapshot>} difference */
  #change(difference) {
    this.#now = { ...this.#now, ...difference };
    this.#onChange(this.#now);
  }
}

/** Why this browser cannot connect at all. @returns {Problem | null} */
function barrier() {
  if (serial()) return null;
  return { code: isSecureContext ? "no-web-serial" : "not-secure" };
}
