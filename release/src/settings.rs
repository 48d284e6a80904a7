//! What a release says of the data EEPROM: which settings a new application looks for elsewhere. Refuses what cannot be meant.

use rackflash_core::host::settings;
use rackflash_core::wire::header::Hardware;
use rackflash_core::wire::version::Version;

use crate::Release;
use crate::manifest::{Layout, Move, Part};

/// The most layouts of one image: more than any maker has changed.
const LAYOUTS_MAX: usize = 16;
/// The most moves of one layout.
const MOVES_MAX: usize = 64;
/// What is written at once.
const WORD: u16 = 4;

/// What its types do not say: in words, what is wrong.
pub(crate) fn check(part: &Part) -> Result<(), String> {
    let layouts = &part.eeprom;
    if layouts.len() > LAYOUTS_MAX {
        return Err(format!("more than {LAYOUTS_MAX} layouts"));
    }
    let below = |layout: &Layout| Version::from(layout.below);
    if !layouts.is_sorted_by(|before, layout| below(before) < below(layout)) {
        return Err("the oldest layout comes first".to_owned());
    }
    layouts.iter().try_for_each(check_layout)
}

fn check_layout(Layout { moves, .. }: &Layout) -> Result<(), String> {
    if moves.is_empty() || moves.len() > MOVES_MAX {
        return Err(format!("a layout has 1 to {MOVES_MAX} moves"));
    }
    for Move { from, to, len } in moves {
        let is_whole = [from, to, len].iter().all(|number| number.is_multiple_of(WORD));
        if !is_whole || *len == 0 {
            return Err(format!(
                "{from} to {to}, {len} bytes: only whole words of {WORD} can move"
            ));
        }
        if from.checked_add(*len).is_none() || to.checked_add(*len).is_none() {
            return Err(format!("{from} to {to}, {len} bytes: no EEPROM is that long"));
        }
    }
    let mut targets: Vec<_> = moves.iter().map(|to| (to.to, to.len)).collect();
    targets.sort_unstable();
    match targets.iter().zip(targets.iter().skip(1)).find(|((to, len), (next, _))| to + len > *next)
    {
        Some((_, (to, _))) => Err(format!("two moves lead to {to}")),
        None => Ok(()),
    }
}

impl Release {
    /// What the host is to know of its images whose settings move.
    pub fn settings(&self) -> Vec<settings::Resettled> {
        let images = self.manifest.images.iter().filter(|part| !part.eeprom.is_empty());
        images.filter_map(resettled).collect()
    }
}

/// None of hardware revisions that no image can be for.
fn resettled(part: &Part) -> Option<settings::Resettled> {
    let [lowest, highest] = part.hardware;
    let layouts = part.eeprom.iter().map(|Layout { below, moves }| settings::Layout {
        below: (*below).into(),
        moves: moves
            .iter()
            .map(|&Move { from, to, len }| settings::Move { from, to, len })
            .collect(),
    });
    Some(settings::Resettled {
        vendor: part.vendor,
        module_type: part.module_type,
        hardware: Hardware::new(lowest, highest)?,
        version: part.version.into(),
        layouts: layouts.collect(),
    })
}
