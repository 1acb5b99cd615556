//! Anything as a line of a recording, a message, a log line or an item: it is read or refused, the book takes it, and the ride's row, lens and JSON come out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::ride::{Book, Change, Event, Happening, Limits, Lookup, Time, lens, line};

fuzz_target!(|input: (Vec<(u8, i64, i64, String)>, bool)| {
    let (parts, reversed) = input;
    let mut book = Book::new(Limits { rides: 4, events: 4096, ..Limits::default() });
    let mut events: Vec<Event> = Vec::new();
    for (number, (kind, seen, at, text)) in parts.into_iter().enumerate() {
        if let Ok(Some(event)) = line::read(&text, number as u64 + 1) {
            assert_eq!(line::read(&line::write(&event), 1), Ok(Some(event.clone())));
            events.push(event);
        }
        let shown = lens(&text);
        shown.spans.iter().for_each(|span| assert!(shown.pretty.get(span.clone()).is_some()));
        let happening = match kind % 5 {
            0 => Happening::Message { topic: "t".to_owned(), id: (kind / 5).to_string(), body: text, envelope: None },
            1 | 2 => Happening::Log {
                group: ["/aws/lambda/a-RequestRide", "/aws/lambda/b-PutRideRecordSns", ""][usize::from(kind / 5 % 3)].to_owned(),
                stream: (kind / 64).to_string(),
                id: if kind > 200 { String::new() } else { number.to_string() },
                message: text,
            },
            3 => Happening::Item {
                table: "t".to_owned(),
                change: [Change::Inserted, Change::Modified, Change::Removed, Change::Found][usize::from(kind / 5 % 4)],
                by: Lookup::Stream,
                item: serde_json::from_str(&text).unwrap_or_else(|_| serde_json::json!({ "RideId": text })),
            },
            _ => Happening::Answered {
                request: u64::from(kind / 5),
                status: Some(201),
                body: serde_json::from_str(&text).ok(),
                error: (kind > 128).then_some(text),
                latency: at.unsigned_abs(),
            },
        };
        events.push(Event { seen: Time(seen), at: (at % 3 != 0).then_some(Time(at)), happening });
    }
    if reversed {
        events.reverse();
    }
    for event in events {
        book.take(event);
    }
    book.tick(Time(i64::MAX));
    assert!(book.len() <= 4);
    let counts = book.counts();
    assert_eq!(counts.rides, book.len() as u64 + counts.dropped);
    for ride in book.rides() {
        let _ = (ride.json(book.clocks()), book.events_of(ride.id()));
    }
    let _ = book.stats().json(counts);
});
