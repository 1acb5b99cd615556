//! Rules that look at what is deployed, and at what one ride through it did.

mod denied;
mod deployed;
mod ride_answered;
mod ride_published;
mod ride_recorded;
mod ride_through_topic;
mod say;

use crate::check::rule::Rule;

pub(in crate::check) use say::needs_target;

/// In the order of their codes.
pub(in crate::check) static RUNNING: &[&Rule] = &[
    &deployed::RULE,
    &ride_answered::RULE,
    &ride_recorded::RULE,
    &ride_published::RULE,
    &ride_through_topic::RULE,
    &denied::RULE,
];

#[cfg(test)]
mod tests;
