//! The speed table, with the goals that it must meet: what `cargo xtask bench` prints.

use rackflash_tests::speed::Table;

#[test]
fn every_goal_is_met() {
    let table = Table::measure();
    assert_eq!(table.missed(), "", "\n{table}");
}
