// Every Spanish sentence of the page: see en.js. Whoever reads is spoken to as "usted".

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

export const language = "es";

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "módulo" : "módulos"}`;

export const page = {
  lead: "Actualice todo su rack de una vez",
  intro: "Conecte la tarjeta base por USB: esta página encuentra todos los módulos, muestra las novedades y los actualiza todos juntos.",
  connect: "Conectar",
  demo: "Probar el rack de demostración",
  updateAll: "Actualizar todo",
  disconnect: "Desconectar",
  leaveDemo: "Salir de la demo",
  saveReport: "Guardar informe",
  saveTranscript: "Guardar registro",
  engineer: "Para técnicos",
  certificate: "Certificado",
  useFile: "Usar un archivo",
  tellMe: "Avisarme al terminar",
  anotherPort: "Elegir otro puerto",
  blink: "Parpadear",
  tryAgain: "Reintentar",
  demoTag: "Demo",
  breakSomething: "Estropear algo",
  rack: "Su rack",
  empty: "Vacía",
  paused: "En pausa",
  progress: "Actualización de todo el rack",
  promise: "No hay que instalar nada. Todo ocurre en este navegador, y nada sobre su rack sale de este ordenador.",
  noBase: "Ninguna tarjeta base conectada",
  noBaseYet: "Esperando la tarjeta base",
  simulated: "Simulado, no se cambia nada real",
  baseLost: "Cable desconectado o sin corriente",
  language: "Idioma",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "Sin ranura" : `Ranura ${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what}: ${name}, ${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `N.º ${serial}`;
/** @param {string} version */
export const firmware = (version) => `Firmware ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `instalada ${installed}, disponible ${available}` : `disponible ${available}`);
/** @param {number} n */
export const careTitle = (n) => (n === 1 ? "Una cosa requiere su ayuda" : `${n} cosas requieren su ayuda`);
const share = new Intl.NumberFormat(language, { style: "percent" });
/** @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "unos segundos";
  if (seconds < 55) return `unos ${Math.ceil(seconds / 5) * 5} segundos`;
  const minutes = Math.round(seconds / 60);
  return minutes <= 1 ? "un minuto aproximadamente" : `unos ${minutes} minutos`;
}
/** @param {number} seconds */
export const timeLeft = (seconds) => `quedan ${about(seconds)}`;
/** @param {string} release */
export const ready = (release) => `La entrega ${release} está lista`;
/** @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `Entrega ${release}, tarda ${about(seconds)}`;

/** @param {Tally} t @param {number} n @param {[one: string, more: string]} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  return `${n === all ? "" : `${n} de `}${modules(all)} ${what[n === 1 ? 0 : 1]}${t.silent ? `, ${t.silent} no ${t.silent === 1 ? "responde" : "responden"}` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "Su módulo está al día" : `Los ${t.here} módulos están al día`);
/** @param {Tally} t */
const running = (t) => {
  const left = t.busy + t.waiting;
  return `Actualizando, ${left === 1 ? "falta" : "faltan"} ${modules(left)}`;
};

export const headline = {
  connecting: { title: () => "Conectando…", hint: "Un momento." },
  unanswered: { title: () => "Aún no hay conexión", hint: "Esta página lo sigue intentando." },
  finishing: { title: () => "La tarjeta base termina antes su trabajo", hint: "Todavía se ocupa de lo que recibió antes. Después todo continúa por sí solo." },
  detecting: { title: (/** @type {Tally} */ t) => `Buscando módulos…${t.here ? ` ${t.here} ${t.here === 1 ? "encontrado" : "encontrados"}` : ""}`, hint: "Se pregunta en cada ranura quién está." },
  nothing: { title: () => "No se ha encontrado ningún módulo", hint: "Compruebe que los módulos están bien encajados en sus ranuras y que el rack está encendido. Aparecerán aquí por sí solos." },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, ["se puede actualizar", "se pueden actualizar"]),
    hint: "Sus patches y ajustes se conservan. Deje el rack encendido hasta que termine.",
  },
  running: { title: running, hint: "Deje el rack encendido y el cable conectado. Mientras tanto puede usar otras ventanas." },
  onBase: { title: running, hint: "La tarjeta base tiene todo lo que necesita: puede cerrar esta página. Deje el rack encendido." },
  away: { title: () => "Esperando a un módulo que no responde", hint: "Vuelva a conectarlo y todo continuará por sí solo." },
  done: { title: done, hint: "Cada módulo se ha comprobado leyendo de nuevo su contenido." },
  current: { title: done, hint: "No hay nada que hacer: ya está instalado el firmware más reciente." },
  silent: {
    title: (/** @type {Tally} */ t) => some(t, t.good, ["está al día", "están al día"]),
    hint: "Encaje bien en su ranura el módulo que no responde: aparecerá aquí por sí solo.",
  },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good} al día, ${t.care}` : modules(t.care)} no se ${t.care === 1 ? "ha" : "han"} podido actualizar`,
    hint: "Los demás están bien. Más abajo se indica qué hacer.",
  },
  idle: { title: (/** @type {Tally} */ t) => `${modules(t.here)} ${t.here === 1 ? "encontrado" : "encontrados"}, nada que actualizar`, hint: "Esta página no tiene firmware más reciente para ellos." },
  lost: { title: () => "Conexión perdida", hint: "No se ha roto nada: cada módulo recuerda hasta dónde llegó." },
};

export const standing = {
  outdated: "Por actualizar",
  rescue: "Sin firmware",
  stranded: "No hay firmware",
  unknown: "Sin novedades",
  current: "Al día",
  updated: "Actualizado",
  waiting: "En espera",
  busy: "Actualizando",
  refused: "Sin cambios",
  failed: "No actualizado",
  gone: "No responde",
};

export const why = {
  blank: "Nuevo, vacío",
  interrupted: "Se interrumpió",
  damaged: "Firmware dañado",
  "never-confirmed": "No arrancó",
  requested: "Preparado",
};

/** @type {Record<string, string>} */
export const phase = { comparing: "Comparando", writing: "Escribiendo", verifying: "Comprobando", starting: "Arrancando" };

const RELOAD = "Compruebe su conexión a Internet y vuelva a cargar la página.";
const ASK_MAKER = "No se ha escrito nada. Pida el archivo correcto al fabricante del módulo.";
const SEND_REPORT = "guarde el informe y envíelo al fabricante del módulo.";

/** @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["Este navegador no accede a dispositivos serie USB", "Abra esta página en Chrome, Edge u Opera en un ordenador, en Firefox a partir de la versión 151 o en Chrome para Android a partir de la 148. El rack de demostración funciona aquí mismo."],
  "not-secure": ["Esta página se ha abierto sin https", "Abra su dirección https://: los navegadores solo permiten USB allí. El rack de demostración funciona aquí mismo."],
  "no-port-chosen": ["No se ha elegido ningún puerto", "Haga clic otra vez en Conectar y elija la tarjeta base."],
  "base-not-listed": ["El ordenador no ve la tarjeta base", "Use otro cable USB: algunos solo sirven para cargar y no llevan datos."],
  "port-busy": ["Otro programa está usando la tarjeta base", "Cierre el otro programa que tiene abierto el puerto serie y haga clic otra vez en Conectar."],
  "port-not-permitted": ["Este ordenador no le permite usar puertos serie", "Escriba en un terminal: sudo usermod -aG dialout $USER. Cierre la sesión, vuelva a entrar y haga clic en Conectar."],
  "port-blocked": ["El USB serie está bloqueado en este navegador", "Pida a quien administra este ordenador que lo permita para esta página."],
  "port-busy-tab": ["Rackflash está abierto en otra pestaña", "Continúe allí, o cierre esa pestaña y haga clic otra vez en Conectar aquí."],
  "port-lost": ["La tarjeta base ha desaparecido", "Vuelva a conectar el cable. Todo continúa por sí solo donde se detuvo."],
  "rack-off": ["El rack no tiene corriente", "Enciéndalo. Todo continúa por sí solo donde se detuvo."],
  "silent-port": ["El puerto está abierto, pero nada responde", "Compruebe que el rack está encendido: continuará por sí solo."],
  "not-a-base": ["No es una tarjeta base Rackflash", "Algo responde en este puerto, pero en otro idioma. Elija otro puerto."],
  "base-newer": ["La tarjeta base es más nueva que esta página", "Vuelva a cargar la página para obtener su última versión."],
  "base-older": ["El firmware de la tarjeta base es demasiado antiguo", "Actualice primero la tarjeta base; su fabricante tiene las instrucciones."],
  "base-restarted": ["La tarjeta base se ha reiniciado", "La actualización continúa por sí sola. Si vuelve a ocurrir, revise la alimentación del rack."],
  "browser-too-old": ["Este navegador es demasiado antiguo para comprobar firmas", "Actualícelo y vuelva a abrir esta página. No se ha escrito nada."],
  "engine-missing": ["Una parte de esta página no se ha cargado", RELOAD],
  "engine-failed": ["Una parte de esta página ha dejado de funcionar", "Vuelva a cargar la página y a conectar: los módulos recuerdan hasta dónde llegaron."],

  "release-missing": ["El firmware no se ha cargado", RELOAD],

  "no-image": ["Sin novedades", "Esta página no tiene firmware para este módulo. Quizá lo tenga su fabricante."],
  "wrong-type": ["Para otro módulo", ASK_MAKER],
  "wrong-hardware": ["Otro hardware", ASK_MAKER],
  "loader-older": ["Cargador antiguo", "Este firmware necesita un cargador de arranque más nuevo que el del módulo. Pida al fabricante que lo renueve."],
  older: ["Más nuevo que aquí", "El módulo ya tiene una versión más nueva. No hay nada que hacer."],
  "does-not-fit": ["El firmware no cabe", ASK_MAKER],
  "bad-image": ["Firmware inservible", ASK_MAKER],
  "bad-identity": ["Datos imposibles", "El módulo dice de sí mismo algo que no puede ser. Debe revisarlo su fabricante."],
  "not-answering": ["Dejó de responder", "Encaje bien el módulo en su ranura, o apague y encienda el rack. Después reintente."],
  unplugged: ["No responde", "Vuelva a conectar el módulo y reintente."],
  "bus-stuck-now": ["Bus bloqueado", "Apague y encienda el rack. Si continúa, saque los módulos uno a uno para encontrar al culpable."],
  "bus-stuck": ["Hubo bloqueo del bus", "Reintente. Si se repite, saque los módulos uno a uno para encontrar al culpable."],
  "bad-data": ["Datos alterados", "Reintente. Si se repite, encaje bien el módulo en su ranura."],
  "digest-mismatch": ["No pasó la prueba", "El contenido del módulo no es lo que se envió, por eso no se ha arrancado. Reintente."],
  "flash-worn": ["Memoria gastada", `Este módulo ya no puede guardar firmware: ${SEND_REPORT}`],
  "address-conflict": ["Módulos en conflicto", "Saque el último módulo insertado y actualice los demás. Después insértelo solo."],
  "no-free-address": ["Demasiados módulos", "Hay demasiados módulos en este bus. Saque uno, actualice los demás y después cámbielos."],
  "never-started": ["No arrancó", `El nuevo firmware no da señales de vida. Reintente; si continúa, ${SEND_REPORT}`],
  "no-application": ["Sin firmware que iniciar", "Actualízalo: entonces lo tendrá."],
  refused: ["Se negó el módulo", `Está como antes, o espera una actualización: ${SEND_REPORT}`],
  "base-silent": ["Tarjeta base muda", "Desconecte el cable de la tarjeta base y vuelva a conectarlo. Después reintente."],
  bug: ["Un fallo de esta página", `Es de la página, no del módulo: ${SEND_REPORT}`],
};

/** @type {Record<string, string>} */
export const causes = { "base-not-listed": "No está en la lista", "port-not-permitted": "Nada más la usa", "rack-off": "El cable está conectado" };

/** @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  if (first === last) return `Es el bus de la ranura ${first}.`;
  return `Es el bus de las ranuras ${row ? `${first} a ${last}` : slots.join(", ")}.`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["Ha ocurrido algo inesperado", `Reintente. Si se repite, ${SEND_REPORT} (${[p.code, p.detail].filter(Boolean).join(": ")})`];
