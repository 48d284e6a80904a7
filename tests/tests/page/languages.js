// Compares what the page says in each language with what it says in English: the same keys, the same kinds, texts that say what
// they are given. Comes to a list of what is wrong. Does not read: whether a sentence is right only people know.
(async () => {
  const wrong = [];
  const tally = { outdated: 1, rescue: 1, stranded: 0, waiting: 2, busy: 1, current: 1, updated: 1, refused: 1, failed: 0, unknown: 1, gone: 0 };
  const tallies = [1, 2, 8].flatMap((here) => [0, 1, 3].flatMap((silent) => [0, 1, here].map((n) =>
    [{ ...tally, here, silent, ready: n, good: n, care: 1 + n, busy: n, waiting: 1 }])));
  /** What each function is given, by its name, or the first part of it. */
  const SAMPLES = {
    slot: [[3], [null]],
    labelFor: [["Blink", "Quad VCO", 3], ["Blink", "Quad VCO", null]],
    serial: [["5F3A09"]],
    firmware: [["1.2.3"]],
    versions: [["1.2.3", "1.4.5"], ["", "1.4.5"]],
    careTitle: [[1], [2], [7]],
    percent: [[0], [0.426], [1], [0.5, "Quad"]],
    timeLeft: [[0], [4], [11], [54], [61], [610]],
    ready: [["2027-01"]],
    plan: [["2027-01", 3], ["2027-01", 21], ["2027-01", 61], ["2027-01", 300]],
    certificate: [["2027-01", 7]],
    headline: tallies,
    inSlots: [[[3]], [[1, 2, 3, 4]], [[1, 3]], [[2, 5, 9]]],
    inFile: [["Title", { line: 3 }], ["Title", { address: 0x8000 }], ["Title", {}]],
    unknownProblem: [[{ code: "strange" }], [{ code: "strange", detail: "Quad" }]],
    kiosk: [[{ racks: 1, modules: 8, failures: 0, median: null }], [{ racks: 12, modules: 96, failures: 3, median: 21.46 }]],
    "engineer.bytes": [[1], [6144]],
    "engineer.event": [[1, 3], [2, 7], [3, 5], [4, 2], [5, 9], [6, 1], [7, 66], [8, 66], [99, 1]],
    "engineer.readOutOf": [[187904, "0x08002200"]],
    "engineer.pageAt": [[12, "0x08002800", "Equal"]],
    "engineer.written": [[0], [16]],
    "engineer.otherLength": [[12, 6144]],
    "engineer.bytesAt": [["00f0"]],
    "engineer.found": [[12, 3400]],
    harm: [[0, "Quad VCO"], [1, "Quad VCO"], [5, "Quad VCO"]],
  };
  const numbers = (text) => text.replace(/(\d)[.,\s](?=\d{3}(?!\d))/g, "$1").match(/\d+/g) ?? [];

  function compare(path, english, other, given = []) {
    const kind = (value) => (Array.isArray(value) ? "array" : typeof value);
    if (kind(english) !== kind(other)) return wrong.push(`${path}: ${kind(other)} instead of ${kind(english)}`);
    if (kind(english) === "string") return compareTexts(path, english, other, given);
    if (kind(english) === "function") {
      const [, part, name] = path.split(".");
      const samples = SAMPLES[`${part}.${name}`] ?? SAMPLES[part];
      if (!samples) return wrong.push(`${path}: add samples for it to tests/tests/page/languages.js`);
      for (const args of samples) compare(`${path}(${JSON.stringify(args).slice(1, -1)})`, english(...args), other(...args), args);
      return;
    }
    for (const key of new Set([...Object.keys(english), ...Object.keys(other)]))
      if (!(key in other)) wrong.push(`${path}.${key} is missing`);
      else if (!(key in english)) wrong.push(`${path}.${key} is superfluous`);
      else compare(`${path}.${key}`, english[key], other[key], given);
  }

  function compareTexts(path, english, other, given) {
    const bad = (why) => wrong.push(`${path}: ${why}: ${other}`);
    if (!other.trim() || /undefined|\bnull\b|NaN|object|\$\{|function|=>|  /.test(other)) bad("no text");
    if (/[<>]|^\s|\s$/.test(other)) bad("strange signs");
    for (const number of numbers(english)) if (!numbers(other).includes(number)) bad(`${number} is lost`);
    for (const name of given) if (typeof name === "string" && english.includes(name) && !other.includes(name)) bad(`${name} is lost`);
    if (path.startsWith("en")) return;
    // A word may be the same, a sentence may not.
    if (english === other && given.length === 0 && english.split(" ").length > 2) bad("left in English");
    if (path.startsWith("fr") && /[^\u00a0\u202f][?!;:](\s|$)/.test(other)) bad("no blank that does not break");
    const own = given.reduce((text, name) => text.replace(name, ""), other);
    if (path.startsWith("ja") && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(own) && /[a-z]{3}/.test(own)) bad("no Japanese");
  }

  const tags = [...document.querySelectorAll("#language option")].map((option) => option.value);
  const load = (file) => import(new URL(`words/${file}.js`, document.baseURI).href);
  const words = await Promise.all(tags.map(async (tag) => ({ ...(await load(tag)), ...(await load(`later/${tag}`)) })));
  tags.forEach((tag, i) => {
    const { language, ...rest } = words[i];
    if (language !== tag) wrong.push(`${tag}: calls itself ${language}`);
    const { language: _, ...english } = words[tags.indexOf("en")];
    compare(tag, english, rest);
  });
  for (const node of document.querySelectorAll("[data-word]"))
    if (!node.textContent.trim()) wrong.push(`nothing stands where the page wants ${node.dataset.word}`);
  return { tags, wrong };
})()
