// The engine's own thread, so that a hidden tab does not slow an update. Says at once whether it has Web Serial, then obeys engine.js.

import { startEngine } from "./engine.js";
import { asProblem } from "./problem.js";

postMessage({ hello: { serial: "serial" in navigator } });

const engine = startEngine((message) => postMessage(message));

addEventListener("message", async ({ data }) => {
  try {
    (await engine)(data);
  } catch (error) {
    postMessage({ id: data.id, problem: asProblem(error) });
  }
});

// A fault nobody waits for must not look like an update that stands still.
addEventListener("error", (event) => postMessage({ problem: asProblem(event.error ?? event.message) }));
addEventListener("unhandledrejection", (event) => postMessage({ problem: asProblem(event.reason) }));
