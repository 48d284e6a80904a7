// The shapes the page and its engine exchange. Types only: nothing here runs, nothing loads it.

/**
 * Why something did not go as wished. Carries no sentences: those live in words/.
 * @typedef {{ code: string, [detail: string]: any }} Problem
 *
 * @typedef {"idle" | "waiting" | "comparing" | "writing" | "verifying" | "starting" | "updated" | "current" | "refused" | "failed"} Phase
 *
 * @typedef {object} Module
 * @property {string} uid
 * @property {string} name
 * @property {number} vendor
 * @property {number} type
 * @property {number} hardware
 * @property {string} serial        short form, for people
 * @property {"application" | "loader"} state
 * @property {string | null} why    why it waits in its loader
 * @property {string | null} installed
 * @property {string | null} available
 * @property {Phase} phase
 * @property {number} progress      0 to 1
 * @property {Problem | null} problem
 * @property {boolean} gone         was here, now unplugged
 *
 * @typedef {{ slot: number | null, bus: number, address: number, module: Module | null }} Slot
 *
 * @typedef {{ state: "closed" | "connecting" | "connected" | "lost", kind: "serial" | "demo" | null, problem: Problem | null }} LinkView
 *
 * @typedef {object} View
 * @property {LinkView} link
 * @property {{ name: string, firmware: string } | null} base
 * @property {Slot[]} slots         rack order; modules at no known slot come last
 * @property {{ state: "running" | "finished", progress: number, secondsLeft: number | null } | null} job
 * @property {{ modules: number, outdated: number, current: number, updated: number, refused: number, failed: number, writing: number }} counts
 * @property {boolean} detecting
 *
 * What the page draws: the engine's view, and what only the page knows.
 * @typedef {object} Snapshot
 * @property {View} view
 * @property {Problem | null} barrier   why this browser cannot connect at all
 * @property {Problem | null} notice    what went wrong on the page's side of the last wish
 * @property {Problem[]} imageProblems  firmware files that were left out
 * @property {boolean} busy             a connection is being prepared
 * @property {boolean} used             there is something to save
 *
 * How the page finds the same port again in a worker, where a SerialPort cannot be posted.
 * @typedef {{ index: number, usbVendorId?: number, usbProductId?: number }} PortRef
 */

export {};
