// Every Spanish sentence of the parts that are loaded later: see en.js.

/** @param {number} n */
const modules = (n) => `${n} ${n === 1 ? "módulo" : "módulos"}`;

const time = new Intl.NumberFormat("es", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "Conecte su rack: se actualiza solo",
  attendant: "Este stand hasta ahora",
  pin: "PIN",
  enter: "OK",
  erase: "Borrar",
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
  "file-unreadable": ["Este archivo no se puede leer", "Quizá otro programa lo esté escribiendo: espera un momento y elígelo de nuevo."],
  "module-busy": ["El módulo está ocupado", "Se le está preguntando otra cosa: espera un momento y prueba de nuevo."],
  "release-settings-saved": ["Ajustes guardados", "Lo que los módulos recuerdan se guardó antes de actualizarlos y se restaura después."],
  "release-settings-restored": ["Ajustes restaurados", "Los módulos actualizados tienen de nuevo lo que recordaban."],
  "release-settings-unmoved": ["Ajustes aún sin restaurar", "El firmware está actualizado y lo que el módulo recuerda está guardado aquí. Desconecte el módulo y vuelva a conectarlo."],
  "release-settings-left": ["Los ajustes quedan como están", "Esta actualización empezó en otro ordenador, que los guardó. Conecte el rack allí para recuperarlos."],
  "settings-unsaved": ["No se pudieron guardar los ajustes", "Por eso el módulo no se actualizó. Inténtelo de nuevo; si sigue igual, libere espacio en este ordenador."],
};

const size = new Intl.NumberFormat("es", { style: "unit", unit: "byte", unitDisplay: "long" });

/** @type {typeof import("./en.js").engineer} */
export const engineer = {
  title: "Para técnicos",
  module: "Módulo",
  copyReport: "Copiar informe",
  close: "Cerrar",
  copied: "El informe está en el portapapeles.",
  savedInstead: "El navegador no abre su portapapeles: el informe se guardó como archivo.",
  connectFirst: "Conecta primero un rack.",
  updating: "Mientras dura una actualización, esto solo mira.",
  done: "Hecho.",
  tabs: { module: "Módulo", memory: "Flash", eeprom: "EEPROM", transcript: "Transcripción", link: "Enlace" },
  bytes: (n) => size.format(n),
  nothingChosen: "Ningún archivo elegido.",

  ask: "Preguntar de nuevo",
  readLog: "Leer su registro",
  stop: "Parar (cargador)",
  start: "Iniciar",
  erase: "Borrar",
  reallyErase: "¿Borrar de verdad?",
  updateFrom: "Actualizar de un archivo",
  blinks: "Parpadea si está en su cargador o si su firmware sabe.",
  stopped: "Espera en su cargador.",
  started: "Su firmware funciona.",
  startedAgain: "Estaba parado cuando se perdió el enlace, y vuelve a funcionar.",
  erased: "Su firmware está borrado y cada página se leyó vacía. Espera en su cargador.",
  updateBegun: "La actualización ha empezado.",
  logEmpty: "Su registro está vacío.",
  event: (code, detail) => `${["", "Empezó el cargador, motivo", "Tramas dañadas:", "Rechazado, motivo", "Páginas perdidas:", "Páginas repetidas:", "Páginas reescritas:", "Actualización abierta, sesión", "Actualización validada, sesión"][code] ?? `Suceso ${code}:`} ${detail}`,
  fact: {
    state: "Estado", application: "Firmware", loader: "Cargador, protocolo", type: "Fabricante, tipo, placa", uid: "Número único", flash: "Flash: inicio, tamaño, páginas, bancos",
    start: "El firmware empieza en", ram: "RAM", eeprom: "EEPROM de datos", ring: "Páginas por adelantado", home: "Dirección de su ranura", starts: "Arranques (contador)",
  },

  compareRelease: "Comparar con la versión",
  compareFile: "Comparar con un archivo",
  readOut: "Extraer",
  noRelease: "La versión no tiene nada para él: solo se ve lo que contiene.",
  readOutOf: (length, start) => `${size.format(length)} desde ${start}, guardados.`,
  page: { blank: "Vacía", data: "Ocupada", equal: "Igual", changed: "Distinta", written: "Escrita", failing: "Fallida" },
  pageAt: (page, address, state) => `Página ${page}, ${address}: ${state}`,

  read: "Leer",
  write: "Escribir cambios",
  save: "Guardar",
  load: "Cargar un archivo",
  readFirst: "Léela primero.",
  unsaved: "Hay cambios sin escribir: haz clic otra vez para descartarlos.",
  notHex: "Cada línea quiere tantos pares hexadecimales como tenía.",
  noEeprom: "No tiene EEPROM de datos.",
  loaded: "Cargado; aún no hay nada escrito.",
  eepromHint: "Bytes en hexadecimal. Solo se escribe lo cambiado, y se vuelve a leer.",
  written: (n) => (n ? `${size.format(n)} escritos y releídos.` : "Nada había cambiado."),
  otherLength: (length, wanted) => `El archivo tiene ${size.format(length)}; la EEPROM, ${size.format(wanted)}.`,
  bytesAt: (at) => `Bytes desde ${at}`,

  filter: "Qué se muestra",
  kinds: { all: "Todo", messages: "Sin latidos", trouble: "Solo problemas" },
  search: "Buscar",
  pause: "Detener",
  goOn: "Seguir",
  found: (n, of) => `${n} de ${of}`,

  counted: { sent: "Tramas enviadas", received: "Tramas recibidas", sentAgain: "Reenviadas", receivedAgain: "Recibidas otra vez", damaged: "Dañadas", missed: "No anotadas" },
  columns: ["Ranura", "Módulo", "Escrituras", "Lecturas", "Fallos", "Abandonos", "Última causa"],
};

const COPY_AGAIN = "No se ha escrito nada. El archivo está dañado: cópielo o descárguelo de nuevo.";
const ASK_FIRMWARE = "No se ha escrito nada. Pida un archivo correcto al fabricante del firmware.";
const CHOOSE_OTHER = "No se ha escrito nada. Elija un archivo hecho para este módulo.";

/** @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["El archivo está vacío", COPY_AGAIN],
  "file-too-large": ["El archivo es demasiado grande para ser firmware", CHOOSE_OTHER],
  "image-too-large": ["El firmware es más grande que cualquier memoria flash", CHOOSE_OTHER],
  "no-address": ["No es un archivo ELF, Intel HEX ni S-record", "Si es un binario sin formato, indique a qué dirección pertenece. Si no, elija otro archivo."],
  "binary-address": ["El binario sobrepasa la última dirección", "Indique una dirección más baja."],
  "no-data": ["El archivo no contiene nada para una memoria flash", ASK_FIRMWARE],
  "no-header": ["El firmware no dice para qué módulo es", CHOOSE_OTHER],
  header: ["Lo que el firmware dice de sí mismo no tiene sentido", ASK_FIRMWARE],
  "record-start": ["Una línea no empieza como un registro", COPY_AGAIN],
  "record-character": ["Una línea tiene un carácter que no es un dígito hexadecimal", COPY_AGAIN],
  "record-digits": ["Una línea tiene dígitos de más o de menos", COPY_AGAIN],
  "record-checksum": ["Una línea no coincide con su suma de comprobación", COPY_AGAIN],
  "record-length": ["Una línea no tiene la longitud que indica", COPY_AGAIN],
  "record-type": ["Una línea es de un tipo que no se usa", "No se ha escrito nada. Pida un archivo sencillo al fabricante del firmware."],
  "record-count": ["Faltan líneas, o sobran", COPY_AGAIN],
  "record-no-end": ["Falta el final del archivo", COPY_AGAIN],
  "record-after-end": ["El archivo sigue después de su final", "No se ha escrito nada. El archivo está dañado, o se unieron dos: cópielo o descárguelo de nuevo."],
  "record-overlap": ["Dos líneas dan a una dirección bytes distintos", ASK_FIRMWARE],
  "record-address": ["Una línea sobrepasa la última dirección", ASK_FIRMWARE],
  "elf-form": ["El archivo ELF está dañado", COPY_AGAIN],
  "elf-target": ["El archivo ELF es para otro tipo de chip", CHOOSE_OTHER],
  "elf-kind": ["El archivo ELF no es un programa enlazado", "No se ha escrito nada. Elija el archivo que generó el enlazador."],
  "elf-segments": ["El archivo ELF tiene demasiados segmentos", CHOOSE_OTHER],
  "elf-segment": ["Un segmento del archivo ELF no está completo", COPY_AGAIN],
  "elf-address": ["Un segmento del archivo ELF sobrepasa la última dirección", ASK_FIRMWARE],
  "elf-overlap": ["Dos segmentos del archivo ELF dan a una dirección bytes distintos", ASK_FIRMWARE],
};
/** @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title} (línea ${p.line})` : p.address != null ? `${title} (dirección 0x${p.address.toString(16)})` : title);
