//! The monitor under load: a replay of 50,000 events a second through lines and book, frames of the screen meanwhile, and the memory of 100,000
//! rides.
//!
//! `cargo bench --bench monitor` prints events a second and their ratio to the budget, and the growth of the resident memory.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a measurement that cannot be made must stop")]

use std::time::Instant;

use rydes::ride::{Book, Change, Event, Happening, Limits, Lookup, Mark, Time, line};
use rydes::tui::preview::Preview;
use rydes::workshop::built_in;
use serde_json::json;

/// Events a second that a replay must bear.
const BUDGET: f64 = 50_000.0;
/// Rides that are remembered, and MiB that they may take.
const RIDES: u32 = 100_000;
const MEMORY: f64 = 150.0;
/// Milliseconds that a frame may take at 200x60.
const FRAME: f64 = 4.0;

fn main() {
    memory();
    replay();
    frames();
}

/// All that happens to a ride through the topic, with the lines as long as they are: 14 events.
fn ride(n: u32) -> Vec<Event> {
    let id = format!("{n:08x}-eaf8-11f1-a137-02fc00000001");
    let (first, second) =
        (format!("{n:08x}-6aaf-4739-9c05-031b753cdb4a"), format!("{n:08x}-26c2-40cf-94c4-f713f3b1aa91"));
    let body = json!({"RideId": id, "Unicorn": {"Name": "Rocinante", "Color": "Yellow"}, "RequestTime": "2026-11-28 06:55:55.915339"});
    let start = 1_795_848_955_000_000 + i64::from(n) * 200;
    let event = |seen: i64, at: Option<i64>, happening| Event {
        seen: Time(start + seen * 1000),
        at: at.map(|at| Time(start + at * 1000)),
        happening,
    };
    let log = |at: i64, function: &str, number: u32, message: String| {
        let happening = Happening::Log {
            group: format!("/aws/lambda/wild-rydes-dev-{function}"),
            stream: format!("2026/11/28/[$LATEST]{:032x}", n % 10),
            id: format!("{:056}", u64::from(n) * 100 + u64::from(number)),
            message,
        };
        event(at + 8, Some(at), happening)
    };
    let info = |request: &str, words: &str| format!("[INFO]\t2026-11-28T06:55:55.914Z\t{request}\t{words}");
    let report = |request: &str| {
        format!(
            "REPORT RequestId: {request}\tDuration: 28.11 ms\tBilled Duration: 29 ms\tMemory Size: 256 MB\tMax Memory Used: 49 MB"
        )
    };
    let gateway: serde_json::Value =
        serde_json::from_str(include_str!("../assets/samples/api-gateway-event.json")).unwrap();
    let mut gateway = gateway;
    gateway["body"] = json!("{\"PickupLocation\": {\"Latitude\": 47.6, \"Longitude\": -122.3}}");
    let mut sns: serde_json::Value = serde_json::from_str(include_str!("../assets/samples/sns-event.json")).unwrap();
    let message_id = format!("{n:08x}-c540-4d86-907e-d6fc06d22bb2");
    sns["Records"][0]["Sns"]["Message"] = json!(body.to_string());
    sns["Records"][0]["Sns"]["MessageId"] = json!(message_id);
    let envelope = sns["Records"][0]["Sns"].to_string();
    vec![
        event(0, None, Happening::Requested { request: u64::from(n) + 1 }),
        log(2, "RequestRide", 1, format!("START RequestId: {first} Version: $LATEST")),
        log(3, "RequestRide", 2, info(&first, &format!("Request: {gateway}"))),
        log(3, "RequestRide", 3, info(&first, &format!("Ride {id} starts at {{\"Latitude\": 47.6}}"))),
        event(
            20,
            Some(18),
            Happening::Message {
                topic: "arn:aws:sns:us-east-2:123456789012:rides".to_owned(),
                id: message_id,
                body: body.to_string(),
                envelope: Some(envelope),
            },
        ),
        log(
            25,
            "RequestRide",
            4,
            info(&first, &format!("Response: {}", json!({"statusCode": 201, "body": body.to_string()}))),
        ),
        log(25, "RequestRide", 5, format!("END RequestId: {first}")),
        log(25, "RequestRide", 6, report(&first)),
        event(
            28,
            None,
            Happening::Answered {
                request: u64::from(n) + 1,
                status: Some(201),
                body: Some(body.clone()),
                error: None,
                latency: 28_000,
            },
        ),
        log(30, "PutRideRecordSns", 7, format!("START RequestId: {second} Version: $LATEST")),
        log(31, "PutRideRecordSns", 8, info(&second, &format!("Event received: {sns}"))),
        log(40, "PutRideRecordSns", 9, format!("END RequestId: {second}")),
        log(40, "PutRideRecordSns", 10, report(&second)),
        event(
            42,
            None,
            Happening::Item { table: "records".to_owned(), change: Change::Found, by: Lookup::Get, item: body },
        ),
    ]
}

/// MiB of this process that are in memory.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn memory() {
    let before = resident();
    let mut book = Book::new(Limits { rides: RIDES as usize, ..Limits::default() });
    for event in (0..RIDES).flat_map(ride) {
        let seen = event.seen;
        book.take(event);
        book.tick(seen);
    }
    assert_eq!((book.len(), book.counts().of(Mark::Recorded)), (RIDES as usize, u64::from(RIDES)));
    match (before, resident()) {
        (Some(before), Some(after)) => {
            let grown = after - before;
            println!("memory of {RIDES} rides: {grown:.0} MiB  budget {MEMORY} MiB, ratio {:.2}", MEMORY / grown);
        }
        _ => println!("memory is measured on Linux alone"),
    }
    // Twice as many: what is dropped makes room.
    for event in (RIDES..2 * RIDES).flat_map(ride) {
        book.take(event);
    }
    assert_eq!((book.len(), book.counts().of(Mark::Recorded)), (RIDES as usize, 2 * u64::from(RIDES)));
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("memory after {} rides: {:.0} MiB", 2 * RIDES, after - before);
    }
}

fn replay() {
    let events: Vec<Event> = (0..20_000).flat_map(ride).collect();
    let lines: Vec<String> = events.iter().map(line::write).collect();
    let count = events.len();
    #[expect(clippy::cast_precision_loss, reason = "a count of events")]
    let rate = |began: Instant| count as f64 / began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut book = Book::default();
    for (number, text) in (1..).zip(&lines) {
        let event = line::read(text, number).expect("a line that was written").expect("an event");
        let seen = event.seen;
        book.take(event);
        book.tick(seen);
    }
    let whole = rate(began);
    assert_eq!(book.counts().events, count as u64, "an event was dropped");
    assert_eq!(book.counts().of(Mark::Recorded), 20_000);
    println!("replay, lines and book: {whole:.0} events/s  budget {BUDGET:.0}, ratio {:.1}", whole / BUDGET);
    let began = Instant::now();
    let mut book = Book::default();
    events.into_iter().for_each(|event| book.take(event));
    let alone = rate(began);
    println!("book alone: {alone:.0} events/s  budget 300000, ratio {:.1}", alone / 300_000.0);
}

/// Frames at 200x60 while 50,000 events a second come: of each 16 ms, the events are taken in, then one frame is drawn.
fn frames() {
    const BATCH: usize = 800;
    let mut screen = Preview::new(built_in().expect("the built-in module"), "2.5c", 200, 60).expect("a screen");
    screen.run("monitor");
    let events: Vec<Event> = (0..RIDES / 4).flat_map(ride).collect();
    let mut took = Vec::new();
    for batch in events.chunks(BATCH) {
        let now = batch.last().map(|event| event.seen).unwrap_or_default();
        screen.tell(batch.to_vec(), now);
        let began = Instant::now();
        screen.draw();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    let share = |part: usize| took[(took.len() - 1) * part / 100];
    println!(
        "frame at 200x60 with {} rides: p50 {:.2} ms, p95 {:.2} ms, slowest {:.2} ms  budget {FRAME} ms, ratio {:.1}",
        RIDES / 4,
        share(50),
        share(95),
        share(100),
        FRAME / share(95)
    );
}
