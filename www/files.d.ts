// What `cargo xtask build` writes as files.js.

/** Of each file of the page its SHA-256, as browsers check it. */
export const FILES: Record<string, string>;
/** Which page this is. */
export const VERSION: string;
