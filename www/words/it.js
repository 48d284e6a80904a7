// Every Italian sentence of the page: see en.js. What is to be done stands in the infinitive, as manuals have it.

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

export const language = "it";

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "modulo" : "moduli"}`;

export const page = {
  lead: "Aggiornare l’intero rack in una volta",
  intro: "Collegare la scheda base via USB: questa pagina trova tutti i moduli, mostra le novità e li aggiorna tutti insieme.",
  connect: "Connetti",
  demo: "Prova il rack demo",
  updateAll: "Aggiorna tutto",
  disconnect: "Disconnetti",
  leaveDemo: "Esci dalla demo",
  saveReport: "Salva rapporto",
  saveTranscript: "Salva registro",
  engineer: "Per tecnici",
  certificate: "Certificato",
  useFile: "Usa un file",
  tellMe: "Avvisami alla fine",
  anotherPort: "Scegli un’altra porta",
  blink: "Lampeggia",
  tryAgain: "Riprova",
  demoTag: "Demo",
  breakSomething: "Provoca un guasto",
  rack: "Il rack",
  empty: "Vuoto",
  paused: "In pausa",
  progress: "Aggiornamento dell’intero rack",
  promise: "Niente da installare. Tutto avviene in questo browser, e nulla che riguardi il rack lascia questo computer.",
  noBase: "Nessuna scheda base connessa",
  noBaseYet: "In attesa della scheda base",
  simulated: "Simulato, non si modifica nulla di reale",
  baseLost: "Cavo scollegato o alimentazione assente",
  language: "Lingua",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "Senza slot" : `Slot ${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what}: ${name}, ${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `N. ${serial}`;
/** @param {string} version */
export const firmware = (version) => `Firmware ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `installato ${installed}, disponibile ${available}` : `disponibile ${available}`);
/** @param {number} n */
export const careTitle = (n) => (n === 1 ? "Una cosa richiede attenzione" : `${n} cose richiedono attenzione`);
const share = new Intl.NumberFormat(language, { style: "percent" });
/** @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "pochi secondi";
  if (seconds < 55) return `circa ${Math.ceil(seconds / 5) * 5} secondi`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "circa un minuto" : `circa ${minutes} minuti`;
}
/** @param {number} seconds */
export const timeLeft = (seconds) => `ancora ${about(seconds)}`;
/** @param {string} release */
export const ready = (release) => `Il rilascio ${release} è pronto`;
/** @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `Rilascio ${release}, durata: ${about(seconds)}`;

/** @param {Tally} t @param {number} n @param {[one: string, more: string]} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  return `${n === all ? "" : `${n} di `}${modules(all)} ${what[n === 1 ? 0 : 1]}${t.silent ? `, ${t.silent} non ${t.silent === 1 ? "risponde" : "rispondono"}` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "Il modulo è aggiornato" : `Tutti i ${t.here} moduli sono aggiornati`);
/** @param {Tally} t */
const running = (t) => {
  const left = t.busy + t.waiting;
  return `Aggiornamento in corso, ${left === 1 ? "manca" : "mancano"} ${modules(left)}`;
};

export const headline = {
  connecting: { title: () => "Connessione…", hint: "Un momento." },
  unanswered: { title: () => "Non ancora connesso", hint: "Questa pagina continua a provare." },
  finishing: { title: () => "La scheda base finisce prima il suo lavoro", hint: "È ancora occupata con ciò che ha ricevuto in precedenza. Poi tutto prosegue da solo." },
  detecting: { title: (/** @type {Tally} */ t) => `Ricerca dei moduli…${t.here ? ` ${t.here} ${t.here === 1 ? "trovato" : "trovati"}` : ""}`, hint: "Si chiede a ogni slot chi c’è." },
  nothing: { title: () => "Nessun modulo trovato", hint: "Controllare che i moduli siano ben inseriti nei loro slot e che il rack sia acceso. Compariranno qui da soli." },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, ["può essere aggiornato", "possono essere aggiornati"]),
    hint: "Patch e impostazioni restano. Lasciare il rack acceso fino alla fine.",
  },
  running: { title: running, hint: "Lasciare il rack acceso e il cavo collegato. Nel frattempo si possono usare altre finestre." },
  onBase: { title: running, hint: "La scheda base ha tutto ciò che le serve: questa pagina si può chiudere. Lasciare il rack acceso." },
  away: { title: () => "In attesa di un modulo che non risponde", hint: "Reinserirlo, e tutto prosegue da solo." },
  done: { title: done, hint: "Ogni modulo è stato controllato rileggendo il suo contenuto." },
  current: { title: done, hint: "Niente da fare: il firmware più recente è già installato." },
  silent: {
    title: (/** @type {Tally} */ t) => some(t, t.good, ["è aggiornato", "sono aggiornati"]),
    hint: "Premere bene nel suo slot il modulo che non risponde: comparirà qui da solo.",
  },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good} a posto, ${t.care}` : modules(t.care)} ${t.care === 1 ? "non è stato aggiornato" : "non sono stati aggiornati"}`,
    hint: "Gli altri sono a posto. Che cosa fare è scritto sotto.",
  },
  idle: { title: (/** @type {Tally} */ t) => `${modules(t.here)} ${t.here === 1 ? "trovato" : "trovati"}, niente da aggiornare`, hint: "Questa pagina non ha firmware più recente per loro." },
  lost: { title: () => "Connessione persa", hint: "Niente di rotto: ogni modulo ricorda dove era arrivato." },
};

export const standing = {
  outdated: "Da aggiornare",
  rescue: "Senza firmware",
  stranded: "Nessun firmware",
  unknown: "Nessuna novità",
  current: "Già aggiornato",
  updated: "Aggiornato",
  waiting: "In attesa",
  busy: "In corso",
  refused: "Invariato",
  failed: "Non aggiornato",
  gone: "Non risponde",
};

export const why = {
  blank: "Nuovo, vuoto",
  interrupted: "Interrotto",
  damaged: "Firmware guasto",
  "never-confirmed": "Non si è avviato",
  requested: "Pronto",
};

/** @type {Record<string, string>} */
export const phase = { comparing: "Confronto", writing: "Scrittura", verifying: "Controllo", starting: "Avvio" };

const RELOAD = "Controllare la connessione a Internet, poi ricaricare la pagina.";
const ASK_MAKER = "Non è stato scritto nulla. Chiedere il file giusto al produttore del modulo.";
const SEND_REPORT = "salvare il rapporto e inviarlo al produttore del modulo.";

/** @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["Questo browser non raggiunge i dispositivi seriali USB", "Aprire questa pagina in Chrome, Edge o Opera su un computer, in Firefox dalla versione 151 o in Chrome per Android dalla 148. Il rack demo funziona anche qui."],
  "not-secure": ["Questa pagina è stata aperta senza https", "Aprire il suo indirizzo https://: i browser consentono l’USB solo lì. Il rack demo funziona anche qui."],
  "no-port-chosen": ["Nessuna porta è stata scelta", "Fare di nuovo clic su Connetti e scegliere la scheda base."],
  "base-not-listed": ["Il computer non vede la scheda base", "Usare un altro cavo USB: alcuni servono solo a caricare e non portano dati."],
  "port-busy": ["Un altro programma sta usando la scheda base", "Chiudere l’altro programma che tiene aperta la porta seriale, poi fare di nuovo clic su Connetti."],
  "port-not-permitted": ["Questo computer non consente di usare le porte seriali", "Scrivere in un terminale: sudo usermod -aG dialout $USER. Uscire dalla sessione e rientrare, poi fare clic su Connetti."],
  "port-blocked": ["L’USB seriale è bloccato in questo browser", "Chiedere a chi gestisce questo computer di consentirlo per questa pagina."],
  "port-busy-tab": ["Rackflash è aperto in un’altra scheda del browser", "Continuare lì, oppure chiudere quella scheda e fare di nuovo clic su Connetti qui."],
  "port-lost": ["La scheda base non c’è più", "Ricollegare il cavo. Tutto riprende da solo da dove si era fermato."],
  "rack-off": ["Il rack non ha corrente", "Accenderlo. Tutto riprende da solo da dove si era fermato."],
  "silent-port": ["La porta è aperta, ma niente risponde", "Controllare che il rack sia acceso: poi prosegue da solo."],
  "not-a-base": ["Non è una scheda base Rackflash", "Su questa porta risponde qualcosa, ma in un’altra lingua. Scegliere un’altra porta."],
  "base-newer": ["La scheda base è più recente di questa pagina", "Ricaricare la pagina per averne l’ultima versione."],
  "base-older": ["Il firmware della scheda base è troppo vecchio", "Aggiornare prima la scheda base; il suo produttore ha le istruzioni."],
  "base-restarted": ["La scheda base si è riavviata", "L’aggiornamento prosegue da solo. Se succede ancora, controllare l’alimentazione del rack."],
  "browser-too-old": ["Questo browser è troppo vecchio per verificare le firme", "Aggiornarlo, poi riaprire questa pagina. Non è stato scritto nulla."],
  "engine-missing": ["Una parte di questa pagina non è stata caricata", RELOAD],
  "engine-failed": ["Una parte di questa pagina non funziona più", "Ricaricare la pagina e connettersi di nuovo: i moduli ricordano dove erano arrivati."],

  "release-missing": ["Il firmware non è stato caricato", RELOAD],

  "no-image": ["Nessuna novità", "Questa pagina non ha firmware per questo modulo. Forse lo ha il suo produttore."],
  "wrong-type": ["Per un altro modulo", ASK_MAKER],
  "wrong-hardware": ["Altro hardware", ASK_MAKER],
  "loader-older": ["Bootloader vecchio", "Questo firmware richiede un bootloader più recente di quello del modulo. Chiedere al produttore di rinnovarlo."],
  older: ["Più recente di qui", "Il modulo ha già una versione più recente. Niente da fare."],
  "does-not-fit": ["Il firmware non entra", ASK_MAKER],
  "bad-image": ["Firmware inutilizzabile", ASK_MAKER],
  "bad-identity": ["Dati impossibili", "Il modulo dice di sé ciò che non può essere. Deve essere riparato dal produttore."],
  "not-answering": ["Non risponde più", "Premere bene il modulo nel suo slot, oppure spegnere e riaccendere il rack. Poi riprovare."],
  unplugged: ["Non risponde", "Reinserire il modulo, poi riprovare."],
  "bus-stuck-now": ["Bus bloccato", "Spegnere e riaccendere il rack. Se non basta, togliere un modulo alla volta per trovare il colpevole."],
  "bus-stuck": ["Bus era bloccato", "Riprovare. Se succede ancora, togliere un modulo alla volta per trovare il colpevole."],
  "bad-data": ["Dati alterati", "Riprovare. Se succede ancora, premere bene il modulo nel suo slot."],
  "digest-mismatch": ["Controllo fallito", "Il contenuto del modulo non è ciò che è stato inviato, perciò non è stato avviato. Riprovare."],
  "flash-worn": ["Memoria esaurita", `Questo modulo non può più conservare firmware: ${SEND_REPORT}`],
  "address-conflict": ["Moduli in conflitto", "Togliere l’ultimo modulo inserito e aggiornare gli altri. Poi reinserirlo da solo."],
  "no-free-address": ["Troppi moduli", "Ci sono troppi moduli su questo bus. Toglierne uno, aggiornare gli altri, poi scambiarli."],
  "never-started": ["Non si è avviato", `Il nuovo firmware non dà segni di vita. Riprovare; se non basta, ${SEND_REPORT}`],
  "no-application": ["Nessun firmware da avviare", "Aggiornalo: così ne avrà uno."],
  refused: ["Il modulo ha rifiutato", `È come prima, o attende un aggiornamento: ${SEND_REPORT}`],
  "base-silent": ["Scheda base muta", "Scollegare il cavo della scheda base e ricollegarlo. Poi riprovare."],
  bug: ["Un difetto di questa pagina", `È della pagina, non del modulo: ${SEND_REPORT}`],
};

/** @type {Record<string, string>} */
export const causes = { "base-not-listed": "Non è nell’elenco", "port-not-permitted": "Nient’altro la usa", "rack-off": "Il cavo è collegato" };

/** @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  return `È il bus ${first === last ? "dello slot" : "degli slot"} ${row ? `da ${first} a ${last}` : slots.join(", ")}.`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["È successo qualcosa di inatteso", `Riprovare. Se succede ancora, ${SEND_REPORT} (${[p.code, p.detail].filter(Boolean).join(": ")})`];
