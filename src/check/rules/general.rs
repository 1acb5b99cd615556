//! Findings that no task asks for and that may stand in the way of any: manual pages only.

mod file_readable;
mod needs_target;
mod python_syntax;
mod yaml_syntax;

use crate::check::rule::Rule;

/// In the order of their codes.
pub(in crate::check) static GENERAL: &[&Rule] =
    &[&file_readable::RULE, &yaml_syntax::RULE, &python_syntax::RULE, &needs_target::RULE];
