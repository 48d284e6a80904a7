// Which serial ports are base cards, which one to open, and how to find the same one again elsewhere. Opens nothing.

/** @typedef {import("./contract.js").PortRef} PortRef */

/**
 * The chooser shows only ports with these USB ids. 0x1209 is the vendor id that pid.codes shares among open hardware projects; the
 * product id is a placeholder ("RF") until one is registered there. A base built on another USB chip is added as one more line.
 */
export const BASE_FILTERS = [{ usbVendorId: 0x1209, usbProductId: 0x5246 }];

/** Types of Web Serial are not in every editor's library, so the few members used are named here.
 * @typedef {{ getInfo(): { usbVendorId?: number, usbProductId?: number } }} Port
 * @typedef {EventTarget & { getPorts(): Promise<Port[]>, requestPort(options: object): Promise<Port> }} Serial
 */

/** @returns {Serial | undefined} */
export const serial = () => /** @type {any} */ (navigator).serial;

/**
 * The base card to open: the granted one when there is exactly one, else whatever the person picks.
 * @param {Serial} serial
 * @param {"granted-first" | "always-ask" | "granted-only"} manner
 * @returns {Promise<PortRef | null>} null: the chooser was closed, or there is nobody to ask
 */
export async function choosePort(serial, manner) {
  try {
    if (manner !== "always-ask") {
      const granted = (await serial.getPorts()).filter(isBase);
      if (granted.length === 1 || manner === "granted-only") return granted[0] ? await refer(serial, granted[0]) : null;
    }
    return await refer(serial, await serial.requestPort({ filters: BASE_FILTERS }));
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (name === "NotFoundError") return null;
    throw name === "SecurityError" ? { code: "port-blocked" } : error;
  }
}

/** @param {Serial} serial @param {Port} port @returns {Promise<PortRef>} */
export async function refer(serial, port) {
  return { index: (await serial.getPorts()).indexOf(port), ...port.getInfo() };
}

/** The port a reference means, also in a worker, whose SerialPort objects are others. @param {Serial} serial @param {PortRef} ref */
export async function findPort(serial, ref) {
  const ports = await serial.getPorts();
  const there = ports[ref.index];
  return there && isSame(there, ref) ? there : ports.find((port) => isSame(port, ref));
}

/** Whether a base card is plugged in that this page may open. */
export async function baseIsThere() {
  const ports = await serial()?.getPorts();
  return ports?.some((port) => isBase(port) && /** @type {any} */ (port).connected !== false) ?? false;
}

/** @param {Port} port @param {Omit<PortRef, "index">} ref */
export function isSame(port, ref) {
  const { usbVendorId, usbProductId } = port.getInfo();
  return usbVendorId === ref.usbVendorId && usbProductId === ref.usbProductId;
}

/** @param {Port} port */
const isBase = (port) => BASE_FILTERS.some((filter) => isSame(port, filter));
