//! Fault 38: bases that do not come to an end with what they were given: stopped unasked.

use rackflash_core::wire::message::Cause;
use rackflash_tests::fuzzing::session::{About, update};

/// It says that it was told to stop, or that it cannot read what it was given: nobody here knows of either.
#[test]
fn fault_38_a_base_that_stops_unasked() {
    for cause in [Cause::Aborted, Cause::BadOperation] {
        // Each two bytes say once: instead, that this has halted the lane.
        let at = Cause::ALL.iter().position(|other| *other == cause).expect("one of them");
        let lie = [2, u8::try_from(at).expect("few")];
        let endings = update(About::OneBus, &lie.repeat(300));
        assert_eq!(endings, ["updated", "failed base-silent"], "{cause:?}");
    }
}
