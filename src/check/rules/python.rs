//! Rules that read Python handlers.

mod constants;
mod delivery;
mod handler_http;
mod handler_publishes;
mod handler_sns;
mod imports_boto3;
mod old_constant_left;
mod old_handler_removed;
mod old_post_left;
mod pieces;
mod publish_function;
mod put_ride_record;
mod record_handler;
mod say;
mod sns_client;
mod subject;
mod topic_constant;

use crate::check::rule::Rule;

/// In the order of their codes.
pub(in crate::check) static PYTHON: &[&Rule] = &[
    &imports_boto3::RULE,
    &topic_constant::RULE,
    &sns_client::RULE,
    &old_constant_left::RULE,
    &publish_function::RULE,
    &handler_publishes::RULE,
    &old_post_left::RULE,
    &handler_http::RULE,
    &handler_sns::RULE,
    &put_ride_record::RULE,
    &old_handler_removed::RULE,
];
