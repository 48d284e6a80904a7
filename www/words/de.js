// Every German sentence of the page: see en.js. Nobody is spoken to more closely than by "Sie".

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

export const language = "de";

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "Modul" : "Module"}`;

export const page = {
  lead: "Das ganze Rack auf einmal aktualisieren",
  intro: "Schließen Sie die Basiskarte per USB an: Diese Seite findet alle Module, zeigt, was neu ist, und aktualisiert sie alle zusammen.",
  connect: "Verbinden",
  demo: "Demo-Rack ausprobieren",
  updateAll: "Alle aktualisieren",
  disconnect: "Trennen",
  leaveDemo: "Demo beenden",
  saveReport: "Bericht speichern",
  saveTranscript: "Protokoll speichern",
  engineer: "Für Techniker",
  certificate: "Zertifikat",
  useFile: "Firmware-Datei benutzen",
  tellMe: "Meldung, wenn fertig",
  anotherPort: "Anderen Anschluss wählen",
  blink: "Blinken",
  tryAgain: "Wiederholen",
  demoTag: "Demo",
  breakSomething: "Etwas stören",
  rack: "Ihr Rack",
  empty: "Leer",
  paused: "Angehalten",
  progress: "Aktualisierung des ganzen Racks",
  promise: "Es muss nichts installiert werden. Alles geschieht in diesem Browser; nichts über Ihr Rack verlässt diesen Computer.",
  noBase: "Keine Basiskarte verbunden",
  noBaseYet: "Warten auf die Basiskarte",
  simulated: "Simuliert, nichts Echtes wird verändert",
  baseLost: "Kabel abgezogen oder Strom aus",
  language: "Sprache",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "Ohne Steckplatz" : `Steckplatz ${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what}: ${name}, ${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `Nr. ${serial}`;
/** @param {string} version */
export const firmware = (version) => `Firmware ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `installiert ${installed}, verfügbar ${available}` : `verfügbar ${available}`);
/** @param {number} n */
export const careTitle = (n) => (n === 1 ? "Eines braucht Ihre Hilfe" : `${n} Dinge brauchen Ihre Hilfe`);
const share = new Intl.NumberFormat(language, { style: "percent" });
/** @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "wenige Sekunden";
  if (seconds < 55) return `etwa ${Math.ceil(seconds / 5) * 5} Sekunden`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "etwa eine Minute" : `etwa ${minutes} Minuten`;
}
/** @param {number} seconds */
export const timeLeft = (seconds) => `noch ${about(seconds)}`;
/** @param {string} release */
export const ready = (release) => `Ausgabe ${release} ist bereit`;
/** @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `Ausgabe ${release}, dauert ${about(seconds)}`;

/** @param {Tally} t @param {number} n @param {[one: string, more: string]} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  const of = n === all ? modules(all) : `${n} von ${all} ${all === 1 ? "Modul" : "Modulen"}`;
  return `${of} ${what[n === 1 ? 0 : 1]}${t.silent ? `, ${t.silent} ${t.silent === 1 ? "antwortet" : "antworten"} nicht` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "Ihr Modul ist auf dem neuesten Stand" : `Alle ${t.here} Module sind auf dem neuesten Stand`);
/** @param {Tally} t */
const running = (t) => `Aktualisierung läuft, noch ${modules(t.busy + t.waiting)}`;

export const headline = {
  connecting: { title: () => "Verbindung wird aufgebaut …", hint: "Einen Moment." },
  unanswered: { title: () => "Noch nicht verbunden", hint: "Diese Seite versucht es weiter." },
  finishing: { title: () => "Die Basiskarte beendet erst ihre Arbeit", hint: "Sie ist noch mit einem früheren Auftrag beschäftigt. Danach geht es von selbst weiter." },
  detecting: { title: (/** @type {Tally} */ t) => `Module werden gesucht …${t.here ? ` ${t.here} gefunden` : ""}`, hint: "Jeder Steckplatz wird gefragt, wer da ist." },
  nothing: { title: () => "Keine Module gefunden", hint: "Prüfen Sie, ob die Module fest in ihren Steckplätzen sitzen und das Rack eingeschaltet ist. Sie erscheinen hier von selbst." },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, ["kann aktualisiert werden", "können aktualisiert werden"]),
    hint: "Ihre Patches und Einstellungen bleiben erhalten. Lassen Sie das Rack eingeschaltet, bis alles fertig ist.",
  },
  running: { title: running, hint: "Lassen Sie das Rack eingeschaltet und das Kabel stecken. Andere Fenster können Sie inzwischen benutzen." },
  onBase: { title: running, hint: "Die Basiskarte hat alles, was sie braucht: Sie können diese Seite schließen. Lassen Sie das Rack eingeschaltet." },
  away: { title: () => "Warten auf ein Modul, das nicht antwortet", hint: "Stecken Sie es wieder ein, dann geht es von selbst weiter." },
  done: { title: done, hint: "Jedes Modul wurde geprüft: Sein Inhalt wurde zurückgelesen." },
  current: { title: done, hint: "Nichts zu tun: Die neueste Firmware ist schon installiert." },
  silent: {
    title: (/** @type {Tally} */ t) => some(t, t.good, ["ist auf dem neuesten Stand", "sind auf dem neuesten Stand"]),
    hint: "Drücken Sie ein Modul, das nicht antwortet, fest in seinen Steckplatz: Es erscheint hier von selbst.",
  },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good} fertig, ${t.care}` : modules(t.care)} ${t.care === 1 ? "konnte" : "konnten"} nicht aktualisiert werden`,
    hint: "Die anderen sind in Ordnung. Was zu tun ist, steht unten.",
  },
  idle: { title: (/** @type {Tally} */ t) => `${modules(t.here)} gefunden, nichts zu aktualisieren`, hint: "Diese Seite hat keine neuere Firmware dafür." },
  lost: { title: () => "Verbindung unterbrochen", hint: "Nichts ist kaputt: Jedes Modul merkt sich, wie weit es gekommen ist." },
};

export const standing = {
  outdated: "Neue Firmware",
  rescue: "Braucht Firmware",
  stranded: "Keine Firmware dafür",
  unknown: "Nichts Neues",
  current: "Aktuell",
  updated: "Aktualisiert",
  waiting: "Kommt noch dran",
  busy: "In Arbeit",
  refused: "Unverändert",
  failed: "Nicht aktualisiert",
  gone: "Keine Antwort",
};

export const why = {
  blank: "Fabrikneu, leer",
  interrupted: "Wurde unterbrochen",
  damaged: "Firmware beschädigt",
  "never-confirmed": "Nicht gestartet",
  requested: "Bereit zum Update",
};

/** @type {Record<string, string>} */
export const phase = { comparing: "Vergleichen", writing: "Schreiben", verifying: "Prüfen", starting: "Neustart" };

const RELOAD = "Prüfen Sie die Internetverbindung und laden Sie die Seite neu.";
const ASK_MAKER = "Es wurde nichts geschrieben. Bitten Sie den Hersteller des Moduls um die richtige Datei.";
const SEND_REPORT = "speichern Sie den Bericht und senden Sie ihn an den Hersteller des Moduls.";

/** @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["Dieser Browser erreicht keine seriellen USB-Geräte", "Öffnen Sie diese Seite in Chrome, Edge oder Opera auf einem Computer, in Firefox ab Version 151 oder in Chrome für Android ab 148. Das Demo-Rack läuft auch hier."],
  "not-secure": ["Diese Seite wurde ohne https geöffnet", "Öffnen Sie ihre https://-Adresse: Nur dort erlauben Browser USB. Das Demo-Rack läuft auch hier."],
  "no-port-chosen": ["Es wurde kein Anschluss gewählt", "Klicken Sie noch einmal auf Verbinden und wählen Sie die Basiskarte."],
  "base-not-listed": ["Der Computer sieht die Basiskarte nicht", "Nehmen Sie ein anderes USB-Kabel: Manche können nur laden und übertragen keine Daten."],
  "port-busy": ["Ein anderes Programm benutzt die Basiskarte", "Schließen Sie das andere Programm, das den Anschluss geöffnet hat, und klicken Sie noch einmal auf Verbinden."],
  "port-not-permitted": ["Dieser Computer lässt Sie keine seriellen Anschlüsse benutzen", "Geben Sie in einem Terminal ein: sudo usermod -aG dialout $USER. Melden Sie sich ab und wieder an, und klicken Sie dann auf Verbinden."],
  "port-blocked": ["Serielles USB ist in diesem Browser gesperrt", "Bitten Sie den, der diesen Computer verwaltet, es für diese Seite zu erlauben."],
  "port-busy-tab": ["Rackflash ist in einem anderen Tab geöffnet", "Machen Sie dort weiter, oder schließen Sie jenen Tab und klicken Sie hier noch einmal auf Verbinden."],
  "port-lost": ["Die Basiskarte ist weg", "Stecken Sie das Kabel wieder ein. Es geht von selbst dort weiter, wo es aufgehört hat."],
  "rack-off": ["Das Rack hat keinen Strom", "Schalten Sie es ein. Es geht von selbst dort weiter, wo es aufgehört hat."],
  "silent-port": ["Der Anschluss ist offen, aber nichts antwortet", "Prüfen Sie, ob das Rack eingeschaltet ist: Dann geht es von selbst weiter."],
  "not-a-base": ["Das ist keine Rackflash-Basiskarte", "An diesem Anschluss antwortet etwas, aber in einer anderen Sprache. Wählen Sie einen anderen Anschluss."],
  "base-newer": ["Die Basiskarte ist neuer als diese Seite", "Laden Sie die Seite neu, um ihre neueste Fassung zu erhalten."],
  "base-older": ["Die Firmware der Basiskarte ist zu alt", "Aktualisieren Sie zuerst die Basiskarte; ihr Hersteller hat die Anleitung."],
  "base-restarted": ["Die Basiskarte ist neu gestartet", "Die Aktualisierung geht von selbst weiter. Geschieht es noch einmal, prüfen Sie die Stromversorgung des Racks."],
  "browser-too-old": ["Dieser Browser ist zu alt, um Signaturen zu prüfen", "Bringen Sie ihn auf den neuesten Stand und öffnen Sie diese Seite noch einmal. Es wurde nichts geschrieben."],
  "engine-missing": ["Ein Teil dieser Seite wurde nicht geladen", RELOAD],
  "engine-failed": ["Ein Teil dieser Seite arbeitet nicht mehr", "Laden Sie die Seite neu und verbinden Sie sich noch einmal: Die Module merken sich, wie weit sie gekommen sind."],

  "release-missing": ["Die Firmware wurde nicht geladen", RELOAD],

  "no-image": ["Nichts Neues", "Diese Seite hat keine Firmware für dieses Modul. Vielleicht hat sie sein Hersteller."],
  "wrong-type": ["Für ein anderes Modul", ASK_MAKER],
  "wrong-hardware": ["Andere Hardware", ASK_MAKER],
  "loader-older": ["Bootloader zu alt", "Diese Firmware braucht einen neueren Bootloader, als das Modul hat. Bitten Sie den Hersteller, ihn zu erneuern."],
  older: ["Neuer als hier", "Auf dem Modul läuft bereits eine neuere Version. Nichts zu tun."],
  "does-not-fit": ["Firmware passt nicht", ASK_MAKER],
  "bad-image": ["Firmware unbrauchbar", ASK_MAKER],
  "bad-identity": ["Falsche Angaben", "Das Modul macht über sich selbst Angaben, die nicht stimmen können. Lassen Sie es vom Hersteller prüfen."],
  "not-answering": ["Antwortet nicht mehr", "Drücken Sie das Modul fest in seinen Steckplatz, oder schalten Sie das Rack aus und wieder ein. Versuchen Sie es dann noch einmal."],
  unplugged: ["Keine Antwort", "Stecken Sie das Modul wieder ein und versuchen Sie es noch einmal."],
  "bus-stuck-now": ["Bus blockiert", "Schalten Sie das Rack aus und wieder ein. Bleibt es dabei, nehmen Sie ein Modul nach dem anderen heraus, um das schuldige zu finden."],
  "bus-stuck": ["Bus war blockiert", "Versuchen Sie es noch einmal. Kommt es wieder vor, nehmen Sie ein Modul nach dem anderen heraus, um das schuldige zu finden."],
  "bad-data": ["Übertragung gestört", "Versuchen Sie es noch einmal. Kommt es wieder vor, drücken Sie das Modul fest in seinen Steckplatz."],
  "digest-mismatch": ["Prüfung misslungen", "Das Modul enthält nicht, was gesendet wurde, und wurde deshalb nicht gestartet. Versuchen Sie es noch einmal."],
  "flash-worn": ["Speicher verbraucht", `Dieses Modul kann keine Firmware mehr speichern: ${SEND_REPORT}`],
  "address-conflict": ["Module im Konflikt", "Nehmen Sie das zuletzt gesteckte Modul heraus und aktualisieren Sie die anderen. Stecken Sie es dann allein ein."],
  "no-free-address": ["Zu viele Module", "An diesem Bus sind zu viele Module. Nehmen Sie eines heraus, aktualisieren Sie die anderen, und tauschen Sie dann."],
  "never-started": ["Nicht gestartet", `Die neue Firmware meldet sich nicht. Versuchen Sie es noch einmal; bleibt es dabei, ${SEND_REPORT}`],
  "no-application": ["Keine Firmware zum Starten", "Aktualisieren: dann hat es eine."],
  refused: ["Vom Modul abgelehnt", `Es ist, wie es war, oder wartet auf eine Aktualisierung: ${SEND_REPORT}`],
  "base-silent": ["Basiskarte stumm", "Ziehen Sie das Kabel der Basiskarte ab und stecken Sie es wieder ein. Versuchen Sie es dann noch einmal."],
  bug: ["Ein Fehler dieser Seite", `Er liegt an der Seite, nicht am Modul: ${SEND_REPORT}`],
};

/** @type {Record<string, string>} */
export const causes = { "base-not-listed": "Sie steht nicht in der Liste", "port-not-permitted": "Nichts anderes benutzt sie", "rack-off": "Das Kabel steckt" };

/** @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  return `Es ist der Bus ${first === last ? "von Steckplatz" : "der Steckplätze"} ${row ? `${first} bis ${last}` : slots.join(", ")}.`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["Etwas Unerwartetes ist geschehen", `Versuchen Sie es noch einmal. Kommt es wieder vor, ${SEND_REPORT} (${[p.code, p.detail].filter(Boolean).join(": ")})`];
