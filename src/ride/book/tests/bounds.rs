//! Memory is bounded, counts are exact, nothing that comes in breaks anything.

use super::super::super::{Fate, Mark};
use super::*;

fn small(rides: usize) -> Book {
    Book::new(Limits { rides, events: 64 << 10, ..Limits::default() })
}

#[test]
fn the_oldest_done_goes_first_and_counts_stay() {
    let mut book = small(10);
    let stuck = Way::new(1);
    book.take(stuck.message(0, 1));
    (2..=40).for_each(|n| Way::new(n).event_driven(i64::from(n)).into_iter().for_each(|event| book.take(event)));
    assert_eq!(book.len(), 10);
    assert!(book.get(&stuck.id()).is_some(), "it is still on its way");
    assert_eq!(book.rides().map(Ride::number).collect::<Vec<_>>(), [0, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    let counts = book.counts();
    assert_eq!((counts.rides, counts.of(Mark::Recorded), counts.dropped, counts.dropped_travelling), (40, 39, 30, 0));
    assert_eq!(counts.travelling(), 1);
}

#[test]
fn rides_that_never_end_go_too_and_do_not_come_back_as_others() {
    let mut book = small(10);
    (1..=30).for_each(|n| book.take(Way::new(n).message(i64::from(n), 1)));
    assert_eq!((book.len(), book.counts().dropped_travelling), (10, 20));
    book.take(Way::new(1).item(100, Change::Inserted));
    assert_eq!((book.counts().rides, book.counts().strays), (30, 1));
}

#[test]
fn one_ride_cannot_fill_the_memory() {
    let mut book = small(10);
    let way = Way::new(1);
    for n in 0..5000 {
        book.take(way.message(i64::from(n), n));
        way.put_sns(i64::from(n), n + 2, n, i64::from(n)).into_iter().for_each(|event| book.take(event));
    }
    let ride = book.get(&way.id()).unwrap();
    assert!(ride.facts.iter().count() <= 512 && ride.invocations.len() <= 200 && ride.events.len() <= 256);
    assert_eq!(ride.fate(), Fate::Travelling);
}

#[test]
fn what_is_no_ride_is_counted_and_passed_over() {
    let mut book = Book::default();
    let long = "x".repeat(256 << 10);
    for body in [
        "",
        "null",
        "{\"RideId\": 5}",
        "{\"RideId\": \"\"}",
        "\u{0}\u{fffd}",
        &long,
        &format!("{{\"RideId\": \"{long}\"}}"),
    ] {
        let happening =
            Happening::Message { topic: "t".to_owned(), id: "m".to_owned(), body: body.to_owned(), envelope: None };
        book.take(Event { seen: Time(START), at: Some(Time(i64::MIN)), happening });
        let happening = Happening::Log {
            group: "g".to_owned(),
            stream: "s".to_owned(),
            id: String::new(),
            message: body.to_owned(),
        };
        book.take(Event { seen: Time(i64::MAX), at: Some(Time(i64::MAX)), happening });
    }
    let happening =
        Happening::Item { table: "t".to_owned(), change: Change::Found, by: Lookup::Scan, item: json!([1]) };
    book.take(Event { seen: Time(START), at: None, happening });
    assert_eq!((book.counts().rides, book.counts().without_ride, book.counts().events), (0, 8, 15));
    book.tick(Time(i64::MAX));
    book.tick(Time(i64::MIN));
}

#[test]
fn requests_are_counted_once_however_the_events_come() {
    let mut book = Book::default();
    let ways: Vec<Way> = (1..=5).map(Way::new).collect();
    for way in &ways {
        let events = [way.refused(9, "no connection"), way.requested(0), way.refused(9, "no connection")];
        events.into_iter().for_each(|event| book.take(event));
    }
    assert_eq!((book.counts().requests, book.counts().failed_requests, book.requests.outstanding()), (5, 5, 0));
    assert_eq!(
        book.stats().errors.first().map(|(class, count)| (class.to_string(), *count)),
        Some(("no connection".to_owned(), 5))
    );
}
