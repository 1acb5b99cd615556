//! The rules: one file each, in families by what they read. A file's `//!` comment is the manual page that `rydes explain` prints.

mod general;
mod python;
mod yaml;

pub(super) use general::GENERAL;
pub(super) use python::PYTHON;
pub(super) use yaml::YAML;
