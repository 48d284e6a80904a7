//! Keys of `rackflash` and of `minisign`, passwords, one key replaced by the next.

use std::os::unix::fs::PermissionsExt;

use expect_test::expect;

use crate::desk::desk;

/// A key with a password; its file is its owner's alone, and never overwritten.
#[test]
fn a_key_with_a_password() {
    let desk = desk().with_password("correct");
    let public = |seen: &str, desk: &rackflash_tests::command::Desk| {
        let file = String::from_utf8(desk.get("mine.pub")).expect("text");
        let line = file.lines().nth(1).expect("the key").to_owned();
        seen.replace(&line, "(key)")
    };
    let seen = desk.types(&[
        "rackflash key new mine",
        "rackflash key new mine",
        "rackflash release new r --id r --counter 1 vco.hex",
        "rackflash release sign r --key mine.key",
        "rackflash release verify r --public-key mine.pub",
        "rackflash release verify r",
    ]);
    let mode = desk.path("mine.key").metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let seen = public(&seen, &desk);
    let desk = desk.with_password("wrong");
    let seen = seen
        + &desk.types(&[
            "rackflash release sign r --key mine.key",
            "rackflash release sign r --key mine.pub",
        ]);
    expect![[r#"
        $ rackflash key new mine
        mine.key: secret, signs releases; keep it, and a copy, where nobody else reads it
        mine.pub: for everybody
        To build a page and a command that trust it: RACKFLASH_KEY=(key) cargo xtask build
        $ rackflash key new mine
        rackflash: mine.key is there already; choose another name
        => 1
        $ rackflash release new r --id r --counter 1 vco.hex
        r: release r; images: 1; not signed yet
        $ rackflash release sign r --key mine.key
        r: signed for (key)
        $ rackflash release verify r --public-key mine.pub
        r: release r (number 1), signed and whole; images: 1
        $ rackflash release verify r
        rackflash: the release was signed by somebody else than this program's maker, or with a later key; get it from the maker, and use the newest version of this program
        => 4
        $ rackflash release sign r --key mine.key
        rackflash: mine.key: the password is not this key's, or the file is damaged; try again
        => 1
        $ rackflash release sign r --key mine.pub
        rackflash: mine.pub: this is no secret key; name the file that `rackflash key new` or `minisign -G` made
        => 1
    "#]].assert_eq(&seen);
}

/// `minisign` takes our keys and checks our signatures; we take its keys and check its signatures.
#[test]
fn the_program_minisign() {
    let desk = desk();
    let seen = desk.types(&[
        "rackflash release new r --id r --counter 1 vco.hex",
        "rackflash release sign r --key current.key",
        "minisign -V -p current.pub -m r/release.json",
        "minisign -V -p next.pub -m r/release.json",
        "minisign -S -s next.key -m r/release.json",
        "rackflash release verify r --public-key next.pub",
        "minisign -G -W -f -p theirs.pub -s theirs.key",
        "rackflash release sign r --key theirs.key",
        "rackflash release verify r --public-key theirs.pub",
        "minisign -S -s theirs.key -m r/release.json",
        "rackflash release verify r --public-key theirs.pub",
    ]);
    let file = String::from_utf8(desk.get("theirs.pub")).expect("text");
    let key = file.lines().nth(1).expect("the key");
    let number = file.lines().next().and_then(|line| line.rsplit(' ').next()).expect("a number");
    let seen = seen.replace(key, "(key)").replace(number, "(number)");
    expect![[r#"
        $ rackflash release new r --id r --counter 1 vco.hex
        r: release r; images: 1; not signed yet
        $ rackflash release sign r --key current.key
        r: signed for RWScYeBwLf/9L6fZMuGb6JkoLbHhtPzDFFyx6RC/XnR5bc/CK97X8cqw
        $ minisign -V -p current.pub -m r/release.json
        Signature and comment signature verified
        Trusted comment: file:release.json	hashed
        $ minisign -V -p next.pub -m r/release.json
        Signature key id in r/release.json.minisig is 2FFDFF2D70E0619C
        but the key id in the public key is A900070615BED023
        => 1
        $ minisign -S -s next.key -m r/release.json
        $ rackflash release verify r --public-key next.pub
        r: release r (number 1), signed and whole; images: 1
        $ minisign -G -W -f -p theirs.pub -s theirs.key
        The secret key was saved as theirs.key - Keep it secret!
        The public key was saved as theirs.pub - That one can be public.

        Files signed using this key pair can be verified with the following command:

        minisign -Vm <file> -P (key)

        $ rackflash release sign r --key theirs.key
        r: signed for (key)
        $ rackflash release verify r --public-key theirs.pub
        r: release r (number 1), signed and whole; images: 1
        $ minisign -S -s theirs.key -m r/release.json
        $ rackflash release verify r --public-key theirs.pub
        r: release r (number 1), signed and whole; images: 1
    "#]]
    .assert_eq(&seen);
}

/// The current key signs as long as it can, then the next one does: those who trust both notice nothing. Who was built
/// before the next one was known refuses it, and whoever trusts the next two refuses what the first signs.
#[test]
fn one_key_is_replaced_by_the_next() {
    let desk = desk();
    let seen = desk.types(&[
        "rackflash key new third --no-password",
        "rackflash release new r1 --id r1 --counter 1 vco.hex",
        "rackflash release new r2 --id r2 --counter 2 vco.hex",
        "rackflash release sign r1 --key current.key",
        "rackflash release sign r2 --key next.key",
        "rackflash release verify r1 --public-key current.pub --public-key next.pub",
        "rackflash release verify r2 --public-key current.pub --public-key next.pub",
        "rackflash release verify r2 --public-key current.pub",
        "rackflash release verify r2 --public-key next.pub --public-key third.pub",
        "rackflash release verify r1 --public-key next.pub --public-key third.pub",
    ]);
    let (_, seen) = seen.split_once("$ rackflash release verify").expect("the first check");
    expect![[r#"
         r1 --public-key current.pub --public-key next.pub
        r1: release r1 (number 1), signed and whole; images: 1
        $ rackflash release verify r2 --public-key current.pub --public-key next.pub
        r2: release r2 (number 2), signed and whole; images: 1
        $ rackflash release verify r2 --public-key current.pub
        rackflash: the release was signed by somebody else than this program's maker, or with a later key; get it from the maker, and use the newest version of this program
        => 4
        $ rackflash release verify r2 --public-key next.pub --public-key third.pub
        r2: release r2 (number 2), signed and whole; images: 1
        $ rackflash release verify r1 --public-key next.pub --public-key third.pub
        rackflash: the release was signed by somebody else than this program's maker, or with a later key; get it from the maker, and use the newest version of this program
        => 4
    "#]].assert_eq(seen);
}
