//! Rules that read `serverless.yml`.

use crate::check::rule::Rule;

/// In the order of their codes.
pub(in crate::check) static YAML: &[&Rule] = &[];
