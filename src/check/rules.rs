//! The rules: one file each, in two families by what they read. A file's `//!` comment is the manual page that `rydes explain` prints.

mod python;
mod yaml;

pub(super) use python::PYTHON;
pub(super) use yaml::YAML;
