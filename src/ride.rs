//! Rides as they travel: what every source tells, joined by `RideId` to one row a ride.
//!
//! Events go in ([`Book::take`]), rows, counts and statistics come out; where events come from (a cloud, a recording) and where rows go (a screen, lines of
//! JSON) is left to others.

mod book;
mod clock;
mod cost;
mod event;
mod fact;
mod group;
mod health;
mod lens;
pub mod line;
mod mark;
mod row;
mod said;
mod seen;
mod stats;
mod text;
mod topology;

pub use book::{Book, Edge, Limits, Pulse};
pub use clock::{Clocks, Source};
pub use cost::{Cost, Prices};
pub use event::{Change, Event, Happening, Lookup, RideId, Time};
pub use health::{Feed, Health, State};
pub use lens::{Lens, lens};
pub use mark::{Counts, Mark, Marks};
pub use row::{Hop, Hops, Path};
pub use seen::{Fate, Ride, Unicorn};
pub use stats::{Latency, Leg, Stats};
pub use text::rides_named;
pub use topology::{Function, Missing, Role, Subscription, Table, Topic, Topology};
