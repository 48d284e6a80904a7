//! A maker's desk: the example's keys, and two small images.

use rackflash_core::wire::version::Version;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::{self, ENVELOPE, QUAD_VCO, Recipe, write_hex};
use rackflash_tests::command::Desk;

/// With keys `current` and `next`, `vco.hex`, `envelope.bin` and `notes.txt`.
pub(crate) fn desk() -> Desk {
    let desk = Desk::new();
    for (name, text) in [
        ("current.key", include_str!("../../../release/example/current.key")),
        ("current.pub", include_str!("../../../release/example/current.pub")),
        ("next.key", include_str!("../../../release/example/next.key")),
        ("next.pub", include_str!("../../../release/example/next.pub")),
        ("notes.txt", "Quieter oscillators.\n"),
    ] {
        desk.put(name, text);
    }
    let [vco, envelope] = [QUAD_VCO, ENVELOPE].map(small);
    desk.put("vco.hex", write_hex(APPLICATION_START, &vco, APPLICATION_START));
    desk.put("envelope.bin", &envelope);
    desk
}

/// And the folder `r7` with the demo's newest images, signed.
pub(crate) fn desk_with_release() -> Desk {
    let desk = desk();
    for image in images::new() {
        desk.put(&image.file, image.hex);
    }
    let files: Vec<_> = images::new().into_iter().map(|image| image.file).collect();
    for (name, counter) in [("r7", 7), ("r6", 6)] {
        let new = format!(
            "rackflash release new {name} --id {name} --counter {counter} {}",
            files.join(" ")
        );
        desk.types(&[&new, &format!("rackflash release sign {name} --key current.key")]);
    }
    desk
}

fn small(module: images::ModuleType) -> Vec<u8> {
    let version = Version::new(1, 5, 0);
    Recipe { module, hardware: (1, 3), version, len: 600, code: 1, settings: 1 }.bytes()
}
