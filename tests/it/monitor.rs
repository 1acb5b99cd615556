//! The feeds of the monitor on two clouds: the sandbox, and an implementation of AWS that is not ours.

mod clouds;
mod faults;
mod killed;
mod topic;

pub(crate) use clouds::{Cloud, Seen};
