// Every English sentence at a trade fair's stand. Other languages have the same keys.

export const words = {
  attract: "Plug in your rack: it is updated by itself",
  attendant: "This stand so far",
  pin: "PIN",
  enter: "OK",
  close: "Close",
  reset: "Start at zero",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["Racks", `${c.racks}`], ["Modules updated", `${c.modules}`], ["Not updated", `${c.failures}`], ["Median time", c.median === null ? "–" : `${c.median.toFixed(1)} s`]],
};
