//! What the command says of releases that are not to be trusted.

use expect_test::expect;
use rackflash_release::manifest::Date;

use crate::desk::desk;

/// Each with a cause of its own, and exit code 4.
#[test]
fn not_to_be_trusted() {
    let desk = desk();
    desk.types(&[
        "rackflash release new good --id good --counter 7 vco.hex",
        "rackflash release new other --id other --counter 8 --address 0x08002200 envelope.bin",
        "rackflash release new old --id old --counter 6 --expires 2020-02-29 vco.hex",
        "rackflash release sign good --key current.key",
        "rackflash release sign other --key current.key",
        "rackflash release sign old --key current.key",
        "rackflash release pack good good.rackpack",
    ]);
    let manifest = String::from_utf8(desk.get("good/release.json")).expect("text");
    desk.put("changed/release.json", manifest.replace("stable", "stable!"));
    desk.put("changed/release.json.minisig", desk.get("good/release.json.minisig"));
    desk.put("mixed/release.json", desk.get("good/release.json"));
    desk.put("mixed/release.json.minisig", desk.get("other/release.json.minisig"));
    desk.put("unsigned/release.json", desk.get("good/release.json"));
    desk.put("incomplete/release.json", desk.get("good/release.json"));
    desk.put("incomplete/release.json.minisig", desk.get("good/release.json.minisig"));
    let pack = desk.get("good.rackpack");
    desk.put("cut.rackpack", &pack[..pack.len() - 1]);
    desk.put("long.rackpack", [&pack[..], &[0]].concat());
    let seen = desk.types(&[
        "rackflash release verify changed",
        "rackflash release verify mixed",
        "rackflash release verify unsigned",
        "rackflash release verify incomplete",
        "rackflash release verify old",
        "rackflash release verify cut.rackpack",
        "rackflash release verify long.rackpack",
        "rackflash release verify notes.txt",
        "rackflash release verify good --public-key nonsense",
        "rackflash release inspect changed",
    ]);
    let seen = without_today(&seen);
    expect![[r#"
        $ rackflash release verify changed
        rackflash: the release is not as its maker has signed it; download it again from the maker
        => 4
        $ rackflash release verify mixed
        rackflash: the release is not as its maker has signed it; download it again from the maker
        => 4
        $ rackflash release verify unsigned
        rackflash: unsigned: the release is not signed; its maker signs it with `rackflash release sign`
        => 4
        $ rackflash release verify incomplete
        rackflash: incomplete/quad-vco-1.5.0.bin cannot be read: No such file or directory (os error 2)
        => 1
        $ rackflash release verify old
        rackflash: the release could be installed until 2020-02-29, and this computer says that it is [today]; get the newest release, or set the computer's clock
        => 4
        $ rackflash release verify cut.rackpack
        rackflash: this file holds no whole release; copy or download it again
        => 4
        $ rackflash release verify long.rackpack
        rackflash: this file holds no whole release; copy or download it again
        => 4
        $ rackflash release verify notes.txt
        rackflash: notes.txt: this file holds no whole release; copy or download it again
        => 4
        $ rackflash release verify good --public-key nonsense
        rackflash: "nonsense" is no public key of minisign that anybody may rely on; ask the maker for the right one
        => 4
        $ rackflash release inspect changed
        Release good, number 7, channel stable!
        quad-vco-1.5.0.bin               600 bytes at 0x08002200, version 1.5.0, for 1209:0101 hardware 1 to 3
                                     SHA-256 cc87bb0fd47e1cb62be0777c7ac265d31609f58ef16ae27dde66a295244e7e00
        NOT TO BE TRUSTED: the release is not as its maker has signed it; download it again from the maker
    "#]].assert_eq(&seen);
}

/// What stands as the computer's day, which is another on each day.
fn without_today(seen: &str) -> String {
    let (_, after) = seen.split_once("says that it is ").expect("an old release was refused");
    let (day, _) = after.split_once(';').expect("with what to do next");
    day.parse::<Date>().expect("a day");
    seen.replace(day, "[today]")
}
