//! What a module says of itself.

use expect_test::{Expect, expect};
use rackflash_core::wire::identity::{
    Banks, Geometry, IDENTITY_LEN, Identity, Installed, Trial, Why,
};
use rackflash_core::wire::module::Uid;
use rackflash_core::wire::version::Version;
use rackflash_core::wire::{Field, Malformed};

use crate::{golden, refuses_truncations};

/// Every field has bytes of its own, so that two that were swapped would show.
fn identity() -> Identity {
    Identity {
        protocol: 0x0100,
        hardware: 0x04,
        why: Why::Requested,
        vendor: 0x1209,
        module_type: 0x0003,
        trial: Trial::Confirmed,
        ring: 0x66,
        home: 0x2a,
        starts: 0x6c,
        installed: Installed {
            version: Version { major: 0x21, minor: 0x22, patch: 0x2324 },
            len: 0x3132_3334,
            digest: 0x4142_4344,
        },
        geometry: Geometry {
            flash_start: 0x6162_6364,
            flash_len: 0x7172_7374,
            application_start: 0x8182_8384,
            ram_start: 0xd1d2_d3d4,
            ram_len: 0xe1e2_e3e4,
            page_len: 0x9192,
            program_len: 0xa1a2,
            eeprom_len: 0xc1c2,
            erased: 0xb1,
            banks: Banks::Two,
        },
        loader: Version { major: 0x11, minor: 0x12, patch: 0x1314 },
        uid: Uid([0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c]),
        name: *b"Envelope 4\0\0",
    }
}

fn check(identity: Identity, expect: Expect) {
    let bytes = identity.emit();
    golden(&identity, &bytes, Identity::parse(&bytes), &expect);
    refuses_truncations(&bytes, IDENTITY_LEN, Identity::parse);
    let more = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Identity::parse(&more), Err(Malformed::Trailing));
}

#[test]
fn of_a_module_in_its_loader() {
    check(
        identity(),
        expect![[r#"
            1209:0003 hardware 4 5152535455565758595a5b5c application 33.34.8996 Confirmed digest=41424344 Requested
            00010401 09120300 01662a6c 21222423 34333231 44434241 64636261 74737271
            84838281 d4d3d2d1 e4e3e2e1 9291a2a1 c2c1b101 11121413 51525354 55565758
            595a5b5c 456e7665 6c6f7065 20340000
        "#]],
    );
}

#[test]
fn of_a_module_in_its_trial() {
    check(
        Identity { why: Why::Runs, trial: Trial::Pending, ..identity() },
        expect![[r#"
            1209:0003 hardware 4 5152535455565758595a5b5c application 33.34.8996 Pending digest=41424344 Runs
            00010400 09120300 02662a6c 21222423 34333231 44434241 64636261 74737271
            84838281 d4d3d2d1 e4e3e2e1 9291a2a1 c2c1b101 11121413 51525354 55565758
            595a5b5c 456e7665 6c6f7065 20340000
        "#]],
    );
}

#[test]
fn of_a_blank_module() {
    check(
        Identity { why: Why::Blank, trial: Trial::None, ..identity() },
        expect![[r#"
            1209:0003 hardware 4 5152535455565758595a5b5c no application Blank
            00010402 09120300 00662a6c 21222423 34333231 44434241 64636261 74737271
            84838281 d4d3d2d1 e4e3e2e1 9291a2a1 c2c1b101 11121413 51525354 55565758
            595a5b5c 456e7665 6c6f7065 20340000
        "#]],
    );
}

#[test]
fn every_reason_and_every_state_of_an_application() {
    let reasons = [
        Why::Runs,
        Why::Requested,
        Why::Blank,
        Why::Interrupted,
        Why::Damaged,
        Why::NeverConfirmed,
    ];
    for code in 0..=255 {
        let mut bytes = identity().emit();
        bytes[3] = code;
        let unknown = Malformed::Range(Field::Identity);
        let why = reasons.get(usize::from(code)).copied().ok_or(unknown);
        assert_eq!(Identity::parse(&bytes).map(|identity| identity.why), why);

        let mut bytes = identity().emit();
        bytes[8] = code;
        let trial = match code {
            0 => Ok(Trial::None),
            1 => Ok(Trial::Confirmed),
            2 => Ok(Trial::Pending),
            _ => Err(unknown),
        };
        let parsed = Identity::parse(&bytes);
        assert_eq!(parsed.map(|identity| identity.trial), trial);
        let is_there = parsed.map(|identity| identity.application().is_some());
        assert_eq!(is_there, trial.map(|trial| trial != Trial::None));

        let mut bytes = identity().emit();
        bytes[51] = code;
        let banks = match code {
            0 => Ok(Banks::One),
            1 => Ok(Banks::Two),
            _ => Err(unknown),
        };
        assert_eq!(Identity::parse(&bytes).map(|identity| identity.geometry.banks), banks);
    }
}
