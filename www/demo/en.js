// Every English sentence of the demo's drawer. Other languages have the same keys.

export const harmless = "Nothing here is real. Start an update, break what you like, and watch the rack recover.";

const FILL = "An update that is under way fills it, too. Otherwise click Update all.";

/**
 * What breaks something, or mends it: the button, and what just happened. True with and without an update under way.
 * @type {Record<string, [label: string, said: (n: number, name: string) => string]>}
 */
export const harm = {
  unplug: ["Pull the cable", () => "The cable is out. The base card does alone what it was given before."],
  plug: ["Plug it back in", () => "The cable is back. The page asks each module what it holds, and goes on from there."],
  power: ["Cut the power", (n) => `The power was gone for a second. ${n ? `${n} ${n === 1 ? "module was" : "modules were"} in the middle of a page, which is now written again.` : "No page was being written at that moment."}`],
  noise: ["Add noise", () => "One bit in 10,000 now arrives wrong. Checksums notice, and what was damaged is sent again."],
  quiet: ["Stop the noise", () => "The wires are quiet again."],
  hold: ["Hold the bus", (n, name) => `The ${name} in slot ${n} keeps the bus low, and nobody can talk on it. Let go of it, or cut the power.`],
  free: ["Let go of it", (n, name) => `The ${name} in slot ${n} has let go of the bus. Update all finishes what has failed meanwhile.`],
  swap: ["Swap a module", (n, name) => `Another ${name} sits in slot ${n} now. Its number gives it away: it is new and empty. ${FILL}`],
  kill: ["Kill a module", (n, name) => `The ${name} in slot ${n} answers nobody any more, and the others go on without it. Replace it, or cut the power to wake it.`],
  mend: ["Replace it", (n, name) => `A new ${name} sits in slot ${n}, still empty. ${FILL}`],
};
