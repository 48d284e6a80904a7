// Every Spanish sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "módulo" : "módulos"}`;

const time = new Intl.NumberFormat("es", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Conecte su rack: se actualiza solo",
  attendant: "Este stand hasta ahora",
  pin: "PIN",
  enter: "OK",
  close: "Cerrar",
  reset: "Poner a cero",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Racks", `${c.racks}`], ["Módulos actualizados", `${c.modules}`], ["No actualizados", `${c.failures}`], ["Duración mediana", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "Aquí nada es real. Inicie una actualización, estropee lo que quiera y vea cómo se recupera el rack.";

const FILL = "Una actualización en curso también lo llena. Si no la hay, haga clic en Actualizar todo.";

/** @type {Record<string, [label: string, said: (n: number, name: string) => string]>} */
export const harm = {
  unplug: ["Sacar el cable", () => "El cable está fuera. La tarjeta base hace sola lo que ya había recibido."],
  plug: ["Volver a conectar", () => "El cable está conectado otra vez. La página pregunta a cada módulo qué contiene y continúa desde ahí."],
  power: ["Cortar la corriente", (n) => `La corriente faltó un segundo. ${n ? `${modules(n)} ${n === 1 ? "estaba" : "estaban"} a mitad de una página de memoria, que ahora se escribe otra vez.` : "En ese momento no se escribía ninguna página de memoria."}`],
  noise: ["Añadir ruido", () => "Ahora uno de cada 10 000 bits llega mal. Las sumas de comprobación lo notan, y lo dañado se envía otra vez."],
  quiet: ["Parar el ruido", () => "Los cables están en calma otra vez."],
  hold: ["Bloquear el bus", (n, name) => `El ${name} de la ranura ${n} retiene el bus, y nadie puede hablar en él. Libérelo o corte la corriente.`],
  free: ["Liberar el bus", (n, name) => `El ${name} de la ranura ${n} ha liberado el bus. Actualizar todo termina lo que entretanto falló.`],
  swap: ["Cambiar un módulo", (n, name) => `Ahora hay otro ${name} en la ranura ${n}. Su número lo delata: es nuevo y está vacío. ${FILL}`],
  kill: ["Matar un módulo", (n, name) => `El ${name} de la ranura ${n} ya no responde a nadie, y los demás siguen sin él. Sustitúyalo, o corte la corriente para despertarlo.`],
  mend: ["Sustituirlo", (n, name) => `Hay un ${name} nuevo en la ranura ${n}, todavía vacío. ${FILL}`],
};

export const certificate = {
  title: "Certificado de actualización",
  proof: "Cada módulo se ha leído de nuevo y contiene exactamente lo que se firmó.",
  print: "Imprimir",
  save: "Guardar como JSON",
  close: "Cerrar",
  release: "Entrega",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id} (número ${counter})`,
  time: "Hora",
  base: "Tarjeta base",
  page: "Versión de la página",
  columns: ["Ranura", "Módulo", "Número de serie", "Identificador único", "De", "A", "Resumen", "Bytes"],
};

const NOT_TAKEN = "No se ha escrito nada. Vuelva a cargar la página para obtenerlo de nuevo; si continúa, avise al responsable de esta página.";
const ASK_SITE = "No se ha escrito nada. Avise al responsable de esta página.";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["El firmware no es como lo firmó su fabricante", NOT_TAKEN],
  "release-signature-form": ["La firma del firmware está dañada", NOT_TAKEN],
  "release-unknown-key": ["El firmware lo firmó otra persona", NOT_TAKEN],
  "release-not-signed": ["El firmware no está firmado", NOT_TAKEN],
  "release-too-long": ["La lista de firmware no es una lista", NOT_TAKEN],
  "release-pack-form": ["Este archivo no contiene una entrega completa", "No se ha escrito nada. Copie o descargue el archivo otra vez."],
  "release-format": ["El firmware es más nuevo que esta página", "Vuelva a cargar la página para obtener su última versión."],
  "release-manifest": ["La lista de firmware no tiene sentido", ASK_SITE],
  "release-older": ["Un firmware más antiguo que antes", "No se ha escrito nada: este navegador ya ha visto una entrega más reciente. Vuelva a cargar la página para obtenerla."],
  "release-expired": ["Este firmware ha caducado", "Compruebe que la fecha de este ordenador es correcta y vuelva a cargar la página para obtener la última entrega."],
  "release-other-file": ["Un archivo de firmware no es el que se firmó", NOT_TAKEN],
  "release-other-image": ["Un archivo de firmware es para otro módulo que el que dice", ASK_SITE],
  "release-image": ["Un archivo de firmware no se puede usar", ASK_SITE],
  "release-bad-key": ["Esta página se creó con una clave equivocada", ASK_SITE],
};
