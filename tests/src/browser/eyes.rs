//! How a page looks: in windows of all sizes, to people who see less, and to a program that knows their rules. Judges no words.

use std::fs;

use serde_json::json;

use super::tab::Tab;
use crate::place::{self, ADVICE};

/// A size of the window, and the colours the user likes.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// What its screenshots are called after.
    pub name: &'static str,
    /// In CSS pixels.
    pub width: u32,
    /// See `width`.
    pub height: u32,
    /// `light` or `dark`.
    pub colours: &'static str,
}

impl Tab {
    /// Changes the window's size and colours.
    pub fn look(&self, look: Look) {
        let Look { width, height, colours, .. } = look;
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let colours = json!([{ "name": "prefers-color-scheme", "value": colours }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": colours }));
        // No button looks as if it were about to be clicked.
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": 0, "y": 0 }));
        // The rack finds its width in the second frame, and its panels are on their way from the third on.
        self.evaluate(
            "(async () => {
               for (let frame = 0; frame < 4; frame++) {
                 await new Promise(requestAnimationFrame);
                 const ends = ({ effect }) => effect.getComputedTiming().endTime < Infinity;
                 document.getAnimations().filter(ends).forEach(animation => animation.finish());
               }
             })()",
        );
    }

    /// Stops the engine, and with it a rack that is in the page, for as long as `work` takes: what is shown stays as it is.
    pub fn hold_still(&self, work: impl FnOnce()) {
        self.call_worker("Debugger.enable");
        self.call_worker("Debugger.pause");
        work();
        // Ends the pause as well, also one that was never begun.
        self.call_worker("Debugger.disable");
    }

    /// Begins an update with `begin`, and stops the engine as soon as it is `percent` done: however slow whoever looks is.
    pub fn hold_at(&self, percent: u8, begin: impl FnOnce(), work: impl FnOnce()) {
        self.call_worker("Debugger.enable");
        self.run_in_worker(&format!(
            "(() => {{
               const post = globalThis.postMessage;
               globalThis.postMessage = (message) => {{
                 post(message);
                 if (!(message.view?.job?.progress >= {percent} / 100)) return;
                 globalThis.postMessage = post;
                 debugger;
               }};
             }})()"
        ));
        begin();
        self.wait_for_progress(percent.into());
        work();
        self.call_worker("Debugger.disable");
    }

    /// Tells the page that its user wants nothing to move.
    pub fn reduce_motion(&self) {
        let still = json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": still }));
    }

    /// Shows the page as it would be on paper.
    pub fn look_printed(&self) {
        self.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    }

    /// How many pixels are to be scrolled sideways to see all of the page.
    pub fn overhang(&self) -> i64 {
        let overhang =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.evaluate(overhang).as_i64().unwrap_or(i64::MAX)
    }

    /// The names of buttons that are cut off at the sides, or lie under something else.
    pub fn unreachable_buttons(&self) -> Vec<String> {
        let names = self.evaluate(
            "[...document.querySelectorAll('button')].filter(button => {
               if (!button.checkVisibility()) return false;
               button.scrollIntoView({ block: 'center', behavior: 'instant' });
               const { left, right, top, bottom } = button.getBoundingClientRect();
               const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
               return left < 0 || right > innerWidth || !button.contains(hit);
             }).map(button => button.ariaLabel ?? button.innerText)",
        );
        self.evaluate("scrollTo(0, 0)");
        let names = names.as_array().cloned().unwrap_or_default();
        names.iter().map(ToString::to_string).collect()
    }

    /// Texts that are cut off, stick out of what they stand in, or out of the window at its sides.
    pub fn cut_off_texts(&self) -> Vec<String> {
        let texts = self.evaluate(CUT_OFF);
        texts.as_array().into_iter().flatten().map(ToString::to_string).collect()
    }

    /// What axe-core finds against the page as it is now, colours included: a line for each place.
    pub fn barriers(&self) -> Vec<String> {
        if self.evaluate("'axe' in globalThis") == false {
            let path = place::tools().join("npm/node_modules/axe-core/axe.min.js");
            let axe = fs::read_to_string(&path);
            let axe = axe.unwrap_or_else(|error| panic!("{}: {error}; {ADVICE}", path.display()));
            self.evaluate(&format!("{axe}; 0"));
        }
        let found = self.evaluate(
            "axe.run().then(({ violations, passes }) => {
               if (passes.length < 10) throw new Error('it has hardly looked');
               return violations.flatMap(({ id, nodes }) =>
                 nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
             })",
        );
        let found = found.as_array().expect("a list").iter();
        found.map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Each line of each text that is to be seen must lie within the block it belongs to, within its button, within everything
/// that cuts, and within the window. Letters may be a little higher than their line.
const CUT_OFF: &str = "(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const text = node.data.trim();
    const parent = node.parentElement;
    if (!text || !parent.checkVisibility({ visibilityProperty: true }) || parent.closest('select, script, noscript')) continue;
    const around = [];
    // What can be scrolled to is not cut off: up to there.
    let scrolled = false;
    for (let e = parent; e && !scrolled; e = e.parentElement) {
      const style = getComputedStyle(e);
      scrolled = /auto|scroll/.test(style.overflowX);
      if (!scrolled) around.push([e, style]);
    }
    // Only for those who hear the page.
    if (around.some(([, style]) => style.clipPath != 'none')) continue;
    const own = around.find(([, style]) => !style.display.startsWith('inline'));
    const cutting = around.filter(([e, style]) => e.matches('button') || style.overflowX != 'visible');
    const boxes = [own ?? [], ...cutting].filter(([e]) => e).map(([e]) => e.getBoundingClientRect());
    const range = new Range();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      const spare = line.height / 4;
      const out = !scrolled && (line.left < -1 || line.right > document.documentElement.clientWidth + 1)
        || boxes.some((box) => line.left < box.left - 1 || line.right > box.right + 1
          || line.top < box.top - spare || line.bottom > box.bottom + spare);
      if (out) { found.push(text); break; }
    }
  }
  return found;
})()";
