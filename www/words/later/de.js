// Every German sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "Modul" : "Module"}`;

const time = new Intl.NumberFormat("de", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Stecken Sie Ihr Rack an: Es wird von selbst aktualisiert",
  attendant: "Dieser Stand bisher",
  pin: "PIN",
  enter: "OK",
  erase: "Löschen",
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
  "file-unreadable": ["Diese Datei lässt sich nicht lesen", "Vielleicht schreibt gerade ein anderes Programm darin: kurz warten, dann noch einmal wählen."],
  "module-busy": ["Das Modul ist beschäftigt", "Es wird gerade etwas anderes gefragt: kurz warten, dann noch einmal versuchen."],
  "release-settings-saved": ["Einstellungen gesichert", "Was Module sich gemerkt haben, wurde vor ihrer Aktualisierung gesichert und wird danach zurückgeschrieben."],
  "release-settings-restored": ["Einstellungen zurückgeschrieben", "Die aktualisierten Module wissen wieder, was sie sich gemerkt hatten."],
  "release-settings-unmoved": ["Einstellungen noch nicht zurückgeschrieben", "Die Firmware ist neu, und was das Modul sich gemerkt hat, liegt hier. Ziehen Sie das Modul heraus, und stecken Sie es wieder ein."],
  "release-settings-left": ["Einstellungen bleiben, wie sie sind", "Diese Aktualisierung begann an einem anderen Computer, der sie gesichert hat. Schließen Sie das Rack dort an, um sie zurückzuholen."],
  "settings-unsaved": ["Einstellungen ließen sich nicht sichern", "Darum wurde das Modul nicht aktualisiert. Versuchen Sie es noch einmal; bleibt es dabei, schaffen Sie Platz auf diesem Computer."],
};

const size = new Intl.NumberFormat("de", { style: "unit", unit: "byte", unitDisplay: "long" });

/** @type {typeof import("./en.js").engineer} */
export const engineer = {
  title: "Für Techniker",
  module: "Modul",
  copyReport: "Bericht kopieren",
  close: "Schließen",
  copied: "Der Bericht ist in der Zwischenablage.",
  savedInstead: "Der Browser gibt die Zwischenablage nicht her: Der Bericht wurde als Datei gesichert.",
  connectFirst: "Zuerst mit einem Rack verbinden.",
  updating: "Solange eine Aktualisierung läuft, wird hier nur zugesehen.",
  done: "Fertig.",
  tabs: { module: "Modul", memory: "Flash", eeprom: "EEPROM", transcript: "Mitschrift", link: "Verbindung" },
  bytes: (n) => size.format(n),
  nothingChosen: "Keine Datei gewählt.",

  ask: "Neu abfragen",
  readLog: "Protokoll lesen",
  stop: "Im Loader anhalten",
  start: "Starten",
  erase: "Löschen",
  reallyErase: "Wirklich löschen?",
  updateFrom: "Aus Datei aktualisieren",
  blinks: "Es blinkt, wenn es im Loader ist oder seine Firmware das kann.",
  stopped: "Es wartet im Loader.",
  started: "Seine Firmware läuft.",
  startedAgain: "Es war angehalten, als die Verbindung abriss, und läuft wieder.",
  erased: "Seine Firmware ist gelöscht, jede Seite leer zurückgelesen. Es wartet im Loader.",
  updateBegun: "Die Aktualisierung hat begonnen.",
  logEmpty: "Sein Protokoll ist leer.",
  event: (code, detail) => `${["", "Der Loader begann, Grund", "Beschädigte Frames:", "Abgelehnt, Grund", "Verpasste Seiten:", "Wiederholte Seiten:", "Erneut geschriebene Seiten:", "Aktualisierung geöffnet, Sitzung", "Aktualisierung abgeschlossen, Sitzung"][code] ?? `Ereignis ${code}:`} ${detail}`,
  fact: {
    state: "Zustand", application: "Firmware", loader: "Loader, Protokoll", type: "Hersteller, Typ, Platine", uid: "Eindeutige Nummer", flash: "Flash: Anfang, Größe, Seiten, Bänke",
    start: "Firmware beginnt bei", ram: "RAM", eeprom: "Daten-EEPROM", ring: "Seiten im Voraus", home: "Adresse des Platzes", starts: "Starts (Zähler)",
  },

  compareRelease: "Mit der Release vergleichen",
  compareFile: "Mit einer Datei vergleichen",
  readOut: "Auslesen",
  noRelease: "Die Release hat nichts dafür: nur, was es enthält.",
  readOutOf: (length, start) => `${size.format(length)} ab ${start} gesichert.`,
  page: { blank: "Leer", data: "Belegt", equal: "Gleich", changed: "Anders", written: "Geschrieben", failing: "Fehlerhaft" },
  pageAt: (page, address, state) => `Seite ${page}, ${address}: ${state}`,

  read: "Lesen",
  write: "Änderungen schreiben",
  save: "Sichern",
  load: "Datei laden",
  readFirst: "Zuerst lesen.",
  unsaved: "Es gibt Änderungen, die nicht geschrieben sind: noch einmal klicken verwirft sie.",
  notHex: "Jede Zeile braucht so viele hexadezimale Ziffernpaare wie zuvor.",
  noEeprom: "Es hat kein Daten-EEPROM.",
  loaded: "Geladen; noch ist nichts geschrieben.",
  eepromHint: "Bytes hexadezimal. Nur Geändertes wird geschrieben und zurückgelesen.",
  written: (n) => (n ? `${size.format(n)} geschrieben und zurückgelesen.` : "Nichts war geändert."),
  otherLength: (length, wanted) => `Die Datei hat ${size.format(length)}, das EEPROM ${size.format(wanted)}.`,
  bytesAt: (at) => `Bytes ab ${at}`,

  filter: "Was gezeigt wird",
  kinds: { all: "Alles", messages: "Ohne Herzschläge", trouble: "Nur Störungen" },
  search: "Suchen",
  pause: "Anhalten",
  goOn: "Mitlaufen",
  found: (n, of) => `${n} von ${of}`,

  counted: { sent: "Gesendete Frames", received: "Empfangene Frames", sentAgain: "Erneut gesendet", receivedAgain: "Erneut empfangen", damaged: "Beschädigt", missed: "Nicht aufgezeichnet" },
  columns: ["Platz", "Modul", "Geschrieben", "Gelesen", "Fehler", "Aufgegeben", "Letzte Ursache"],
};

const COPY_AGAIN = "Es wurde nichts geschrieben. Die Datei ist beschädigt: Kopieren Sie sie noch einmal, oder laden Sie sie noch einmal herunter.";
const ASK_FIRMWARE = "Es wurde nichts geschrieben. Bitten Sie den Hersteller der Firmware um eine richtige Datei.";
const CHOOSE_OTHER = "Es wurde nichts geschrieben. Wählen Sie eine Datei, die für dieses Modul gemacht ist.";

/** @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["Die Datei ist leer", COPY_AGAIN],
  "file-too-large": ["Die Datei ist zu groß für Firmware", CHOOSE_OTHER],
  "image-too-large": ["Die Firmware ist größer als jeder Flash-Speicher", CHOOSE_OTHER],
  "no-address": ["Das ist keine Datei in ELF, Intel HEX oder S-Record", "Wenn es reine Binärdaten sind, geben Sie an, an welche Adresse sie gehören. Wählen Sie sonst eine andere Datei."],
  "binary-address": ["Die Binärdaten reichen über die letzte Adresse hinaus", "Geben Sie eine niedrigere Adresse an."],
  "no-data": ["Die Datei enthält nichts für einen Flash-Speicher", ASK_FIRMWARE],
  "no-header": ["Die Firmware sagt nicht, für welches Modul sie ist", CHOOSE_OTHER],
  header: ["Was die Firmware über sich selbst sagt, ergibt keinen Sinn", ASK_FIRMWARE],
  "record-start": ["Eine Zeile beginnt nicht wie ein Datensatz", COPY_AGAIN],
  "record-character": ["Eine Zeile hat ein Zeichen, das keine Hexadezimalziffer ist", COPY_AGAIN],
  "record-digits": ["Eine Zeile hat zu wenige oder zu viele Ziffern", COPY_AGAIN],
  "record-checksum": ["Eine Zeile passt nicht zu ihrer Prüfsumme", COPY_AGAIN],
  "record-length": ["Eine Zeile ist nicht so lang, wie sie angibt", COPY_AGAIN],
  "record-type": ["Eine Zeile ist von einer Art, die nicht verwendet wird", "Es wurde nichts geschrieben. Bitten Sie den Hersteller der Firmware um eine einfache Datei."],
  "record-count": ["Zeilen fehlen, oder es sind zu viele", COPY_AGAIN],
  "record-no-end": ["Das Ende der Datei fehlt", COPY_AGAIN],
  "record-after-end": ["Die Datei geht hinter ihrem Ende weiter", "Es wurde nichts geschrieben. Die Datei ist beschädigt, oder zwei wurden verbunden: Kopieren Sie sie noch einmal, oder laden Sie sie noch einmal herunter."],
  "record-overlap": ["Zwei Zeilen geben einer Adresse verschiedene Bytes", ASK_FIRMWARE],
  "record-address": ["Eine Zeile reicht über die letzte Adresse hinaus", ASK_FIRMWARE],
  "elf-form": ["Die ELF-Datei ist beschädigt", COPY_AGAIN],
  "elf-target": ["Die ELF-Datei ist für eine andere Art von Chip", CHOOSE_OTHER],
  "elf-kind": ["Die ELF-Datei ist kein gelinktes Programm", "Es wurde nichts geschrieben. Wählen Sie die Datei, die der Linker erzeugt hat."],
  "elf-segments": ["Die ELF-Datei hat zu viele Segmente", CHOOSE_OTHER],
  "elf-segment": ["Ein Segment der ELF-Datei ist nicht vollständig", COPY_AGAIN],
  "elf-address": ["Ein Segment der ELF-Datei reicht über die letzte Adresse hinaus", ASK_FIRMWARE],
  "elf-overlap": ["Zwei Segmente der ELF-Datei geben einer Adresse verschiedene Bytes", ASK_FIRMWARE],
};
/** @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title} (Zeile ${p.line})` : p.address != null ? `${title} (Adresse 0x${p.address.toString(16)})` : title);
