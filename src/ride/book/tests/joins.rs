//! Rides joined from all sources, what became of them, and what is double.

use super::super::super::{Fate, Hop, Leg, Mark, Path, Role};
use super::*;

fn millis(book: &Book, way: &Way, from: Hop, to: Hop) -> Option<i64> {
    book.get(&way.id()).unwrap().hops(book.clocks()).between(from, to).map(|micros| micros / 1000)
}

#[test]
fn a_ride_through_the_topic_is_one_row() {
    let way = Way::new(7);
    let book = book_of(way.event_driven(100));
    assert_eq!((book.len(), book.counts().rides), (1, 1));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!((ride.path(), ride.fate()), (Path::EventDriven, Fate::Recorded));
    assert_eq!(ride.unicorn().map(|unicorn| unicorn.name.as_str()), Some("Rocinante"));
    assert_eq!((ride.deliveries(), ride.records(), ride.retries()), (1, 1, 0));
    assert_eq!(ride.seen_by().collect::<Vec<_>>(), [Feed::Requests, Feed::Topic, Feed::Logs, Feed::Table]);
    let took = |from, to| millis(&book, &way, from, to);
    assert_eq!(took(Hop::Requested, Hop::Answered), Some(40));
    assert_eq!(took(Hop::Requested, Hop::Published), Some(25));
    assert_eq!(took(Hop::Published, Hop::Delivered), Some(35));
    assert_eq!(took(Hop::Delivered, Hop::Recorded), Some(10));
    let marks: Vec<_> = ride.marks().iter().collect();
    assert_eq!(
        marks,
        [Mark::Requested, Mark::Answered, Mark::Published, Mark::Delivered, Mark::Recorded, Mark::EventDriven]
    );
    assert_eq!(book.finished(0).1.count(), 1);
    assert_eq!(
        book.events_of(&way.id()).len(),
        way.event_driven(100).len() - 1,
        "all but the request, which names no ride"
    );
}

#[test]
fn a_ride_by_http_is_told_from_it() {
    let way = Way::new(8);
    let book = book_of(way.synchronous(100));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!((ride.path(), ride.fate()), (Path::Synchronous, Fate::Recorded));
    assert_eq!(millis(&book, &way, Hop::Requested, Hop::Delivered), Some(50));
    assert_eq!(book.counts().of(Mark::Synchronous), 1);
    let cost = book.stats().cost;
    assert!(!cost.without_logs && cost.sns == 0.0 && cost.api_gateway > 6e-6, "{cost:?}");
}

#[test]
fn rides_that_others_request_are_known_from_logs_alone() {
    let way = Way::new(9);
    let book = book_of(way.request_ride(5, 30).into_iter().chain(way.put_sns(60, 2, 1, 25)));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!(ride.fate(), Fate::Travelling);
    assert!(ride.has(Mark::OneFeed) && ride.has(Mark::Published));
    assert_eq!(millis(&book, &way, Hop::Requested, Hop::Answered), Some(31));
    assert_eq!(millis(&book, &way, Hop::Published, Hop::Delivered), Some(35));
}

#[test]
fn a_ride_without_a_record_is_lost_after_the_deadline_and_late_if_it_comes_after_all() {
    let way = Way::new(10);
    let mut book = book_of([way.requested(0), way.answered(40, 40), way.message(25, 1)]);
    book.tick(Time(START + 29 * SECOND));
    assert_eq!(book.get(&way.id()).unwrap().fate(), Fate::Travelling);
    book.tick(Time(START + 31 * SECOND));
    assert_eq!(book.get(&way.id()).unwrap().fate(), Fate::Lost);
    assert_eq!((book.counts().of(Mark::Lost), book.counts().travelling()), (1, 0));
    book.tick(Time(START + 40 * SECOND));
    let (next, told) = book.finished(0);
    assert_eq!(told.map(Ride::fate).collect::<Vec<_>>(), [Fate::Lost]);
    book.take(way.item(61_000, Change::Inserted));
    book.tick(Time(START + 70 * SECOND));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!((ride.fate(), ride.has(Mark::Late)), (Fate::Recorded, true));
    assert_eq!((book.counts().of(Mark::Lost), book.counts().of(Mark::Late)), (0, 1));
    assert_eq!(book.finished(next).1.map(Ride::fate).collect::<Vec<_>>(), [Fate::Recorded]);
}

#[test]
fn nothing_is_called_lost_while_the_table_cannot_be_read() {
    let way = Way::new(11);
    let denied = State::Denied { permission: "dynamodb:GetItem".to_owned(), reason: "no".to_owned() };
    let mut book = book_of([health(Feed::Table, denied), way.answered(40, 40)]);
    book.tick(Time(START + 100 * SECOND));
    assert_eq!(book.get(&way.id()).unwrap().fate(), Fate::Travelling);
    book.take(health(Feed::Table, State::Live));
    book.tick(Time(START + 120 * SECOND));
    assert_eq!(book.get(&way.id()).unwrap().fate(), Fate::Travelling, "its record may just be being read");
    book.tick(Time(START + 140 * SECOND));
    assert_eq!(book.get(&way.id()).unwrap().fate(), Fate::Lost);
}

#[test]
fn a_request_that_fails_in_the_function_is_a_failed_ride_with_its_error() {
    let way = Way::new(12);
    let mut events = vec![way.requested(0), way.refused(40, "answered 502: Internal server error")];
    events.extend(way.request_ride(5, 30));
    events.push(way.log(
        20,
        "RequestRide",
        "[ERROR] KeyError: 'RIDES_SNS_TOPIC_ARN'\rTraceback (most recent call last):".to_owned(),
    ));
    // The line bears no id: its place in the stream tells whose it is.
    events.swap(6, 7);
    events.swap(5, 6);
    let mut book = book_of(events);
    book.tick(Time(START + 10 * SECOND));
    let ride = book.get(&way.id()).unwrap();
    assert_eq!((ride.fate(), ride.error()), (Fate::Failed, Some("KeyError: 'RIDES_SNS_TOPIC_ARN'")));
    assert!(!ride.has(Mark::Answered));
    let counts = book.counts();
    assert_eq!((counts.requests, counts.failed_requests, counts.of(Mark::Failed)), (1, 1, 1));
    let errors: Vec<_> = book.stats().errors.iter().map(|(class, count)| (class.to_string(), *count)).collect();
    assert_eq!(
        errors,
        [("KeyError: 'RIDES_SNS_TOPIC_ARN'".to_owned(), 1), ("answered 502: Internal server error".to_owned(), 1)]
    );
}

#[test]
fn a_retry_is_the_same_request_id_started_again() {
    let way = Way::new(13);
    let mut events = vec![way.message(25, 1)];
    events.extend(way.put_sns(60, 2, 1, 25).into_iter().take(2));
    events.push(way.log(65, "PutRideRecordSns", format!("[ERROR]\t2026-11-28T06:55:55.979Z\t{}\tno", way.request(2))));
    events.push(way.log(66, "PutRideRecordSns", "[ERROR] ClientError: denied".to_owned()));
    events.extend(way.ends(67, "PutRideRecordSns", 2));
    // A minute later.
    events.extend(way.put_sns(60_100, 2, 1, 25));
    events.push(way.item(60_110, Change::Inserted));
    let book = book_of(events);
    let ride = book.get(&way.id()).unwrap();
    assert_eq!((ride.retries(), ride.deliveries(), ride.fate()), (1, 1, Fate::Recorded));
    assert!(ride.has(Mark::Retried) && ride.has(Mark::Late) && !ride.has(Mark::DeliveredTwice));
    assert_eq!(millis(&book, &way, Hop::Published, Hop::Recorded), Some(60_110 - 25));
    assert_eq!(book.stats().errors.len(), 1, "what a handler logs is no failure");
}

#[test]
fn doubles_are_told_from_things_read_twice() {
    let way = Way::new(14);
    let events = way.event_driven(100);
    let once = book_of(events.iter().chain(&events).cloned());
    let ride = once.get(&way.id()).unwrap();
    assert_eq!((ride.deliveries(), ride.records(), ride.retries()), (1, 1, 0));
    assert_eq!(once.counts().requests, 1);
    let mut published_twice = book_of(events.clone());
    published_twice.take(way.message(200, 2));
    assert!(published_twice.get(&way.id()).unwrap().has(Mark::DeliveredTwice));
    let mut delivered_twice = book_of(events.clone());
    way.put_sns(300, 3, 1, 125).into_iter().for_each(|event| delivered_twice.take(event));
    assert_eq!(delivered_twice.get(&way.id()).unwrap().deliveries(), 2);
    let mut recorded_twice = book_of(events);
    recorded_twice.take(way.item(400, Change::Modified));
    let ride = recorded_twice.get(&way.id()).unwrap();
    assert_eq!((ride.records(), ride.has(Mark::RecordedTwice), ride.has(Mark::DeliveredTwice)), (2, true, false));
}

#[test]
fn two_functions_that_listen_get_a_ride_once_each() {
    let way = Way::new(15);
    let mut book = book_of(way.event_driven(100));
    let other = way.put_sns(200, 9, 1, 125).into_iter().map(|mut event| {
        if let Happening::Log { group, .. } = &mut event.happening {
            *group = "/aws/lambda/mailer-dev-SendReceipt".to_owned();
        }
        event
    });
    other.for_each(|event| book.take(event));
    assert_eq!(book.get(&way.id()).unwrap().deliveries(), 1);
}

#[test]
fn a_batch_is_of_each_of_its_rides() {
    let (one, other) = (Way::new(16), Way::new(17));
    let record = |way: &Way| {
        format!(
            "{{\"Sns\": {{\"MessageId\": \"{}\", \"Message\": \"{{\\\"RideId\\\": \\\"{}\\\"}}\", \"Timestamp\": \"2026-11-28T06:55:55.020Z\"}}}}",
            way.message_id(1),
            way.ride
        )
    };
    let words = format!("Event received: {{\"Records\": [{}, {}]}}", record(&one), record(&other));
    let mut events = vec![one.start(60, "PutRideRecordSns", 2), one.says(61, "PutRideRecordSns", 2, &words)];
    events.extend(one.ends(70, "PutRideRecordSns", 2));
    let book = book_of(events);
    for way in [one, other] {
        let ride = book.get(&way.id()).unwrap();
        assert_eq!((ride.deliveries(), ride.path()), (1, Path::EventDriven));
        assert_eq!(millis(&book, &way, Hop::Published, Hop::Delivered), Some(40));
    }
    assert_eq!(book.stats().cost.lambda, book_of(Way::new(16).ends(70, "PutRideRecordSns", 2)).stats().cost.lambda);
}

#[test]
fn roles_follow_what_is_deployed() {
    let way = Way::new(18);
    let mut events = vec![way.start(60, "Writer", 2), way.says(61, "Writer", 2, &format!("RideId={}", way.ride))];
    events.extend(way.ends(70, "Writer", 2));
    let mut book = book_of(events);
    assert_eq!(book.get(&way.id()).unwrap().path(), Path::Unknown);
    let function = super::super::super::Function {
        name: "Writer".to_owned(),
        logical: "Writer".to_owned(),
        service: "wild-rydes-ride-record".to_owned(),
        role: Role::RecordsTopic,
        log_group: "/aws/lambda/wild-rydes-dev-Writer".to_owned(),
        memory: None,
    };
    let topology = Topology { functions: vec![function], ..Topology::default() };
    book.take(Event { seen: Time(START), at: None, happening: Happening::Topology(topology) });
    assert_eq!(book.get(&way.id()).unwrap().path(), Path::EventDriven);
    assert_eq!(book.topology().functions.len(), 1);
}

#[test]
fn what_a_handler_prints_is_of_the_invocation_that_runs() {
    let way = Way::new(19);
    let mut events = vec![
        way.start(60, "PutRideRecordSns", 2),
        way.log(61, "PutRideRecordSns", format!("writing {{'RideId': '{}'}}", way.ride)),
    ];
    events.extend(way.ends(70, "PutRideRecordSns", 2));
    let book = book_of(events);
    assert!(book.get(&way.id()).unwrap().has(Mark::Delivered));
}

#[test]
fn pulses_run_along_the_edges_once() {
    let way = Way::new(20);
    let events = way.event_driven(100);
    let book = book_of(events.iter().chain(&events).cloned());
    let edges: Vec<Edge> = book.pulses(0).map(|pulse| pulse.edge).collect();
    assert_eq!(edges, [Edge::Request, Edge::Answer, Edge::Publish, Edge::Deliver, Edge::Record]);
    assert_eq!(book.pulses(book.last_pulse()).count(), 0);
    assert_eq!(book.pulses(3).map(|pulse| pulse.sequence).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn latencies_are_of_rides_that_ended() {
    let book = book_of((1..=100).flat_map(|n| Way::new(n).event_driven(i64::from(n) * 10)));
    let stats = book.stats();
    let whole = stats.latencies.iter().find(|latency| latency.leg == Leg::Whole).unwrap();
    assert_eq!(whole.count, 100);
    assert!((69_900..70_100).contains(&whole.p50) && whole.p99 >= whole.p50, "{whole:?}");
    assert!(stats.cost.per_ride.is_some_and(|cost| cost > 4e-6 && cost < 1e-5), "{:?}", stats.cost);
}
