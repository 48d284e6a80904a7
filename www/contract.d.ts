// The shapes the page and its engine exchange. Types only: nothing here runs, no visitor loads it.

/** Why something did not go as wished. `code` never changes; the words for it live in words/. */
export type Problem = {
  code: string;
  /** What was thrown, where it is nothing the page has a code for. */
  detail?: string;
  /** The firmware file it is about, and the line and the address in it that are wrong. */
  file?: string;
  line?: number | null;
  address?: number | null;
  /** The slots of a bus that is wrong. */
  slots?: number[];
  /** It is none: to be told, not to be done. */
  calm?: boolean;
  /** Who has a busy port, where the page knows. */
  holder?: "tab";
};

export type Module = {
  uid: string;
  name: string;
  type: number;
  /** Short form, for people. */
  serial: string;
  state: "application" | "loader";
  /** Why it waits in its loader. */
  why: "requested" | "blank" | "interrupted" | "damaged" | "never-confirmed" | null;
  installed: string | null;
  available: string | null;
  phase: "idle" | "waiting" | "comparing" | "writing" | "verifying" | "starting" | "updated" | "current" | "refused" | "failed";
  /** 0 to 1. */
  progress: number;
  problem: Problem | null;
  /** Was here, now unplugged. */
  gone: boolean;
};

export type Slot = { slot: number | null; module: Module | null };

export type View = {
  link: {
    /** `finishing`: the base has answered, and still works on what an earlier session gave it. */
    state: "closed" | "connecting" | "finishing" | "connected" | "lost";
    kind: "serial" | "demo" | null;
    problem: Problem | null;
  };
  base: { name: string; firmware: string } | null;
  /** In rack order; modules at no known slot come last. */
  slots: Slot[];
  job: { state: "running" | "finished"; progress: number; secondsLeft: number | null; onBase: boolean } | null;
  detecting: boolean;
  /** Seconds that an update of all will take at the most; null where there is none to be asked for. */
  estimate: number | null;
};

/** What `release.json` says, as far as the page shows it; docs/release.schema.json has all of it. */
export type Release = {
  id: string;
  counter: number;
  channel: string;
  /** By language. */
  notes?: Record<string, string>;
  images: { file: string; version: string; module_type: number; len: number }[];
};

/** What the page draws: the engine's view, and what only the page knows. */
export type Snapshot = {
  view: View;
  /** Why this browser cannot connect at all. */
  barrier: Problem | null;
  /** What went wrong on the page's side of the last wish. */
  notice: Problem | null;
  /** What may be installed, once it is known. */
  release: Release | null;
  /** Why there is none. */
  releaseProblem: Problem | null;
};

/** How the page finds the same port again in a worker: a SerialPort cannot be posted. */
export type PortRef = { index: number; usbVendorId?: number; usbProductId?: number };
