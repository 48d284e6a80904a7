// Every French sentence of the parts that are loaded later: see en.js.

/** None is as one. @param {number} n */
const isOne = (n) => n < 2;
/** @param {number} n */
const modules = (n) => `${n} ${isOne(n) ? "module" : "modules"}`;

const time = new Intl.NumberFormat("fr", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Branchez votre rack : il se met à jour tout seul",
  attendant: "Ce stand jusqu’ici",
  pin: "PIN",
  enter: "OK",
  erase: "Effacer",
  close: "Fermer",
  reset: "Remettre à zéro",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Racks", `${c.racks}`], ["Modules mis à jour", `${c.modules}`], ["Non mis à jour", `${c.failures}`], ["Durée médiane", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "Ici, rien n’est réel. Lancez une mise à jour, provoquez les pannes que vous voulez, et regardez le rack s’en remettre.";

const FILL = "Une mise à jour en cours le remplit aussi. Sinon, cliquez sur Tout mettre à jour.";

/** @type {Record<string, [label: string, said: (n: number, name: string) => string]>} */
export const harm = {
  unplug: ["Débrancher le câble", () => "Le câble est débranché. La carte de base fait seule ce qui lui a déjà été confié."],
  plug: ["Rebrancher", () => "Le câble est rebranché. La page demande à chaque module ce qu’il contient, et continue à partir de là."],
  power: ["Couper le courant", (n) => `Le courant a été coupé une seconde. ${n ? `${modules(n)} ${isOne(n) ? "écrivait une page de mémoire, qui est maintenant réécrite" : "écrivaient une page de mémoire, qui est maintenant réécrite"}.` : "Aucune page de mémoire n’était en cours d’écriture à cet instant."}`],
  noise: ["Ajouter du bruit", () => "Un bit sur 10 000 arrive maintenant faux. Les sommes de contrôle le remarquent, et ce qui est abîmé est renvoyé."],
  quiet: ["Arrêter le bruit", () => "Le calme est revenu sur les fils."],
  hold: ["Bloquer le bus", (n, name) => `Le ${name} de l’emplacement ${n} bloque le bus, et plus personne ne peut y parler. Libérez-le, ou coupez le courant.`],
  free: ["Libérer le bus", (n, name) => `Le ${name} de l’emplacement ${n} a libéré le bus. Tout mettre à jour termine ce qui a échoué entre-temps.`],
  swap: ["Échanger un module", (n, name) => `Un autre ${name} occupe maintenant l’emplacement ${n}. Son numéro le trahit : il est neuf et vide. ${FILL}`],
  kill: ["Détruire un module", (n, name) => `Le ${name} de l’emplacement ${n} ne répond plus à personne, et les autres continuent sans lui. Remplacez-le, ou coupez le courant pour le réveiller.`],
  mend: ["Le remplacer", (n, name) => `Un nouveau ${name} occupe l’emplacement ${n}, encore vide. ${FILL}`],
};

export const certificate = {
  title: "Certificat de mise à jour",
  proof: "Chaque module a été relu et contient exactement ce qui a été signé.",
  print: "Imprimer",
  save: "Enregistrer en JSON",
  close: "Fermer",
  release: "Livraison",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id} (numéro ${counter})`,
  time: "Heure",
  base: "Carte de base",
  page: "Version de la page",
  columns: ["Emplacement", "Module", "Numéro de série", "Identifiant unique", "De", "À", "Empreinte", "Octets"],
};

const NOT_TAKEN = "Rien n’a été écrit. Rechargez la page pour le récupérer à nouveau ; si cela persiste, prévenez le responsable de cette page.";
const ASK_SITE = "Rien n’a été écrit. Prévenez le responsable de cette page.";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["Le micrologiciel n’est pas tel que son fabricant l’a signé", NOT_TAKEN],
  "release-signature-form": ["La signature du micrologiciel est endommagée", NOT_TAKEN],
  "release-unknown-key": ["Le micrologiciel a été signé par quelqu’un d’autre", NOT_TAKEN],
  "release-not-signed": ["Le micrologiciel n’est pas signé", NOT_TAKEN],
  "release-too-long": ["La liste des micrologiciels n’en est pas une", NOT_TAKEN],
  "release-pack-form": ["Ce fichier ne contient pas de livraison complète", "Rien n’a été écrit. Copiez ou téléchargez de nouveau le fichier."],
  "release-format": ["Le micrologiciel est plus récent que cette page", "Rechargez la page pour obtenir sa dernière version."],
  "release-manifest": ["La liste des micrologiciels est incompréhensible", ASK_SITE],
  "release-older": ["Un micrologiciel plus ancien qu’avant", "Rien n’a été écrit : ce navigateur a déjà vu une livraison plus récente. Rechargez la page pour l’obtenir."],
  "release-expired": ["Ce micrologiciel est périmé", "Vérifiez que la date de cet ordinateur est juste, puis rechargez la page pour obtenir la dernière livraison."],
  "release-other-file": ["Un fichier n’est pas celui qui a été signé", NOT_TAKEN],
  "release-other-image": ["Un fichier est destiné à un autre module qu’il ne le dit", ASK_SITE],
  "release-image": ["Un fichier de micrologiciel est inutilisable", ASK_SITE],
  "release-bad-key": ["Cette page a été construite avec une mauvaise clé", ASK_SITE],
  "file-unreadable": ["Ce fichier est illisible", "Un autre programme l’écrit peut-être : attendez un instant, puis choisissez-le de nouveau."],
  "module-busy": ["Le module est occupé", "On lui demande déjà autre chose : attendez un instant, puis réessayez."],
  "release-settings-saved": ["Réglages sauvegardés", "Ce que les modules ont en mémoire a été sauvegardé avant leur mise à jour, et sera restauré après."],
  "release-settings-restored": ["Réglages restaurés", "Les modules mis à jour ont retrouvé ce qu’ils avaient en mémoire."],
  "release-settings-unmoved": ["Réglages pas encore restaurés", "Le firmware est à jour, et ce que le module avait en mémoire est gardé ici. Débranchez le module, puis rebranchez-le."],
  "release-settings-left": ["Les réglages restent tels quels", "Cette mise à jour a commencé sur un autre ordinateur, qui les a sauvegardés. Branchez-y le rack pour les retrouver."],
  "settings-unsaved": ["Réglages impossibles à sauvegarder", "Le module n’a donc pas été mis à jour. Réessayez ; si cela persiste, libérez de la place sur cet ordinateur."],
};

const size = new Intl.NumberFormat("fr", { style: "unit", unit: "byte", unitDisplay: "long" });

/** @type {typeof import("./en.js").engineer} */
export const engineer = {
  title: "Pour techniciens",
  module: "Module",
  copyReport: "Copier le rapport",
  close: "Fermer",
  copied: "Le rapport est dans le presse-papiers.",
  savedInstead: "Le navigateur garde son presse-papiers fermé : le rapport a été enregistré comme fichier.",
  connectFirst: "Connectez d’abord un rack.",
  updating: "Pendant une mise à jour, ceci ne fait que regarder.",
  done: "Terminé.",
  tabs: { module: "Module", memory: "Flash", eeprom: "EEPROM", transcript: "Transcription", link: "Liaison" },
  bytes: (n) => size.format(n),
  nothingChosen: "Aucun fichier choisi.",

  ask: "Interroger",
  readLog: "Lire son journal",
  stop: "Arrêter (chargeur)",
  start: "Démarrer",
  erase: "Effacer",
  reallyErase: "Vraiment effacer ?",
  updateFrom: "Mettre à jour d’un fichier",
  blinks: "Il clignote s’il est dans son chargeur ou si son micrologiciel le peut.",
  stopped: "Il attend dans son chargeur.",
  started: "Son micrologiciel tourne.",
  startedAgain: "Il était arrêté quand la liaison a été perdue, et tourne de nouveau.",
  erased: "Son micrologiciel est effacé, chaque page relue vide. Il attend dans son chargeur.",
  updateBegun: "La mise à jour a commencé.",
  logEmpty: "Son journal est vide.",
  event: (code, detail) => `${["", "Départ du chargeur, raison", "Trames abîmées :", "Refusé, raison", "Pages manquées :", "Pages répétées :", "Pages réécrites :", "Mise à jour ouverte, session", "Mise à jour validée, session"][code] ?? `Événement ${code} :`} ${detail}`,
  fact: {
    state: "État", application: "Micrologiciel", loader: "Chargeur, protocole", type: "Fabricant, type, carte", uid: "Numéro unique", flash: "Flash : début, taille, pages, bancs",
    start: "Le micrologiciel débute à", ram: "RAM", eeprom: "EEPROM de données", ring: "Pages en avance", home: "Adresse de son emplacement", starts: "Démarrages (compteur)",
  },

  compareRelease: "Comparer à la version",
  compareFile: "Comparer à un fichier",
  readOut: "Extraire",
  noRelease: "La version n’a rien pour lui : voici seulement ce qu’il contient.",
  readOutOf: (length, start) => `${size.format(length)} à partir de ${start}, enregistrés.`,
  page: { blank: "Vide", data: "Occupée", equal: "Identique", changed: "Différente", written: "Écrite", failing: "En échec" },
  pageAt: (page, address, state) => `Page ${page}, ${address} : ${state}`,

  read: "Lire",
  write: "Écrire les modifications",
  save: "Enregistrer",
  load: "Charger un fichier",
  readFirst: "Lisez-la d’abord.",
  unsaved: "Des modifications ne sont pas écrites : cliquez encore pour les abandonner.",
  notHex: "Chaque ligne veut autant de paires hexadécimales qu’elle en avait.",
  noEeprom: "Il n’a pas d’EEPROM de données.",
  loaded: "Chargé ; rien n’est encore écrit.",
  eepromHint: "Octets en hexadécimal. Seul ce qui change est écrit, puis relu.",
  written: (n) => (n ? `${size.format(n)} écrits et relus.` : "Rien n’a changé."),
  otherLength: (length, wanted) => `Le fichier fait ${size.format(length)}, l’EEPROM ${size.format(wanted)}.`,
  bytesAt: (at) => `Octets à partir de ${at}`,

  filter: "Ce qui est montré",
  kinds: { all: "Tout", messages: "Sans battements", trouble: "Incidents seuls" },
  search: "Chercher",
  pause: "Figer",
  goOn: "Suivre",
  found: (n, of) => `${n} sur ${of}`,

  counted: { sent: "Trames envoyées", received: "Trames reçues", sentAgain: "Renvoyées", receivedAgain: "Reçues encore", damaged: "Abîmées", missed: "Non notées" },
  columns: ["Empl.", "Module", "Écritures", "Lectures", "Échecs", "Abandons", "Dernière cause"],
};

const COPY_AGAIN = "Rien n’a été écrit. Le fichier est endommagé : copiez-le ou téléchargez-le de nouveau.";
const ASK_FIRMWARE = "Rien n’a été écrit. Demandez un fichier correct au fabricant du micrologiciel.";
const CHOOSE_OTHER = "Rien n’a été écrit. Choisissez un fichier fait pour ce module.";

/** @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["Le fichier est vide", COPY_AGAIN],
  "file-too-large": ["Le fichier est trop grand pour un micrologiciel", CHOOSE_OTHER],
  "image-too-large": ["Le micrologiciel est plus grand que toute mémoire flash", CHOOSE_OTHER],
  "no-address": ["Ce n’est pas un fichier ELF, Intel HEX ou S-record", "Si c’est un binaire brut, indiquez à quelle adresse il doit aller. Sinon, choisissez un autre fichier."],
  "binary-address": ["Le binaire brut dépasse la dernière adresse", "Indiquez une adresse plus basse."],
  "no-data": ["Le fichier ne contient rien pour une mémoire flash", ASK_FIRMWARE],
  "no-header": ["Le micrologiciel ne dit pas à quel module il est destiné", CHOOSE_OTHER],
  header: ["Ce que le micrologiciel dit de lui-même n’a pas de sens", ASK_FIRMWARE],
  "record-start": ["Une ligne ne commence pas comme un enregistrement", COPY_AGAIN],
  "record-character": ["Une ligne contient un caractère qui n’est pas un chiffre hexadécimal", COPY_AGAIN],
  "record-digits": ["Une ligne a trop ou trop peu de chiffres", COPY_AGAIN],
  "record-checksum": ["Une ligne ne correspond pas à sa somme de contrôle", COPY_AGAIN],
  "record-length": ["Une ligne n’a pas la longueur qu’elle annonce", COPY_AGAIN],
  "record-type": ["Une ligne est d’un type qui n’est pas utilisé", "Rien n’a été écrit. Demandez un fichier simple au fabricant du micrologiciel."],
  "record-count": ["Il manque des lignes, ou il y en a trop", COPY_AGAIN],
  "record-no-end": ["La fin du fichier manque", COPY_AGAIN],
  "record-after-end": ["Le fichier continue après sa fin", "Rien n’a été écrit. Le fichier est endommagé, ou deux ont été réunis : copiez-le ou téléchargez-le de nouveau."],
  "record-overlap": ["Deux lignes donnent à une adresse des octets différents", ASK_FIRMWARE],
  "record-address": ["Une ligne dépasse la dernière adresse", ASK_FIRMWARE],
  "elf-form": ["Le fichier ELF est endommagé", COPY_AGAIN],
  "elf-target": ["Le fichier ELF est destiné à un autre type de puce", CHOOSE_OTHER],
  "elf-kind": ["Le fichier ELF n’est pas un programme lié", "Rien n’a été écrit. Choisissez le fichier que l’éditeur de liens a produit."],
  "elf-segments": ["Le fichier ELF a trop de segments", CHOOSE_OTHER],
  "elf-segment": ["Un segment du fichier ELF n’est pas entier", COPY_AGAIN],
  "elf-address": ["Un segment du fichier ELF dépasse la dernière adresse", ASK_FIRMWARE],
  "elf-overlap": ["Deux segments du fichier ELF donnent à une adresse des octets différents", ASK_FIRMWARE],
};
/** @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title} (ligne ${p.line})` : p.address != null ? `${title} (adresse 0x${p.address.toString(16)})` : title);
