//! The calls of the logs' feed, and a clock that goes as the cloud's does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_cloudwatchlogs::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_cloudwatchlogs::error::BoxError;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use chrono::{DateTime, Utc};

use super::super::super::fault::Fault;
use super::super::super::target::Connection;

/// A call that takes longer is given up and tried again.
const PATIENCE: Duration = Duration::from_secs(15);
const UNKNOWN: i64 = i64::MIN;

/// A client whose clock is the cloud's.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    pub(super) client: Client,
    /// Milliseconds by which the cloud's clock is ahead of ours, to a second.
    ahead: Arc<AtomicI64>,
}

impl Logs {
    pub(super) fn new(connection: &Connection) -> Self {
        let config = connection.config();
        let ahead = Arc::new(AtomicI64::new(UNKNOWN));
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let settings = aws_sdk_cloudwatchlogs::config::Builder::from(config)
            .timeout_config(timeouts)
            .interceptor(Dates(Arc::clone(&ahead)));
        let settings = match config.endpoint_url() {
            Some(endpoint) => settings.interceptor(PlainHost(endpoint.to_owned())),
            None => settings,
        };
        Self { client: Client::from_conf(settings.build()), ahead }
    }

    /// The time of the cloud's clock when it is `millis` by ours.
    pub(super) fn theirs(&self, millis: i64) -> i64 {
        match self.ahead.load(Ordering::Relaxed) {
            UNKNOWN => millis,
            ahead => millis + ahead,
        }
    }

    /// The ARN of a group; none if there is no such group.
    pub(super) async fn group(&self, name: &str) -> Result<Option<String>, Fault> {
        let mut pages = self.client.describe_log_groups().log_group_name_prefix(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Fault::of("logs:DescribeLogGroups", &error))?;
            if let Some(group) = page.log_groups().iter().find(|group| group.log_group_name() == Some(name)) {
                let arn = group.log_group_arn().or_else(|| group.arn()).unwrap_or_default();
                return Ok(Some(arn.trim_end_matches(":*").to_owned()));
            }
        }
        Ok(None)
    }

    /// A page of what happened in a group since `start` (milliseconds).
    pub(super) async fn page(
        &self,
        group: &str,
        start: i64,
        token: Option<String>,
    ) -> Result<FilterLogEventsOutput, Fault> {
        let asked = self
            .client
            .filter_log_events()
            .log_group_name(group)
            .start_time(start.max(0))
            .set_next_token(token)
            .send()
            .await;
        asked.map_err(|error| Fault::of("logs:FilterLogEvents", &error))
    }
}

/// Learns the cloud's clock from its answers.
#[derive(Debug)]
struct Dates(Arc<AtomicI64>);

impl Intercept for Dates {
    fn name(&self) -> &'static str {
        "dates"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(date) = date {
            self.0.store(date.timestamp_millis() - Utc::now().timestamp_millis(), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Takes the prefix from the host of an address that was named: `streaming-logs` of a loopback address resolves nowhere.
#[derive(Debug)]
struct PlainHost(String);

impl Intercept for PlainHost {
    fn name(&self) -> &'static str {
        "plain host"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let path = uri.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest.get(at..)));
        let plain = format!("{}{}", self.0.trim_end_matches('/'), path.flatten().unwrap_or("/"));
        if !uri.starts_with(self.0.trim_end_matches('/')) {
            context.request_mut().set_uri(plain)?;
        }
        Ok(())
    }
}
