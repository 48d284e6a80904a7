// Owns the connection: where the engine runs, one tab at a time, and coming back after a pulled cable. Draws nothing, says nothing.

import { pageHost, workerHost } from "./hosts.js";
import { choosePort, isSame, refer, serial } from "./ports.js";
import { asProblem } from "./problem.js";
import { stored } from "./stored.js";

/** @typedef {import("./contract.js").PortRef} PortRef */
/** @typedef {import("./contract.js").Problem} Problem */
/** @typedef {import("./contract.js").Release} Release */
/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./hosts.js").Host} Host */

const LOCK = "rackflash-base";
/** A cable can be back before the engine has noticed that it was gone. */
const REPLUG_MS = 3000;
/** A system that has just met a device may take a moment to let anybody open it. */
const REOPEN_MS = 400;
const REOPEN_TRIES = 5;
/** A tab that was just closed may hold its lock for a moment. */
const LOCK_MS = 1500;

/** @type {View} */
const CLOSED = { link: { state: "closed", kind: null, problem: null }, base: null, slots: [], job: null, detecting: false, estimate: null };

export class Link {
  /** @type {(snapshot: Snapshot) => void} */ #onChange;
  /** @type {Promise<Host | null>} */ #worker;
  /** @type {Promise<Host> | null} */ #page = null;
  /** The engine that is spoken to; what another one says is stale. @type {Host | null} */ #active = null;
  /** The port to come back to. @type {PortRef | null} */ #port = null;
  /** Gives the one-tab lock back. @type {(() => void) | null} */ #release = null;
  #pluggedAt = -Infinity;
  /** The person is choosing a port, or a connection is being made. */ #busy = false;
  /** The connection that is being made is not wanted any more: it ends as soon as it stands. */ #unwanted = false;
  /** Shown as connecting before the engine says so: it may still be loading. */ #opening = false;

  #view = CLOSED;
  /** @type {Problem | null} */ #notice = null;
  /** @type {Release | null} */ #offered = null;
  /** @type {Problem | null} */ #releaseProblem = null;

  /** @param {(snapshot: Snapshot) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#worker = workerHost((message) => this.#hear(this.#worker, message)).catch(() => null);
    serial()?.addEventListener("connect", (event) => this.#plugged(/** @type {any} */ (event.target)));
    this.#changed();
  }

  demo() {
    return this.#once(async () => {
      this.#open();
      this.#active = (await this.#worker) ?? (await this.#inPage());
      await this.#active.call("connectDemo");
    });
  }

  /** @param {"granted-first" | "always-ask" | "granted-only"} manner */
  connect(manner) {
    return this.#once(async () => {
      const ports = serial();
      if (!ports) throw barrier();
      const ref = await choosePort(ports, manner);
      if (!ref) throw { code: "no-port-chosen" };
      // A lost connection is not ended first: what it was doing goes on.
      if (!["closed", "lost"].includes(this.#view.link.state)) {
        this.#open();
        await this.ask("disconnect");
      }
      await this.#openPort(ref);
    });
  }

  /** Takes a release that came as a file, instead of this site's. @param {Uint8Array} file @returns {Promise<Release | undefined>} */
  async useFile(file) {
    let taken;
    await this.#once(async () => {
      this.#active = await this.#ours();
      taken = await this.#active.call("useFile", file, remembered());
      remember(taken.counter);
    });
    return taken;
  }

  /** @param {any} error of the page itself, or a problem that a person names */
  fail(error) {
    this.#notice = asProblem(error);
    this.#changed();
  }

  async disconnect() {
    this.#port = null;
    this.#unwanted = this.#busy;
    if (this.#busy) this.#changed();
    else await this.ask("disconnect");
  }

  /** The same port once more: with another engine, maybe. */
  async reconnect() {
    const port = this.#port;
    await this.disconnect();
    if (port) await this.#once(() => this.#openPort(port));
  }

  /** What the engine answers, or throws. @param {string} name @param {...any} args */
  call(name, ...args) {
    return this.#active?.call(name, ...args);
  }

  /** What the engine answers; undefined when it could not, and then there is a notice. @param {string} name @param {...any} args */
  async ask(name, ...args) {
    try {
      return await this.call(name, ...args);
    } catch (error) {
      this.#notice = asProblem(error);
      this.#changed();
    }
  }

  /** @param {PortRef} ref */
  async #openPort(ref) {
    this.#open();
    if (!(await this.#takeLock())) throw { code: "port-busy", holder: "tab" };
    this.#active = await this.#ours();
    this.#port = ref;
    await this.#active.call("connectSerial", ref, remembered(), releaseFolder());
  }

  /** @param {any} port */
  #plugged(port) {
    if (!this.#port || !isSame(port, this.#port)) return;
    this.#pluggedAt = performance.now();
    this.#comeBack();
  }

  /** The base card is back: go on with it, without a click. Asked whenever that may have become true. */
  async #comeBack() {
    const [ports, ref] = [serial(), this.#port];
    if (!ports || !ref || this.#busy || this.#view.link.state !== "lost") return;
    if (performance.now() - this.#pluggedAt > REPLUG_MS) return;
    this.#pluggedAt = -Infinity;
    await this.#once(async () => {
      for (let tries = 1; tries <= REOPEN_TRIES; tries++) {
        const port = (await ports.getPorts()).find((port) => isSame(port, ref));
        if (this.#unwanted) return;
        if (port) await this.#openPort(await refer(ports, port));
        await new Promise((resume) => setTimeout(resume, REOPEN_MS));
        if (port && this.#view.link.problem?.code !== "port-busy") return;
      }
    });
  }

  /** One connection at a time is made. @param {() => Promise<void>} work */
  async #once(work) {
    if (this.#busy) return;
    this.#busy = true;
    this.#notice = null;
    this.#changed();
    try {
      await work();
      // The engine's next view tells; it may have come already.
      const { state, problem } = this.#view.link;
      this.#opening &&= state === "closed" && !problem;
    } catch (error) {
      this.#notice = asProblem(error);
      this.#opening = false;
    }
    if (this.#unwanted) {
      this.#port = null;
      await this.ask("disconnect");
      this.#view = CLOSED;
      this.#opening = false;
    }
    this.#busy = this.#unwanted = false;
    this.#changed();
    this.#comeBack();
  }

  #open() {
    this.#opening = true;
    this.#changed();
  }

  /** The engine for a real rack: in the worker, if that can reach ports. */
  async #ours() {
    const worker = await this.#worker;
    return worker?.hasSerial ? worker : this.#inPage();
  }

  #inPage() {
    this.#page ??= pageHost((message) => this.#hear(/** @type {Promise<Host>} */ (this.#page), message));
    this.#page.catch(() => (this.#page = null));
    return this.#page;
  }

  /** @param {Promise<Host | null>} from @param {any} message */
  async #hear(from, { view, release, releaseProblem, problem }) {
    if ((await from) !== this.#active) return;
    this.#view = view ?? this.#view;
    if (view && !this.#busy) this.#opening = false;
    if (release !== undefined) [this.#offered, this.#releaseProblem] = [release, releaseProblem];
    // From now on nothing older is taken. The demo's is not this site's.
    if (release && this.#port) remember(release.counter);
    this.#notice = problem ?? this.#notice;
    this.#changed();
    this.#comeBack();
  }

  /** One tab at a time talks to the base; the lock ends with the connection, or with the tab. @returns {Promise<boolean>} */
  #takeLock() {
    if (this.#release || !navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(LOCK_MS);
      navigator.locks.request(LOCK, { signal }, () => {
        resolve(true);
        return new Promise((release) => (this.#release = () => release(null)));
      }).catch(() => resolve(!signal.aborted)); // else a browser that gives no locks
    });
  }

  #changed() {
    let view = this.#view;
    if (this.#unwanted) view = CLOSED;
    else if (this.#opening && view.link.state !== "connected") view = { ...view, link: { ...view.link, state: "connecting", problem: null } };
    if (!this.#busy && view.link.state === "closed") {
      this.#release?.();
      this.#release = null;
    }
    this.#onChange({ view, barrier: barrier(), notice: this.#notice, release: this.#offered, releaseProblem: this.#releaseProblem });
  }
}

/** The release that this page carries, or another one of the same site, as whoever embeds it wishes: it is signed. */
const releaseFolder = () => new URLSearchParams(location.search).get("release") ?? "release";

/** The highest counter of the releases that this browser has taken. */
const COUNTER = "rackflash-release-counter";
const remembered = () => Number(stored()?.getItem(COUNTER)) || 0;
/** @param {number} counter */
const remember = (counter) => counter > remembered() && stored()?.setItem(COUNTER, String(counter));

/** Why this browser cannot connect at all. @returns {Problem | null} */
function barrier() {
  return serial() ? null : { code: isSecureContext ? "no-web-serial" : "not-secure" };
}
