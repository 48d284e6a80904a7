//! An image and a module that says anything of itself. Where there is a plan, the image fits what the module says, costs no
//! more memory than a plan may, and is the image's bytes, each in its place.

use std::sync::LazyLock;

use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::plan::Plan;
use rackflash_core::wire::check::crc32;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET};
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::{APPLICATION_START, Variant};
use rackflash_sim::images::{ENVELOPE, Recipe};

use super::choices::Choices;

static IMAGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (module, version) = (ENVELOPE, Version::new(1, 2, 3));
    Recipe { module, hardware: (1, 3), version, len: 700, code: 1, settings: 1 }.bytes()
});

pub(super) fn run(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut bytes = IMAGE.clone();
    let mut said = Identity {
        vendor: ENVELOPE.vendor,
        module_type: ENVELOPE.number,
        hardware: 2,
        geometry: Variant::Kb64.geometry(),
        ring: 8,
        ..Identity::default()
    }
    .emit();
    let address = match choices.byte() % 4 {
        0 => choices.u32(),
        _ => APPLICATION_START,
    };
    // Shorter, or far longer, as long as no flash is.
    match choices.byte() % 4 {
        0 => bytes.resize(usize::from(choices.u16()) * 8, 0x5a),
        _ => bytes.truncate(bytes.len().saturating_sub(choices.byte().into())),
    }
    // A few bytes of both are something else.
    for _ in 0..choices.byte() % 8 {
        let (at, byte) = (usize::from(choices.u16()), choices.byte());
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
    }
    for _ in 0..choices.byte() % 16 {
        said[usize::from(choices.byte()) % IDENTITY_LEN] = choices.byte();
    }
    // A header that was changed is still one, where it may be: its check is no obstacle.
    let header = HEADER_OFFSET as usize..HEADER_OFFSET as usize + HEADER_LEN;
    if choices.byte().is_multiple_of(2)
        && let Some(header) = bytes.get_mut(header)
    {
        let (covered, check) = header.split_at_mut(HEADER_LEN - 4);
        check.copy_from_slice(&crc32(covered).to_le_bytes());
    }
    let Ok(identity) = Identity::parse(&said) else { return };
    let Ok(image) = Image::from_binary(&bytes, address) else { return };
    let Ok(offer) = Offer::new(image) else { return };
    match Plan::new(&offer, &identity) {
        Ok(plan) => check(&plan, &offer.image, &identity),
        Err(problem) => drop(problem.to_string()),
    }
}

fn check(plan: &Plan, image: &Image, identity: &Identity) {
    let g = &identity.geometry;
    let end = u64::from(g.flash_start) + u64::from(g.flash_len);
    assert!(image.start() == g.application_start && image.end() <= end, "it fits");
    let pages = u64::from(plan.pages());
    assert_eq!(pages, image.span_len().div_ceil(g.page_len.into()));
    let mut padded = vec![0; image.span_len().next_multiple_of(4) as usize];
    image.read_padded(image.start(), &mut padded, g.erased);
    assert_eq!(plan.digest(), digest(&padded), "it is the image");
    let header = image.header().expect("a plan has a header");
    assert_eq!((header.vendor, header.module_type), (identity.vendor, identity.module_type));
    assert!(header.hardware.contains(identity.hardware) && header.version == plan.version);
}
