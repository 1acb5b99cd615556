//! Clocks that stand apart.

use super::super::super::{Hop, Mark, Source};
use super::*;

#[test]
fn a_minute_of_skew_is_bounded_by_cause_and_effect_and_shown() {
    for cloud in [-60_000, 60_000] {
        let way = Way { cloud, ..Way::new(30) };
        let book = book_of(way.event_driven(100));
        let ride = book.get(&way.id()).unwrap();
        let hops = ride.hops(book.clocks());
        let order = [hops.requested, hops.published, hops.delivered, hops.recorded];
        assert!(order.is_sorted(), "{cloud}: {hops:?}");
        assert!(hops.answered >= hops.requested);
        for source in [Source::Logs, Source::Topic] {
            let skew = ride.skew(source, book.clocks());
            assert!((skew + cloud * 1000).abs() < 40_000, "{cloud}: {source:?} {skew}");
        }
        assert!(hops.between(Hop::Requested, Hop::Recorded).is_some_and(|took| took < 200_000), "{cloud}: {hops:?}");
        assert_eq!(ride.raw(Hop::Published), Some((Time(START + (125 + cloud) * 1000), Source::Topic)));
        assert!(!ride.has(Mark::Late));
    }
}

#[test]
fn what_one_ride_tells_of_the_clocks_serves_the_others() {
    let own = Way { cloud: -60_000, ..Way::new(31) };
    let other = Way { cloud: -60_000, ..Way::new(32) };
    let mut book = book_of([other.message(25, 1), other.item(70, Change::Found)]);
    let took = |book: &Book| book.get(&other.id()).unwrap().hops(book.clocks()).between(Hop::Published, Hop::Recorded);
    assert!(took(&book).is_some_and(|took| took > 60 * SECOND));
    own.event_driven(200).into_iter().for_each(|event| book.take(event));
    assert!(took(&book).is_some_and(|took| took < SECOND), "{:?}", took(&book));
}

#[test]
fn clocks_that_agree_are_not_touched() {
    let way = Way::new(33);
    let book = book_of(way.event_driven(100));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!(Source::REMOTE.map(|source| ride.skew(source, book.clocks())), [0; 3]);
}
