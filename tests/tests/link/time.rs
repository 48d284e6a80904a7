//! Spans end at their limits instead of panicking there, and are told in three units.

use core::time::Duration as Std;

use rackflash_core::time::Duration;

#[test]
fn told_in_other_units() {
    let span = Duration::from_micros(2_500_999);
    assert_eq!((span.as_micros(), span.as_millis()), (2_500_999, 2_500));
    assert_eq!((span.as_secs_f32(), span.as_secs_f64()), (2.500_999, 2.500_999));
    assert_eq!(Duration::from_millis(2), Duration::from_micros(2_000));
    assert_eq!(Duration::from_secs(2), Duration::from_millis(2_000));
    assert_eq!(Std::from(span), Std::from_micros(2_500_999));
    assert_eq!(Duration::from(Std::from_nanos(2_500_999_999)), span);
}

#[test]
fn the_limits() {
    let (second, max) = (Duration::from_secs(1), Duration::MAX);
    assert_eq!(max + second, max);
    assert_eq!(second - max, Duration::ZERO);
    assert_eq!(max * 2, max);
    assert_eq!(second * 3, Duration::from_secs(3));
    assert_eq!(second / 4, Duration::from_millis(250));
    assert_eq!(second / 0, max);
    assert_eq!(Duration::from_secs(u64::MAX), max);
    assert_eq!(Duration::from(Std::MAX), max);
}
