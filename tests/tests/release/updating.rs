//! A rack is updated from a release, and never from an older one.

use expect_test::expect;
use rackflash_tests::browser::{Rack, Speed};

use crate::desk::desk_with_release;

/// From the folder, then from the stick; then somebody has the release before.
#[test]
fn a_rack_is_updated_from_a_release() {
    let desk = desk_with_release();
    let mut rack = Rack::demo(Speed::Max);
    let port = rack.path();
    let port = port.display().to_string();
    let update = |release: &str| format!("rackflash update --port {port} --release {release}");
    let forged =
        String::from_utf8(desk.get("r7/release.json")).expect("text").replace("stable", "st4ble");
    desk.put("forged/release.json", forged);
    desk.put("forged/release.json.minisig", desk.get("r7/release.json.minisig"));
    let refused = desk.types(&[&update("forged")]);
    let touched = |rack: &mut Rack| rack.modules().iter().any(|module| module["operations"] != 0);
    assert!(!touched(&mut rack), "nothing is written before all of it is trusted");
    let seen = desk.types(&[
        &update("r7"),
        "rackflash release pack r7 r7.rackpack",
        &update("r7.rackpack"),
        &update("r6"),
    ]);
    expect![[r#"
        $ rackflash update --port PORT --release forged
        rackflash: forged: the release is not as its maker has signed it; download it again from the maker
        => 4
        $ rackflash update --port PORT --release r7
        Rackflash demo (firmware 0.1.0)
          1  Quad VCO      D2D5-54B1  1.4.3       updated
          2  Quad VCO      9A3E-24C2  1.4.3       updated
          3  Twin Filter   17F3-33EA  2.0.1       updated
          4  empty
          5  Twin Filter   EE0C-3674  2.0.1       updated
          6  Envelope 4    B84D-446D  1.0.0       updated
          7  Envelope 4    D11F-6467  1.0.0       up to date
          8  empty
          9  Quad VCO      8FF9-8428  1.4.3       updated
         10  Envelope 4    0EF7-6373  1.0.0       updated
         11  empty
         12  empty
        $ rackflash release pack r7 r7.rackpack
        r7.rackpack: release r7, 198748 bytes
        $ rackflash update --port PORT --release r7.rackpack
        Rackflash demo (firmware 0.1.0)
          1  Quad VCO      D2D5-54B1  1.4.3       up to date
          2  Quad VCO      9A3E-24C2  1.4.3       up to date
          3  Twin Filter   17F3-33EA  2.0.1       up to date
          4  empty
          5  Twin Filter   EE0C-3674  2.0.1       up to date
          6  Envelope 4    B84D-446D  1.0.0       up to date
          7  Envelope 4    D11F-6467  1.0.0       up to date
          8  empty
          9  Quad VCO      8FF9-8428  1.4.3       up to date
         10  Envelope 4    0EF7-6373  1.0.0       up to date
         11  empty
         12  empty
        $ rackflash update --port PORT --release r6
        rackflash: r6: this is release number 6, and number 7 is known already: older than installed; get the newest release
        => 4
    "#]].assert_eq(&(refused + &seen).replace(&port, "PORT"));
}
