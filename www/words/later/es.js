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
