// Every Italian sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "modulo" : "moduli"}`;

const time = new Intl.NumberFormat("it", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Collegare il rack: si aggiorna da solo",
  attendant: "Questo stand finora",
  pin: "PIN",
  enter: "OK",
  close: "Chiudi",
  reset: "Azzera",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Rack", `${c.racks}`], ["Moduli aggiornati", `${c.modules}`], ["Non aggiornati", `${c.failures}`], ["Durata mediana", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "Qui niente è reale. Avviare un aggiornamento, provocare guasti a piacere e guardare il rack che si riprende.";

const FILL = "Un aggiornamento in corso riempie anche questo. Altrimenti fare clic su Aggiorna tutto.";

/** @type {Record<string, [label: string, said: (n: number, name: string) => string]>} */
export const harm = {
  unplug: ["Stacca il cavo", () => "Il cavo è staccato. La scheda base fa da sola ciò che aveva già ricevuto."],
  plug: ["Riattacca il cavo", () => "Il cavo è tornato. La pagina chiede a ogni modulo che cosa contiene, e prosegue da lì."],
  power: ["Togli corrente", (n) => `La corrente è mancata per un secondo. ${n ? `${modules(n)} ${n === 1 ? "era" : "erano"} a metà di una pagina di memoria, che ora viene riscritta.` : "In quel momento non si scriveva nessuna pagina di memoria."}`],
  noise: ["Aggiungi disturbi", () => "Ora un bit su 10.000 arriva sbagliato. I codici di controllo se ne accorgono, e ciò che è danneggiato viene rinviato."],
  quiet: ["Ferma i disturbi", () => "Sui fili è tornata la calma."],
  hold: ["Blocca il bus", (n, name) => `Il modulo ${name} nello slot ${n} tiene fermo il bus, e nessuno può parlarci. Liberarlo, o togliere corrente.`],
  free: ["Libera il bus", (n, name) => `Il modulo ${name} nello slot ${n} ha liberato il bus. Aggiorna tutto completa ciò che nel frattempo è fallito.`],
  swap: ["Scambia un modulo", (n, name) => `Ora nello slot ${n} c’è un altro modulo ${name}. Lo rivela il numero: è nuovo e vuoto. ${FILL}`],
  kill: ["Uccidi un modulo", (n, name) => `Il modulo ${name} nello slot ${n} non risponde più a nessuno, e gli altri proseguono senza. Sostituirlo, o togliere corrente per svegliarlo.`],
  mend: ["Sostituiscilo", (n, name) => `Nello slot ${n} c’è un nuovo modulo ${name}, ancora vuoto. ${FILL}`],
};

export const certificate = {
  title: "Certificato di aggiornamento",
  proof: "Ogni modulo è stato riletto e contiene esattamente ciò che è stato firmato.",
  print: "Stampa",
  save: "Salva come JSON",
  close: "Chiudi",
  release: "Rilascio",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id} (numero ${counter})`,
  time: "Ora",
  base: "Scheda base",
  page: "Versione della pagina",
  columns: ["Slot", "Modulo", "Numero di serie", "Identificativo unico", "Da", "A", "Impronta", "Byte"],
};

const NOT_TAKEN = "Non è stato scritto nulla. Ricaricare la pagina per riceverlo di nuovo; se non basta, avvisare il gestore di questa pagina.";
const ASK_SITE = "Non è stato scritto nulla. Avvisare il gestore di questa pagina.";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["Il firmware non è come il produttore lo ha firmato", NOT_TAKEN],
  "release-signature-form": ["La firma del firmware è danneggiata", NOT_TAKEN],
  "release-unknown-key": ["Il firmware è stato firmato da qualcun altro", NOT_TAKEN],
  "release-not-signed": ["Il firmware non è firmato", NOT_TAKEN],
  "release-too-long": ["L’elenco dei firmware non è un elenco", NOT_TAKEN],
  "release-pack-form": ["Questo file non contiene un rilascio completo", "Non è stato scritto nulla. Copiare o scaricare di nuovo il file."],
  "release-format": ["Il firmware è più recente di questa pagina", "Ricaricare la pagina per averne l’ultima versione."],
  "release-manifest": ["L’elenco dei firmware non ha senso", ASK_SITE],
  "release-older": ["Un firmware più vecchio di prima", "Non è stato scritto nulla: questo browser ha già visto un rilascio più recente. Ricaricare la pagina per averlo."],
  "release-expired": ["Questo firmware è scaduto", "Controllare che la data di questo computer sia giusta, poi ricaricare la pagina per avere l’ultimo rilascio."],
  "release-other-file": ["Un file di firmware non è quello firmato", NOT_TAKEN],
  "release-other-image": ["Un file di firmware è per un modulo diverso da quello che dichiara", ASK_SITE],
  "release-image": ["Un file di firmware è inutilizzabile", ASK_SITE],
  "release-bad-key": ["Questa pagina è stata creata con una chiave sbagliata", ASK_SITE],
};
