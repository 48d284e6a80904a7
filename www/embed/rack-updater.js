// <rack-updater release="…">: a button on a maker's own page that opens the updater. Loads nothing before it is clicked.
//
//   attribute  release          the folder of another release on the same site
//   slot       (default)        what stands on the button
//   part       button, dialog   and the custom properties --rack-updater-button, --rack-updater-text, --rack-updater-radius
//   events     open, close, done (detail: the report)

const HOME = new URL("../", import.meta.url);
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
button { padding: .6em 1.4em; border: 0; border-radius: var(--rack-updater-radius, .6em); background: var(--rack-updater-button, #211d19);
  color: var(--rack-updater-text, #fff); font: inherit; font-weight: 600; cursor: pointer; }
dialog { width: min(80rem, 96vw); height: min(52rem, 94vh); padding: 0; border: 0; border-radius: 1rem; overflow: hidden; }
dialog::backdrop { background: #0009; }
iframe { display: block; width: 100%; height: 100%; border: 0; }`);

class RackUpdater extends HTMLElement {
  #dialog = document.createElement("dialog");

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const button = document.createElement("button");
    const slot = document.createElement("slot");
    slot.append("Update your rack");
    button.append(slot);
    button.part = "button";
    this.#dialog.part = "dialog";
    root.append(button, this.#dialog);
    button.onclick = () => this.open();
    this.#dialog.onclose = () => {
      this.#dialog.replaceChildren();
      this.#tell("close");
    };
    addEventListener("message", ({ source, origin, data }) => {
      const frame = this.#dialog.querySelector("iframe");
      if (!frame || source !== frame.contentWindow || origin !== HOME.origin) return;
      if (data?.rackflash === "close") this.#dialog.close();
      else if (data?.rackflash === "done") this.#tell("done", data.report);
    });
  }

  /** Opens the updater. */
  open() {
    const frame = document.createElement("iframe");
    const page = new URL("?embed", HOME);
    const release = this.getAttribute("release");
    if (release) page.searchParams.set("release", release);
    frame.allow = "serial; screen-wake-lock; clipboard-write";
    frame.title = "Rackflash";
    frame.src = page.href;
    this.#dialog.replaceChildren(frame);
    this.#dialog.showModal();
    this.#tell("open");
  }

  /** @param {string} name @param {object} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("rack-updater", RackUpdater);
