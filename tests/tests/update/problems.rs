//! What a terminal is told of each problem: its code, and who must do what.

use core::fmt::Write;

use expect_test::expect;
use rackflash_core::host::image::{Image, ImageError};
use rackflash_core::host::problem::{LinkProblem, Problem};
use rackflash_core::host::{TargetError, view::ProblemView};
use rackflash_core::wire::module::Outcome;

#[test]
fn of_the_link() {
    let mut text = String::new();
    for problem in [
        LinkProblem::Silent,
        LinkProblem::NotABase,
        LinkProblem::BaseNewer { protocol: 0x0203 },
        LinkProblem::BaseOlder { protocol: 0x0002 },
        LinkProblem::BaseRestarted,
        LinkProblem::BaseSilent,
        LinkProblem::AddressConflict,
        LinkProblem::NoFreeAddress,
        LinkProblem::BusStuck,
    ] {
        let end = if problem.is_fatal() { "ends it" } else { "goes on" };
        writeln!(text, "{} ({end}): {problem}", problem.code()).expect("a string");
    }
    expect![[r#"
        silent-port (ends it): nothing answers on this port; check that it is the base card's, and that the rack has power
        not-a-base (ends it): what answers on this port is not a Rackflash base; choose the base card's port
        base-newer (ends it): the base speaks protocol 2.3; use a newer version of this program
        base-older (ends it): the base speaks protocol 0.2; update the base card first
        base-restarted (goes on): the base has restarted; the update goes on by itself
        base-silent (ends it): the base does not say what becomes of what it is given; plug its cable in again, then try again
        address-conflict (goes on): modules talk over each other; unplug the one that was plugged in last
        no-free-address (goes on): a bus has more modules than addresses; unplug one, and update it alone
        bus-stuck (goes on): a module holds its bus; unplug the modules of this bus one by one until it is free
    "#]].assert_eq(&text);
}

#[test]
fn of_a_module() {
    let of_module = [
        Problem::NoImage,
        Problem::WrongType,
        Problem::WrongHardware,
        Problem::Older,
        Problem::LoaderOlder,
        Problem::from(ImageError::End { end: 0x0803_0001, area: 0x0800_2200..0x0803_0000 }),
        Problem::from(ImageError::NoHeader { address: 0x0800_10c0 }),
        Problem::BadIdentity,
        Problem::Unplugged,
        Problem::NeverStarted,
        Problem::Unsaved,
    ];
    let of_target = [
        TargetError::NotAnswering,
        TargetError::Stalled,
        TargetError::BadData,
        TargetError::BusStuck,
        TargetError::LinkLost,
        TargetError::KeptBack,
    ];
    let refusals = (0..=u8::MAX).filter_map(|number| Outcome::parse(number).ok());
    let of_target = of_target.into_iter().chain(refusals.map(TargetError::Refused));
    let mut text = String::new();
    for problem in of_module.into_iter().chain(of_target.map(Problem::Target)) {
        let view = ProblemView::from(&problem);
        assert_eq!(view.code, problem.code());
        let address = view.address.map_or(String::new(), |address| format!(" at {address:#010x}"));
        writeln!(text, "{}{address}: {problem}", view.code).expect("a string");
    }
    expect![[r#"
        no-image: no image is for this module type; ask the maker for one
        wrong-type: the image is for another module type; choose the image for this one
        wrong-hardware: the image is not for this hardware revision; ask the maker for the one that is
        older: the image is older than what the module runs; choose a newer one
        loader-older: the module's loader is too old for this image; ask the maker to renew it
        does-not-fit at 0x08030001: The image ends at 0x08030001, above the application area's end 0x08030000. Choose a file made for this module.
        bad-image at 0x080010c0: There is no Rackflash header at 0x080010c0. Choose a file made for this module.
        bad-identity: the module says of itself what cannot be; it needs service
        unplugged: it is not in its place any more; plug it in again and try again
        never-started: the new application does not answer; the module keeps its loader, try again
        settings-unsaved: its settings could not be saved, so it was not updated; try again
        not-answering: the module does not answer; check that it sits firmly, then try again
        bad-data: what the module says arrives damaged; check that it sits firmly, then try again
        bad-data: what the module says arrives damaged; check that it sits firmly, then try again
        bus-stuck: a module holds the bus; unplug modules one by one until it is free
        port-lost: the link to the base was lost; plug the cable in again
        base-silent: the base does not say what became of it; plug its cable in again, then try again
        refused: the module refused the update; save the transcript and ask the maker
        refused: the module refused the update; save the transcript and ask the maker
        wrong-type: the image is for another module type; choose the image for this one
        wrong-hardware: the image is not for this hardware revision; ask the maker for the one that is
        does-not-fit: the image does not fit the module's application area; ask the maker for one that does
        refused: the module refused the update; save the transcript and ask the maker
        refused: the module refused the update; save the transcript and ask the maker
        digest-mismatch: what the flash holds is not the image; try again
        flash-worn: a page of its flash takes no more writes; the module needs service
        no-application: it has no application to start; update it
        bad-image: the image is not one this module could start; ask the maker for a sound one
    "#]].assert_eq(&text);
}

/// A line of its text, or an address.
#[test]
fn of_a_file() {
    let broken = Image::parse(b":0100000000FF\n:00000001FE\n", None).unwrap_err();
    let mut text = String::new();
    for error in [broken, ImageError::NoHeader { address: 0x0800_10c0 }, ImageError::FileEmpty] {
        let ProblemView { code, line, address, slots } = ProblemView::from(&error);
        writeln!(text, "{code}, line {line:?}, address {address:x?}, {slots:?}").expect("a string");
    }
    expect![[r#"
        record-checksum, line Some(2), address None, []
        no-header, line None, address Some(80010c0), []
        file-empty, line None, address None, []
    "#]]
    .assert_eq(&text);
}
