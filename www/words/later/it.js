// Every Italian sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "modulo" : "moduli"}`;

const time = new Intl.NumberFormat("it", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Collegare il rack: si aggiorna da solo",
  attendant: "Questo stand finora",
  pin: "PIN",
  enter: "OK",
  erase: "Cancella",
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
  "file-unreadable": ["Questo file non si può leggere", "Forse un altro programma lo sta scrivendo: attendi un momento, poi sceglilo di nuovo."],
  "module-busy": ["Il modulo è occupato", "Gli si sta chiedendo altro: attendi un momento, poi riprova."],
  "release-settings-saved": ["Impostazioni salvate", "Ciò che i moduli ricordano è stato salvato prima dell’aggiornamento e viene ripristinato dopo."],
  "release-settings-restored": ["Impostazioni ripristinate", "I moduli aggiornati hanno di nuovo ciò che ricordavano."],
  "release-settings-unmoved": ["Impostazioni non ancora ripristinate", "Il firmware è aggiornato, e ciò che il modulo ricordava è conservato qui. Scollegare il modulo e ricollegarlo."],
  "release-settings-left": ["Le impostazioni restano come sono", "Questo aggiornamento è iniziato su un altro computer, che le ha salvate. Collegare lì il rack per riaverle."],
  "settings-unsaved": ["Impossibile salvare le impostazioni", "Perciò il modulo non è stato aggiornato. Riprovare; se non basta, liberare spazio su questo computer."],
};

const size = new Intl.NumberFormat("it", { style: "unit", unit: "byte", unitDisplay: "long" });

/** @type {typeof import("./en.js").engineer} */
export const engineer = {
  title: "Per tecnici",
  module: "Modulo",
  copyReport: "Copia rapporto",
  close: "Chiudi",
  copied: "Il rapporto è negli appunti.",
  savedInstead: "Il browser tiene chiusi gli appunti: il rapporto è stato salvato come file.",
  connectFirst: "Collega prima un rack.",
  updating: "Durante un aggiornamento qui si guarda soltanto.",
  done: "Fatto.",
  tabs: { module: "Modulo", memory: "Flash", eeprom: "EEPROM", transcript: "Trascrizione", link: "Collegamento" },
  bytes: (n) => size.format(n),
  nothingChosen: "Nessun file scelto.",

  ask: "Chiedi di nuovo",
  readLog: "Leggi il registro",
  stop: "Ferma (loader)",
  start: "Avvia",
  erase: "Cancella",
  reallyErase: "Cancellare davvero?",
  updateFrom: "Aggiorna da un file",
  blinks: "Lampeggia se è nel suo loader o se il firmware lo sa fare.",
  stopped: "Attende nel suo loader.",
  started: "Il suo firmware è in funzione.",
  startedAgain: "Era fermo quando il collegamento è caduto, e funziona di nuovo.",
  erased: "Il suo firmware è cancellato, ogni pagina riletta vuota. Attende nel suo loader.",
  updateBegun: "L’aggiornamento è cominciato.",
  logEmpty: "Il suo registro è vuoto.",
  event: (code, detail) => `${["", "Avvio del loader, motivo", "Frame danneggiati:", "Rifiutato, motivo", "Pagine perse:", "Pagine ripetute:", "Pagine riscritte:", "Aggiornamento aperto, sessione", "Aggiornamento concluso, sessione"][code] ?? `Evento ${code}:`} ${detail}`,
  fact: {
    state: "Stato", application: "Firmware", loader: "Loader, protocollo", type: "Produttore, tipo, scheda", uid: "Numero unico", flash: "Flash: inizio, misura, pagine, banchi",
    start: "Il firmware inizia a", ram: "RAM", eeprom: "EEPROM dati", ring: "Pagine in anticipo", home: "Indirizzo del suo posto", starts: "Avvii (contatore)",
  },

  compareRelease: "Confronta con la versione",
  compareFile: "Confronta con un file",
  readOut: "Estrai",
  noRelease: "La versione non ha nulla per lui: si vede solo ciò che contiene.",
  readOutOf: (length, start) => `${size.format(length)} da ${start}, salvati.`,
  page: { blank: "Vuota", data: "Occupata", equal: "Uguale", changed: "Diversa", written: "Scritta", failing: "Fallita" },
  pageAt: (page, address, state) => `Pagina ${page}, ${address}: ${state}`,

  read: "Leggi",
  write: "Scrivi le modifiche",
  save: "Salva",
  load: "Carica un file",
  readFirst: "Prima leggila.",
  unsaved: "Ci sono modifiche non scritte: fai clic di nuovo per scartarle.",
  notHex: "Ogni riga vuole tante coppie esadecimali quante ne aveva.",
  noEeprom: "Non ha EEPROM dati.",
  loaded: "Caricato; nulla è ancora scritto.",
  eepromHint: "Byte in esadecimale. Si scrive solo ciò che è cambiato, e si rilegge.",
  written: (n) => (n ? `${size.format(n)} scritti e riletti.` : "Nulla era cambiato."),
  otherLength: (length, wanted) => `Il file ha ${size.format(length)}, l’EEPROM ${size.format(wanted)}.`,
  bytesAt: (at) => `Byte da ${at}`,

  filter: "Che cosa si vede",
  kinds: { all: "Tutto", messages: "Senza battiti", trouble: "Solo guasti" },
  search: "Cerca",
  pause: "Ferma",
  goOn: "Segui",
  found: (n, of) => `${n} di ${of}`,

  counted: { sent: "Frame inviati", received: "Frame ricevuti", sentAgain: "Inviati ancora", receivedAgain: "Ricevuti ancora", damaged: "Danneggiati", missed: "Non annotati" },
  columns: ["Posto", "Modulo", "Scritture", "Letture", "Falliti", "Rinunce", "Ultima causa"],
};

const COPY_AGAIN = "Non è stato scritto nulla. Il file è danneggiato: copiarlo o scaricarlo di nuovo.";
const ASK_FIRMWARE = "Non è stato scritto nulla. Chiedere un file corretto al produttore del firmware.";
const CHOOSE_OTHER = "Non è stato scritto nulla. Scegliere un file fatto per questo modulo.";

/** @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["Il file è vuoto", COPY_AGAIN],
  "file-too-large": ["Il file è troppo grande per essere un firmware", CHOOSE_OTHER],
  "image-too-large": ["Il firmware è più grande di qualsiasi memoria flash", CHOOSE_OTHER],
  "no-address": ["Non è un file ELF, Intel HEX o S-record", "Se è un binario grezzo, indicare a quale indirizzo appartiene. Altrimenti scegliere un altro file."],
  "binary-address": ["Il binario grezzo supera l’ultimo indirizzo", "Indicare un indirizzo più basso."],
  "no-data": ["Il file non contiene nulla per una memoria flash", ASK_FIRMWARE],
  "no-header": ["Il firmware non dice per quale modulo è", CHOOSE_OTHER],
  header: ["Ciò che il firmware dice di sé non ha senso", ASK_FIRMWARE],
  "record-start": ["Una riga non comincia come un record", COPY_AGAIN],
  "record-character": ["Una riga ha un carattere che non è una cifra esadecimale", COPY_AGAIN],
  "record-digits": ["Una riga ha troppe o troppo poche cifre", COPY_AGAIN],
  "record-checksum": ["Una riga non corrisponde alla sua somma di controllo", COPY_AGAIN],
  "record-length": ["Una riga non è lunga quanto dichiara", COPY_AGAIN],
  "record-type": ["Una riga è di un tipo che non si usa", "Non è stato scritto nulla. Chiedere un file semplice al produttore del firmware."],
  "record-count": ["Mancano righe, o ce ne sono troppe", COPY_AGAIN],
  "record-no-end": ["Manca la fine del file", COPY_AGAIN],
  "record-after-end": ["Il file continua dopo la sua fine", "Non è stato scritto nulla. Il file è danneggiato, o ne sono stati uniti due: copiarlo o scaricarlo di nuovo."],
  "record-overlap": ["Due righe danno a un indirizzo byte diversi", ASK_FIRMWARE],
  "record-address": ["Una riga supera l’ultimo indirizzo", ASK_FIRMWARE],
  "elf-form": ["Il file ELF è danneggiato", COPY_AGAIN],
  "elf-target": ["Il file ELF è per un altro tipo di chip", CHOOSE_OTHER],
  "elf-kind": ["Il file ELF non è un programma collegato dal linker", "Non è stato scritto nulla. Scegliere il file prodotto dal linker."],
  "elf-segments": ["Il file ELF ha troppi segmenti", CHOOSE_OTHER],
  "elf-segment": ["Un segmento del file ELF non è intero", COPY_AGAIN],
  "elf-address": ["Un segmento del file ELF supera l’ultimo indirizzo", ASK_FIRMWARE],
  "elf-overlap": ["Due segmenti del file ELF danno a un indirizzo byte diversi", ASK_FIRMWARE],
};
/** @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title} (riga ${p.line})` : p.address != null ? `${title} (indirizzo 0x${p.address.toString(16)})` : title);
