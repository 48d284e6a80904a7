//! What a module says of itself.

use expect_test::{Expect, expect};
use rackflash_core::wire::identity::{Geometry, IDENTITY_LEN, Identity, Installed, Trial, Why};
use rackflash_core::wire::module::Uid;
use rackflash_core::wire::version::Version;
use rackflash_core::wire::{Field, Malformed};

use crate::{golden, refuses_truncations};

/// Every field has bytes of its own, so that two that were swapped would show.
fn identity() -> Identity {
    Identity {
        protocol: 0x0100,
        vendor: 0x1209,
        module_type: 0x0003,
        hardware: 0x04,
        why: Why::Requested,
        uid: Uid([0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c]),
        loader: Version { major: 0x11, minor: 0x12, patch: 0x1314 },
        application: Some(Installed {
            version: Version { major: 0x21, minor: 0x22, patch: 0x2324 },
            len: 0x3132_3334,
            digest: 0x4142_4344,
            trial: Trial::Confirmed,
        }),
        geometry: Geometry {
            flash_start: 0x6162_6364,
            flash_len: 0x7172_7374,
            application_start: 0x8182_8384,
            page_len: 0x9192,
            program_len: 0xa1a2,
            erased: 0xb1,
            eeprom_len: 0xc1c2,
            ram_start: 0xd1d2_d3d4,
            ram_len: 0xe1e2_e3e4,
        },
        ring: 0x66,
        capabilities: 0x67,
        home: 0x2a,
        starts: 0x6c,
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
            00010912 03000401 51525354 55565758 595a5b5c 11121413 01212224 23343332
            31444342 41646362 61747372 71848382 819291a2 a1b1c2c1 d4d3d2d1 e4e3e2e1
            66672a6c 456e7665 6c6f7065 20340000
        "#]],
    );
}

#[test]
fn of_a_module_in_its_trial() {
    let application =
        identity().application.map(|installed| Installed { trial: Trial::Pending, ..installed });
    check(
        Identity { why: Why::Runs, application, ..identity() },
        expect![[r#"
            1209:0003 hardware 4 5152535455565758595a5b5c application 33.34.8996 Pending digest=41424344 Runs
            00010912 03000400 51525354 55565758 595a5b5c 11121413 02212224 23343332
            31444342 41646362 61747372 71848382 819291a2 a1b1c2c1 d4d3d2d1 e4e3e2e1
            66672a6c 456e7665 6c6f7065 20340000
        "#]],
    );
}

#[test]
fn of_a_blank_module() {
    check(
        Identity { why: Why::Blank, application: None, ..identity() },
        expect![[r#"
            1209:0003 hardware 4 5152535455565758595a5b5c no application Blank
            00010912 03000402 51525354 55565758 595a5b5c 11121413 00000000 00000000
            00000000 00646362 61747372 71848382 819291a2 a1b1c2c1 d4d3d2d1 e4e3e2e1
            66672a6c 456e7665 6c6f7065 20340000
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
        bytes[7] = code;
        let why =
            reasons.get(usize::from(code)).copied().ok_or(Malformed::Unknown(Field::Why, code));
        assert_eq!(Identity::parse(&bytes).map(|identity| identity.why), why);

        let mut bytes = identity().emit();
        bytes[24] = code;
        let trial = match code {
            0 => Ok(None),
            1 => Ok(Some(Trial::Confirmed)),
            2 => Ok(Some(Trial::Pending)),
            _ => Err(Malformed::Unknown(Field::Trial, code)),
        };
        let parsed = Identity::parse(&bytes);
        assert_eq!(parsed.map(|identity| identity.application.map(|a| a.trial)), trial);
    }
}
