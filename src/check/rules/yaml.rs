//! Rules that read `serverless.yml`.

mod find;
mod function_handler;
mod function_variable;
mod http_event;
mod parameter_name;
mod permission_too_wide;
mod publish_permission;
mod say;
mod sns_event;
mod topic_fixed_name;
mod topic_parameter;
mod topic_resource;
mod value;
mod variable_removed;

use crate::check::rule::Rule;

/// In the order of their codes.
pub(in crate::check) static YAML: &[&Rule] = &[
    &topic_resource::RULE,
    &topic_fixed_name::RULE,
    &publish_permission::RULE,
    &permission_too_wide::RULE,
    &topic_parameter::RULE,
    &function_variable::RULE,
    &variable_removed::RULE,
    &function_handler::RULE,
    &http_event::RULE,
    &sns_event::RULE,
];

#[cfg(test)]
mod tests;
