//! The rules: one file each, in families by what they read. A file's `//!` comment is the manual page that `rydes explain` prints.

mod general;
mod python;
mod running;
mod yaml;

pub(super) use general::GENERAL;
pub(super) use python::PYTHON;
pub(super) use running::{RUNNING, needs_target};
pub(super) use yaml::YAML;
