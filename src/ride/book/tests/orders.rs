//! Whatever order the events of rides come in, and however often, the rows are the same.

use proptest::prelude::*;

use super::super::super::Mark;
use super::*;

/// A ride that goes one of several ways, with its doubles and retries.
fn events(n: u32, kind: u8, cloud: i64) -> Vec<Event> {
    let way = Way { cloud, ..Way::new(n) };
    let at = i64::from(n) * 7;
    let mut events = match kind % 6 {
        0 => way.synchronous(at),
        1 => vec![way.answered(at + 40, 40), way.message(at + 25, 1)],
        2 => way.request_ride(at, 30),
        _ => way.event_driven(at),
    };
    match kind % 6 {
        3 => events.push(way.message(at + 90, 2)),
        4 => events.extend(way.put_sns(at + 60_000, 2, 1, at + 25)),
        5 => events.extend([way.item(at + 90, Change::Inserted), way.item(at + 95, Change::Modified)]),
        _ => {}
    }
    events
}

fn rows(book: &Book) -> Vec<String> {
    let mut rows: Vec<String> = book.rides().map(|ride| ride.json(book.clocks()).to_string()).collect();
    rows.sort_unstable();
    rows
}

fn rides() -> impl Strategy<Value = Vec<Event>> {
    (proptest::collection::vec(any::<u8>(), 1..6), prop_oneof![Just(0), Just(-60_000), Just(2_000)])
        .prop_map(|(kinds, cloud)| kinds.iter().zip(1..).flat_map(|(kind, n)| events(n, *kind, cloud)).collect())
}

fn shuffled() -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    rides().prop_flat_map(|events| {
        let doubled: Vec<Event> = events.iter().chain(events.iter().step_by(3)).cloned().collect();
        (Just(events), Just(doubled).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_counts_do_not_hang_on_order((straight, shuffled) in shuffled()) {
        let (mut one, mut other) = (book_of(straight), book_of(shuffled));
        [&mut one, &mut other].into_iter().for_each(|book| book.tick(Time(START + 200 * SECOND)));
        prop_assert_eq!(rows(&one), rows(&other));
        for mark in Mark::ALL {
            prop_assert_eq!(one.counts().of(mark), other.counts().of(mark), "{:?}", mark);
        }
        prop_assert_eq!(one.counts().requests, other.counts().requests);
        let cost = |book: &Book| book.stats().cost;
        prop_assert!((cost(&one).total() - cost(&other).total()).abs() < 1e-12, "{:?} {:?}", cost(&one), cost(&other));
    }

    #[test]
    fn counts_are_those_of_the_rows_and_stay_when_rides_are_dropped(kinds in proptest::collection::vec(any::<u8>(), 1..40), limit in 1_usize..50) {
        let mut whole = Book::default();
        let mut bounded = Book::new(Limits { rides: limit, ..Limits::default() });
        for (kind, n) in kinds.iter().zip(1..) {
            for event in events(n, *kind, 0) {
                whole.take(event.clone());
                bounded.take(event);
            }
        }
        prop_assert!(bounded.len() <= limit);
        prop_assert_eq!(bounded.counts().rides, whole.counts().rides);
        for mark in Mark::ALL {
            let of_rows = whole.rides().filter(|ride| ride.has(mark)).count() as u64;
            prop_assert_eq!(whole.counts().of(mark), of_rows, "{:?}", mark);
            // Each ride's events came in one go, so that none was dropped before it had its marks.
            prop_assert_eq!(bounded.counts().of(mark), of_rows, "{:?}", mark);
        }
    }
}
