// What this browser keeps for the page from visit to visit: nothing where it keeps nothing for anybody.

/** @returns {Storage | null} */
export function stored() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
