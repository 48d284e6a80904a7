//! Any manifest that its maker has signed, and any signature of one: what opens is within the limits and is what was signed, what
//! does not has words, and a file is taken only if it is the one that was signed.

use std::sync::LazyLock;

use rackflash_release::manifest::{Date, FORMAT, IMAGES_MAX, MANIFEST_LEN_MAX, Manifest};
use rackflash_release::trust::Keys;
use rackflash_release::verify::sha256;
use rackflash_release::{Known, Release, ReleaseError};

use super::choices::Choices;
use crate::racks::{NEW, recipe};
use crate::signed::{Folder, Maker};

/// Drawn anew in each process: no input knows it, and none depends on it.
static MAKER: LazyLock<Maker> = LazyLock::new(Maker::drawn);
static KEYS: LazyLock<Keys> = LazyLock::new(|| MAKER.keys());
static IMAGE: LazyLock<Vec<u8>> = LazyLock::new(|| recipe(0, NEW, 600).bytes());
static GOOD: LazyLock<Folder> = LazyLock::new(|| MAKER.release(7, &[&IMAGE]));

pub(super) fn run(input: &[u8]) {
    let mut choices = Choices::new(input);
    let counter = choices.pick(&[0, 7, 8]);
    let today = choices.pick(&["", "2027-01-31", "2099-12-31"]).parse::<Date>().ok();
    let known = Known { counter, today };
    match choices.byte() % 4 {
        // Its maker's mistakes: whatever was signed.
        0 => signed(choices.bytes(input.len()), known),
        1 | 2 => signed(&changed(&GOOD.manifest, &mut choices), known),
        _ => forged(&mut choices, known),
    }
}

/// A few bytes are others, or fewer.
fn changed(good: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes = good.to_vec();
    while choices.are_left() {
        let at = usize::from(choices.u16()) % (bytes.len() + 1);
        match choices.byte() % 4 {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, choices.some_bytes().iter().copied())),
            2 => drop(bytes.drain(at..(at + usize::from(choices.byte())).min(bytes.len()))),
            _ => {
                let byte = choices.byte();
                bytes.get_mut(at).into_iter().for_each(|place| *place = byte);
            }
        }
    }
    bytes
}

fn signed(manifest: &[u8], known: Known) {
    let signature = MAKER.sign(manifest).to_string();
    match Release::open(manifest, signature.as_bytes(), &KEYS, known) {
        Ok(release) => check(&release, manifest, known),
        Err(error) => {
            use ReleaseError::{SignatureForm, UnknownKey};
            let of_the_signature =
                matches!(error, ReleaseError::Signature | SignatureForm | UnknownKey);
            assert!(!of_the_signature, "it was signed: {error}");
            assert!(!error.code().is_empty() && !error.to_string().is_empty());
        }
    }
}

/// Whatever the signature is: if it is not the one that was made, it is none.
fn forged(choices: &mut Choices<'_>, known: Known) {
    let Folder { manifest, signature, .. } = &*GOOD;
    let forged = match choices.byte() % 2 {
        0 => choices.bytes(usize::MAX).to_vec(),
        _ => changed(signature, choices),
    };
    match Release::open(manifest, &forged, &KEYS, known) {
        Ok(_) => assert_eq!(&forged, signature, "there is one signature"),
        Err(error) => drop((error.code(), error.to_string())),
    }
}

fn check(release: &Release, bytes: &[u8], known: Known) {
    let manifest = release.manifest();
    assert!(bytes.len() <= MANIFEST_LEN_MAX && manifest.format == FORMAT);
    assert!((1..=IMAGES_MAX).contains(&manifest.images.len()));
    assert!(manifest.counter >= known.counter, "it is no older than one that is known");
    let is_over = |expires: Date| known.today.is_some_and(|today| expires < today);
    assert!(!manifest.expires.is_some_and(is_over), "it is not expired");
    let again: Manifest =
        serde_json::from_slice(&serde_json::to_vec(manifest).expect("JSON")).expect("a manifest");
    assert_eq!(&again, manifest, "it reads the same when it is written again");
    for part in &manifest.images {
        assert!(!part.file.contains(['/', '\\']) && !part.file.starts_with('.'));
        let is_it = part.sha256 == sha256(&IMAGE);
        match release.offer(part, &IMAGE) {
            Ok(offer) => {
                assert!(is_it && offer.header.version == part.version.into());
                assert_eq!(offer.image.start(), part.flash_start);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
