// Keeps visitors where they are, and lets the attendant in: the mark, held down for a while, asks for the PIN.

import { element, onClick, setText } from "../dom.js";
import { later } from "../words.js";

/** Nobody holds it down so long by accident. */
const HOLD_MS = 1500;
/** Nobody types any more: a visitor has found it, and left. */
const IDLE_MS = 15_000;
/** Who does not know it is not to find it: so many tries, then a pause. */
const TRIES = 3;
const PAUSE_MS = 30_000;

/** @param {HTMLElement} mark @param {string} pin @param {() => void} open */
export function askPin(mark, pin, open) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let held;
  let [tries, closedUntil] = [0, 0];
  const ask = () => performance.now() > closedUntil && keypad((typed) => {
    if (typed === pin) {
      tries = 0;
      open();
    } else if (++tries === TRIES) [tries, closedUntil] = [0, performance.now() + PAUSE_MS];
  });
  mark.addEventListener("pointerdown", () => (held = setTimeout(ask, HOLD_MS)));
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) mark.addEventListener(end, () => clearTimeout(held));
}

/** @param {(typed: string) => void} done */
function keypad(done) {
  let typed = "";
  const shown = element("p", "typed");
  const key = (/** @type {string} */ label, /** @type {() => void} */ act) => {
    const button = element("button", "button", label);
    onClick(button, act);
    return button;
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let idle;
  const show = () => {
    setText(shown, "•".repeat(typed.length));
    clearTimeout(idle);
    idle = setTimeout(() => dialog.close(), IDLE_MS);
  };
  const back = key("⌫", () => ((typed = typed.slice(0, -1)), show()));
  back.ariaLabel = later.kiosk.erase;
  const digits = [..."123456789", "0"].map((digit) => key(digit, () => ((typed += digit), show())));
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", "attendant", element("h2", "", later.kiosk.pin), shown,
    element("div", "keypad", ...digits, back, key(later.kiosk.enter, () => dialog.close("enter")), key(later.kiosk.close, () => dialog.close()))));
  dialog.ariaLabel = later.kiosk.pin;
  dialog.addEventListener("close", () => {
    clearTimeout(idle);
    dialog.remove();
    if (dialog.returnValue === "enter") done(typed);
  });
  document.body.append(dialog);
  dialog.showModal();
  show();
}

/** No menu, no dragging, no zoom, no text to be marked but in the attendant's drawer; the keys that leave a page do nothing. */
export function keepPinned() {
  const attended = (/** @type {Event} */ { target }) => target instanceof Node && target.parentElement?.closest(".bench");
  for (const type of ["contextmenu", "dragstart", "selectstart", "drop", "dragover"]) addEventListener(type, (event) => attended(event) || event.preventDefault());
  addEventListener("wheel", (event) => event.ctrlKey && event.preventDefault(), { passive: false });
  addEventListener("keydown", (event) => {
    const leaves = event.ctrlKey || event.metaKey || event.altKey || /^F\d+$|^Browser/.test(event.key);
    if (leaves) event.preventDefault();
  });
}
