// Every German sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "Modul" : "Module"}`;

const time = new Intl.NumberFormat("de", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Stecken Sie Ihr Rack an: Es wird von selbst aktualisiert",
  attendant: "Dieser Stand bisher",
  pin: "PIN",
  enter: "OK",
  close: "Schließen",
  reset: "Zurücksetzen",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Racks", `${c.racks}`], ["Aktualisierte Module", `${c.modules}`], ["Nicht aktualisiert", `${c.failures}`], ["Mittlere Dauer (Median)", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "Hier ist nichts echt. Starten Sie eine Aktualisierung, stören Sie, was Sie wollen, und sehen Sie zu, wie sich das Rack erholt.";

const FILL = "Eine laufende Aktualisierung füllt auch dieses. Klicken Sie sonst auf Alle aktualisieren.";

/** @type {Record<string, [label: string, said: (n: number, name: string) => string]>} */
export const harm = {
  unplug: ["Kabel ziehen", () => "Das Kabel ist ab. Die Basiskarte erledigt allein, was sie schon bekommen hat."],
  plug: ["Wieder einstecken", () => "Das Kabel steckt wieder. Die Seite fragt jedes Modul, was es enthält, und macht dort weiter."],
  power: ["Strom ausschalten", (n) => `Der Strom war eine Sekunde lang weg. ${n ? `${modules(n)} ${n === 1 ? "war" : "waren"} mitten in einer Speicherseite, die jetzt noch einmal geschrieben wird.` : "In diesem Augenblick wurde keine Speicherseite geschrieben."}`],
  noise: ["Störungen an", () => "Eines von 10.000 Bits kommt jetzt falsch an. Prüfsummen bemerken es, und was beschädigt wurde, wird noch einmal gesendet."],
  quiet: ["Störungen aus", () => "Die Leitungen sind wieder ruhig."],
  hold: ["Bus blockieren", (n, name) => `${name} in Steckplatz ${n} hält den Bus fest, niemand kann darauf sprechen. Geben Sie ihn frei, oder schalten Sie den Strom aus.`],
  free: ["Bus freigeben", (n, name) => `${name} in Steckplatz ${n} hat den Bus freigegeben. Alle aktualisieren holt nach, was inzwischen misslungen ist.`],
  swap: ["Modul tauschen", (n, name) => `In Steckplatz ${n} sitzt jetzt ein anderes Modul ${name}. Seine Nummer verrät es: Es ist neu und leer. ${FILL}`],
  kill: ["Modul zerstören", (n, name) => `${name} in Steckplatz ${n} antwortet niemandem mehr, die anderen machen ohne es weiter. Ersetzen Sie es, oder schalten Sie den Strom aus, um es zu wecken.`],
  mend: ["Modul ersetzen", (n, name) => `In Steckplatz ${n} sitzt ein neues Modul ${name}, noch leer. ${FILL}`],
};

export const certificate = {
  title: "Zertifikat der Aktualisierung",
  proof: "Jedes Modul wurde zurückgelesen und enthält genau das, was signiert wurde.",
  print: "Drucken",
  save: "Als JSON speichern",
  close: "Schließen",
  release: "Ausgabe",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id} (Nummer ${counter})`,
  time: "Zeit",
  base: "Basiskarte",
  page: "Version der Seite",
  columns: ["Steckplatz", "Modul", "Seriennummer", "Eindeutige Kennung", "Von", "Auf", "Prüfwert", "Bytes"],
};

const NOT_TAKEN = "Es wurde nichts geschrieben. Laden Sie die Seite neu, um sie noch einmal zu holen; bleibt es dabei, benachrichtigen Sie den Betreiber dieser Seite.";
const ASK_SITE = "Es wurde nichts geschrieben. Benachrichtigen Sie den Betreiber dieser Seite.";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["Die Firmware ist nicht so, wie ihr Hersteller sie signiert hat", NOT_TAKEN],
  "release-signature-form": ["Die Signatur der Firmware ist beschädigt", NOT_TAKEN],
  "release-unknown-key": ["Die Firmware wurde von jemand anderem signiert", NOT_TAKEN],
  "release-not-signed": ["Die Firmware ist nicht signiert", NOT_TAKEN],
  "release-too-long": ["Die Firmware-Liste ist keine Liste", NOT_TAKEN],
  "release-pack-form": ["Diese Datei enthält keine vollständige Firmware-Ausgabe", "Es wurde nichts geschrieben. Kopieren Sie die Datei noch einmal, oder laden Sie sie noch einmal herunter."],
  "release-format": ["Die Firmware ist neuer als diese Seite", "Laden Sie die Seite neu, um ihre neueste Fassung zu erhalten."],
  "release-manifest": ["Die Firmware-Liste ist unverständlich", ASK_SITE],
  "release-older": ["Ältere Firmware als zuvor", "Es wurde nichts geschrieben: Dieser Browser kennt schon eine neuere Ausgabe. Laden Sie die Seite neu, um sie zu erhalten."],
  "release-expired": ["Diese Firmware ist abgelaufen", "Prüfen Sie, ob das Datum dieses Computers stimmt, und laden Sie dann die Seite neu, um die neueste Ausgabe zu erhalten."],
  "release-other-file": ["Eine Firmware-Datei ist nicht die signierte", NOT_TAKEN],
  "release-other-image": ["Eine Firmware-Datei ist für ein anderes Modul, als sie angibt", ASK_SITE],
  "release-image": ["Eine Firmware-Datei ist unbrauchbar", ASK_SITE],
  "release-bad-key": ["Diese Seite wurde mit einem falschen Schlüssel gebaut", ASK_SITE],
};
