//! Rides as they travel: what every source tells, joined by `RideId` to one row a ride.
//!
//! Events go in, rows, counts and statistics come out; where events come from (a cloud, a recording) and where rows go (a screen, lines of JSON)
//! is left to others.

mod event;
mod health;
mod topology;

pub use event::{Change, Event, Happening, Lookup, RideId, Time};
pub use health::{Feed, Health, State};
pub use topology::{Function, Missing, Role, Subscription, Table, Topic, Topology};
