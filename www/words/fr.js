// Every French sentence of the page: see en.js. What French puts before ":", ";", "?" and "!" is a blank that does not break.

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

export const language = "fr";

/** None is as one. @param {number} n */
const isOne = (n) => n < 2;
/** @param {number} n */
const modules = (n) => `${n} ${isOne(n) ? "module" : "modules"}`;

export const page = {
  lead: "Mettez à jour tout votre rack d’un coup",
  intro: "Branchez la carte de base en USB : cette page trouve tous les modules, montre les nouveautés et les met tous à jour ensemble.",
  connect: "Connecter",
  demo: "Essayer le rack de démo",
  updateAll: "Tout mettre à jour",
  disconnect: "Déconnecter",
  leaveDemo: "Quitter la démo",
  saveReport: "Enregistrer le rapport",
  saveTranscript: "Enregistrer le journal",
  engineer: "Pour techniciens",
  certificate: "Certificat",
  useFile: "Utiliser un fichier",
  tellMe: "M’avertir à la fin",
  anotherPort: "Choisir un autre port",
  blink: "Clignoter",
  tryAgain: "Réessayer",
  demoTag: "Démo",
  breakSomething: "Créer une panne",
  rack: "Votre rack",
  empty: "Vide",
  paused: "En pause",
  progress: "Mise à jour de tout le rack",
  promise: "Rien à installer. Tout se passe dans ce navigateur, et rien de ce qui concerne votre rack ne quitte cet ordinateur.",
  noBase: "Aucune carte de base connectée",
  noBaseYet: "En attente de la carte de base",
  simulated: "Simulation, rien de réel n’est modifié",
  baseLost: "Câble débranché ou courant coupé",
  language: "Langue",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "Sans emplacement" : `Emplacement ${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what} : ${name}, ${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `N° ${serial}`;
/** @param {string} version */
export const firmware = (version) => `Micrologiciel ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `installé ${installed}, disponible ${available}` : `disponible ${available}`);
/** @param {number} n */
export const careTitle = (n) => (isOne(n) ? "Un point demande votre aide" : `${n} points demandent votre aide`);
const share = new Intl.NumberFormat(language, { style: "percent" });
/** @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "quelques secondes";
  if (seconds < 55) return `environ ${Math.ceil(seconds / 5) * 5} secondes`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "environ une minute" : `environ ${minutes} minutes`;
}
/** @param {number} seconds */
export const timeLeft = (seconds) => `encore ${about(seconds)}`;
/** @param {string} release */
export const ready = (release) => `La livraison ${release} est prête`;
/** @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `Livraison ${release}, durée : ${about(seconds)}`;

/** @param {Tally} t @param {number} n @param {[one: string, more: string]} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  const of = n === all ? modules(all) : `${n} ${isOne(n) ? "module" : "modules"} sur ${all}`;
  return `${of} ${what[isOne(n) ? 0 : 1]}${t.silent ? `, ${t.silent} ne ${isOne(t.silent) ? "répond" : "répondent"} pas` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "Votre module est à jour" : `Les ${t.here} modules sont à jour`);
/** @param {Tally} t */
const running = (t) => `Mise à jour en cours, encore ${modules(t.busy + t.waiting)}`;

export const headline = {
  connecting: { title: () => "Connexion…", hint: "Un instant." },
  unanswered: { title: () => "Pas encore de connexion", hint: "Cette page continue d’essayer." },
  finishing: { title: () => "La carte de base termine d’abord son travail", hint: "Elle est encore occupée par une tâche précédente. Ensuite, tout continue de soi-même." },
  detecting: { title: (/** @type {Tally} */ t) => `Recherche des modules…${t.here ? ` ${t.here} ${isOne(t.here) ? "trouvé" : "trouvés"}` : ""}`, hint: "Chaque emplacement est interrogé." },
  nothing: { title: () => "Aucun module trouvé", hint: "Vérifiez que les modules sont bien enfoncés dans leurs emplacements et que le rack est allumé. Ils apparaîtront ici d’eux-mêmes." },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, ["peut être mis à jour", "peuvent être mis à jour"]),
    hint: "Vos patchs et vos réglages sont conservés. Laissez le rack allumé jusqu’à la fin.",
  },
  running: { title: running, hint: "Laissez le rack allumé et le câble branché. Vous pouvez utiliser d’autres fenêtres pendant ce temps." },
  onBase: { title: running, hint: "La carte de base a tout ce qu’il lui faut : vous pouvez fermer cette page. Laissez le rack allumé." },
  away: { title: () => "En attente d’un module qui ne répond pas", hint: "Remettez-le en place, et tout continue de soi-même." },
  done: { title: done, hint: "Chaque module a été vérifié en relisant son contenu." },
  current: { title: done, hint: "Rien à faire : le micrologiciel le plus récent est déjà installé." },
  silent: {
    title: (/** @type {Tally} */ t) => some(t, t.good, ["est à jour", "sont à jour"]),
    hint: "Enfoncez bien dans son emplacement le module qui ne répond pas : il apparaîtra ici de lui-même.",
  },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good} à jour, ${t.care}` : modules(t.care)} ${isOne(t.care) ? "n’a pas pu être mis à jour" : "n’ont pas pu être mis à jour"}`,
    hint: "Tout va bien pour les autres. Ce qu’il faut faire est indiqué plus bas.",
  },
  idle: { title: (/** @type {Tally} */ t) => `${modules(t.here)} ${isOne(t.here) ? "trouvé" : "trouvés"}, rien à mettre à jour`, hint: "Cette page n’a pas de micrologiciel plus récent pour eux." },
  lost: { title: () => "Connexion perdue", hint: "Rien n’est cassé : chaque module se souvient où il en était." },
};

export const standing = {
  outdated: "Mise à jour prête",
  rescue: "À programmer",
  stranded: "Pas de micrologiciel",
  unknown: "Rien de nouveau",
  current: "À jour",
  updated: "Mis à jour",
  waiting: "En attente",
  busy: "En cours",
  refused: "Inchangé",
  failed: "Non mis à jour",
  gone: "Pas de réponse",
};

export const why = {
  blank: "Neuf, vide",
  interrupted: "Interrompu",
  damaged: "Contenu endommagé",
  "never-confirmed": "N’a pas démarré",
  requested: "Prêt",
};

/** @type {Record<string, string>} */
export const phase = { comparing: "Comparaison", writing: "Écriture", verifying: "Vérification", starting: "Démarrage" };

const RELOAD = "Vérifiez votre connexion à Internet, puis rechargez la page.";
const ASK_MAKER = "Rien n’a été écrit. Demandez le bon fichier au fabricant du module.";
const SEND_REPORT = "enregistrez le rapport et envoyez-le au fabricant du module.";

/** @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["Ce navigateur n’accède pas aux appareils série USB", "Ouvrez cette page dans Chrome, Edge ou Opera sur un ordinateur, dans Firefox à partir de la version 151, ou dans Chrome sur Android à partir de la version 148. Le rack de démo fonctionne ici même."],
  "not-secure": ["Cette page a été ouverte sans https", "Ouvrez son adresse https:// : les navigateurs n’autorisent l’USB que là. Le rack de démo fonctionne ici même."],
  "no-port-chosen": ["Aucun port n’a été choisi", "Cliquez de nouveau sur Connecter et choisissez la carte de base."],
  "base-not-listed": ["L’ordinateur ne voit pas la carte de base", "Prenez un autre câble USB : certains ne servent qu’à charger et ne transportent pas de données."],
  "port-busy": ["Un autre programme utilise la carte de base", "Fermez l’autre programme qui utilise le port série, puis cliquez de nouveau sur Connecter."],
  "port-not-permitted": ["Cet ordinateur ne vous laisse pas utiliser les ports série", "Tapez dans un terminal : sudo usermod -aG dialout $USER. Fermez votre session et rouvrez-la, puis cliquez sur Connecter."],
  "port-blocked": ["L’USB série est bloqué dans ce navigateur", "Demandez à la personne qui gère cet ordinateur de l’autoriser pour cette page."],
  "port-busy-tab": ["Rackflash est ouvert dans un autre onglet", "Continuez là-bas, ou fermez cet onglet et cliquez de nouveau sur Connecter ici."],
  "port-lost": ["La carte de base a disparu", "Rebranchez le câble. Tout reprend de soi-même là où cela s’était arrêté."],
  "rack-off": ["Le rack n’est pas alimenté", "Allumez-le. Tout reprend de soi-même là où cela s’était arrêté."],
  "silent-port": ["Le port est ouvert, mais rien ne répond", "Vérifiez que le rack est allumé : tout continuera de soi-même."],
  "not-a-base": ["Ce n’est pas une carte de base Rackflash", "Quelque chose répond sur ce port, mais dans une autre langue. Choisissez un autre port."],
  "base-newer": ["La carte de base est plus récente que cette page", "Rechargez la page pour obtenir sa dernière version."],
  "base-older": ["Le micrologiciel de la carte de base est trop ancien", "Mettez d’abord à jour la carte de base ; son fabricant a le mode d’emploi."],
  "base-restarted": ["La carte de base a redémarré", "La mise à jour continue d’elle-même. Si cela se reproduit, vérifiez l’alimentation du rack."],
  "browser-too-old": ["Ce navigateur est trop ancien pour vérifier les signatures", "Mettez-le à jour, puis rouvrez cette page. Rien n’a été écrit."],
  "engine-missing": ["Une partie de cette page n’a pas été chargée", RELOAD],
  "engine-failed": ["Une partie de cette page ne fonctionne plus", "Rechargez la page et reconnectez-vous : les modules se souviennent où ils en étaient."],

  "release-missing": ["Le micrologiciel n’a pas été chargé", RELOAD],

  "no-image": ["Rien de nouveau", "Cette page n’a pas de micrologiciel pour ce module. Son fabricant en a peut-être un."],
  "wrong-type": ["Pour un autre module", ASK_MAKER],
  "wrong-hardware": ["Autre matériel", ASK_MAKER],
  "loader-older": ["Chargeur trop ancien", "Ce micrologiciel demande un chargeur plus récent que celui du module. Demandez au fabricant de le renouveler."],
  older: ["Plus récent qu’ici", "Le module a déjà une version plus récente. Rien à faire."],
  "does-not-fit": ["Ne convient pas", ASK_MAKER],
  "bad-image": ["Fichier inutilisable", ASK_MAKER],
  "bad-identity": ["Identité incohérente", "Ce que le module dit de lui-même est impossible. Il doit être révisé par son fabricant."],
  "not-answering": ["Ne répond plus", "Enfoncez bien le module dans son emplacement, ou éteignez et rallumez le rack. Puis réessayez."],
  unplugged: ["Pas de réponse", "Remettez le module en place, puis réessayez."],
  "bus-stuck-now": ["Bus bloqué", "Éteignez et rallumez le rack. Si cela persiste, retirez les modules un à un pour trouver le coupable."],
  "bus-stuck": ["Bus bloqué avant", "Réessayez. Si cela se reproduit, retirez les modules un à un pour trouver le coupable."],
  "bad-data": ["Données abîmées", "Réessayez. Si cela se reproduit, enfoncez bien le module dans son emplacement."],
  "digest-mismatch": ["Vérification échouée", "Le contenu du module n’est pas ce qui a été envoyé : il n’a donc pas été démarré. Réessayez."],
  "flash-worn": ["Mémoire usée", `Ce module ne peut plus mémoriser de micrologiciel : ${SEND_REPORT}`],
  "address-conflict": ["Modules en conflit", "Retirez le dernier module inséré et mettez les autres à jour. Remettez-le ensuite seul."],
  "no-free-address": ["Trop de modules", "Ce bus a trop de modules. Retirez-en un, mettez les autres à jour, puis échangez-les."],
  "never-started": ["N’a pas démarré", `Le nouveau micrologiciel ne donne pas signe de vie. Réessayez ; si cela persiste, ${SEND_REPORT}`],
  "no-application": ["Aucun micrologiciel à démarrer", "Mettez-le à jour : il en aura un."],
  refused: ["Le module a refusé", `Il est comme avant, ou attend une mise à jour : ${SEND_REPORT}`],
  "base-silent": ["Carte de base muette", "Débranchez le câble de la carte de base et rebranchez-le. Puis réessayez."],
  bug: ["Un défaut de cette page", `Il vient de la page, pas du module : ${SEND_REPORT}`],
};

/** @type {Record<string, string>} */
export const causes = { "base-not-listed": "Elle n’est pas dans la liste", "port-not-permitted": "Rien d’autre ne l’utilise", "rack-off": "Le câble est branché" };

/** @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  if (first === last) return `C’est le bus de l’emplacement ${first}.`;
  return `C’est le bus des emplacements ${row ? `${first} à ${last}` : slots.join(", ")}.`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["Un imprévu s’est produit", `Réessayez. Si cela se reproduit, ${SEND_REPORT} (${[p.code, p.detail].filter(Boolean).join(" : ")})`];
