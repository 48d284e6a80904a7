// The few things done to the document again and again: make a node, change it only where it differs. A string is text, never HTML.

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} tag @param {string} [className] @param {...(Node | string)} children */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...Node} children */
export function drawing(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) node.setAttribute(name, String(attributes[name]));
  node.append(...children);
  return node;
}

/** Touched only when it changes, so that a live line speaks once. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string | null} value null takes the attribute away */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A hidden button must not take the keyboard's place with it. @param {HTMLElement} node @param {boolean} shown */
export function show(node, shown) {
  if (node.hidden !== shown) return;
  const hadFocus = node.contains(document.activeElement);
  node.hidden = !shown;
  if (hadFocus) byId("status").focus({ preventScroll: true });
}

/** A button that cannot be used now keeps its place in the tab order. @param {HTMLElement} button @param {boolean} off */
export const setOff = (button, off) => setAttribute(button, "aria-disabled", off ? "true" : null);

/** A double click is one click: what it did may have put another button, or another word, under the pointer. @param {HTMLElement} button @param {() => void} action */
export const onClick = (button, action) => button.addEventListener("click", ({ detail }) => detail > 1 || button.ariaDisabled || action());
