//! Racks of all kinds, and what they end as.

use core::time::Duration;

use rackflash_core::host::report::Report;
use rackflash_sim::images;
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;

#[test]
fn the_demo_rack() {
    let mut bench = Bench::new(&Setup::demo());
    for image in images::new() {
        bench.offer(&image.hex);
    }
    println!("detect {:?}", bench.detect());
    println!("{:?}", bench.session.rack().modules.len());
    println!("update {:?}", bench.update_all(Duration::from_secs(60)));
    for module in Report::of(&bench.session).modules {
        println!("{:?} {} {:?}->{:?} {} {:?} {:?}", module.slot, module.name, module.from, module.to, module.outcome, module.cause, module.proof);
    }
    if std::env::var("TR").is_ok() {
        println!("{}", bench.session.transcript());
    }
}
