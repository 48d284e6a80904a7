//! Fault 30: signatures that are not their maker's.

use base64::prelude::{BASE64_STANDARD, Engine};
use curve25519_dalek::constants::EIGHT_TORSION;
use expect_test::expect;
use minisign::SecretKey;
use rackflash_release::Known;
use rackflash_release::trust::Keys;

use crate::recipes::{NEW, envelope};
use rackflash_tests::signed::{Folder, Maker};

/// Somebody else's key, also under the number of the maker's; a signature for something else; the old kind of signature; one
/// that was changed into another one that fits the same text; a key for which anybody could sign.
#[test]
fn fault_30_a_signature_that_is_not_its_makers() {
    let (maker, other) = (Maker::drawn(), Maker::drawn());
    let image = envelope(NEW, 600).bytes();
    let (folder, later) = (maker.release(1, &[&image]), maker.release(2, &[&image]));
    let mut impostor = Maker::drawn();
    impostor.0.sk = {
        // The number of the key stands in front of it: 2 bytes that say what follows, then 8.
        let (mut forged, real) = (impostor.0.sk.to_bytes(), maker.0.sk.to_bytes());
        let number = forged.len() - 104..forged.len() - 96;
        forged[number.clone()].copy_from_slice(&real[number]);
        SecretKey::from_bytes(&forged).expect("a key")
    };
    let forged = impostor.sign(&folder.manifest).to_string().into_bytes();
    let with = |signature: Vec<u8>| Folder { signature, ..folder.clone() };
    let told: Vec<String> = [
        ("the maker's own", folder.clone()),
        ("another's key", other.release(1, &[&image])),
        ("another's key with the maker's number", with(forged)),
        ("the signature of another release", with(later.signature)),
        ("without prehash", with(rewritten(&folder.signature, |bytes| bytes[1] = b'd'))),
        ("S + L", with(rewritten(&folder.signature, |bytes| add_order(&mut bytes[42..74])))),
    ]
    .into_iter()
    .map(|(what, folder)| match folder.open(&maker.keys(), Known::default()) {
        Ok(_) => format!("{what}: taken"),
        Err(error) => format!("{what}: {}", error.code()),
    })
    .collect();
    expect![[r#"
        the maker's own: taken
        another's key: release-unknown-key
        another's key with the maker's number: release-signature
        the signature of another release: release-signature
        without prehash: release-signature
        S + L: release-signature"#]]
    .assert_eq(&told.join("\n"));

    for point in EIGHT_TORSION {
        let weak = point.compress().to_bytes();
        for sign in [0, 0x80] {
            let mut key = BASE64_STANDARD.decode(maker.public()).expect("base64");
            key[10..].copy_from_slice(&weak);
            key[41] ^= sign;
            let key = BASE64_STANDARD.encode(key);
            let error = Keys::new([key.as_str()]).expect_err("anybody could sign");
            assert_eq!(error.code(), "release-bad-key");
        }
    }
}

/// The first signature in a file of signatures, decoded, changed, and put back.
fn rewritten(file: &[u8], change: impl Fn(&mut [u8])) -> Vec<u8> {
    let text = String::from_utf8(file.to_vec()).expect("text");
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut bytes = BASE64_STANDARD.decode(&lines[1]).expect("base64");
    change(&mut bytes);
    lines[1] = BASE64_STANDARD.encode(bytes);
    lines.join("\n").into_bytes()
}

/// Adds the order of the base point: to a check that does not look, the same number.
fn add_order(s: &mut [u8]) {
    let mut order = [0_u8; 32];
    order[..16].copy_from_slice(&[
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14,
    ]);
    order[31] = 0x10;
    let mut carry = 0;
    for (byte, order) in s.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_eq!(carry, 0);
}

/// The next key is good, too, before the first release is signed with it.
#[test]
fn fault_30_the_next_key() {
    let (current, next, stranger) = (Maker::drawn(), Maker::drawn(), Maker::drawn());
    let keys = [current.public(), next.public()];
    let keys = Keys::new(keys.iter().map(String::as_str)).expect("keys");
    let image = envelope(NEW, 600).bytes();
    let opened = |maker: &Maker| maker.release(1, &[&image]).open(&keys, Known::default()).is_ok();
    assert_eq!([&current, &next, &stranger].map(opened), [true, true, false]);
}
