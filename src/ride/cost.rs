//! What rides cost on AWS, by list prices with their date.

use serde::Deserialize;

use super::said::Report;
use super::topology::Role;

const PRICES: &str = include_str!("../../assets/prices.toml");

/// List prices in US dollars, without the free tier.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Prices {
    /// When they were read: `2026-11-28`.
    pub date: String,
    /// Where they hold.
    pub region: String,
    /// A million requests to a REST API.
    pub rest_api: f64,
    /// A million requests to an HTTP API.
    pub http_api: f64,
    /// A million messages published to a topic; deliveries to Lambda are free.
    pub sns_publish: f64,
    /// A million invocations.
    pub lambda_request: f64,
    /// A GiB of memory for a second.
    pub lambda_gb_second: f64,
    /// A million writes of up to 1 KB to a table that is billed by request.
    pub dynamodb_write: f64,
}

impl Prices {
    /// Those that are built in.
    pub fn built_in() -> Self {
        // A test reads them: they cannot be broken in a build that passed.
        toml::from_str(PRICES).unwrap_or_default()
    }
}

/// What was used, as far as the feeds tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Units {
    /// Invocations that API Gateway made.
    http_invocations: u64,
    /// Of these, how many of the function that answers.
    requested: u64,
    /// Own requests that were answered.
    pub(super) answers: u64,
    invocations: u64,
    /// MiB times milliseconds.
    memory_millis: u64,
    pub(super) publishes: u64,
    pub(super) writes: u64,
}

impl Units {
    /// An invocation ended.
    pub(super) fn invoked(&mut self, role: Role, report: Report) {
        self.invocations += 1;
        let used = u64::from(report.billed).saturating_mul(u64::from(report.memory));
        self.memory_millis = self.memory_millis.saturating_add(used);
        self.requested += u64::from(role == Role::Requests);
        self.http_invocations += u64::from(matches!(role, Role::Requests | Role::Fleet | Role::RecordsHttp));
    }
}

/// What a run cost, by service, in US dollars.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// Requests to API Gateway: the user's, and those between services.
    pub api_gateway: f64,
    /// Invocations and their time, by `REPORT` lines, all functions.
    pub lambda: f64,
    /// Messages published.
    pub sns: f64,
    /// Records written.
    pub dynamodb: f64,
    /// A ride on average; none without rides.
    pub per_ride: Option<f64>,
    /// Whether no `REPORT` line was seen: the time of functions, and requests between services, are missing then.
    pub without_logs: bool,
    /// The prices.
    pub prices: Prices,
}

impl Cost {
    pub(super) fn of(units: &Units, rides: u64) -> Self {
        let prices = Prices::built_in();
        #[expect(clippy::cast_precision_loss, reason = "money is rounded when it is shown")]
        let count = |count: u64| count as f64;
        // Requests whose log lines were not read are known by their answers.
        let requests = units.http_invocations + units.answers.saturating_sub(units.requested);
        let mut cost = Self {
            api_gateway: count(requests) * prices.rest_api / 1e6,
            lambda: count(units.invocations) * prices.lambda_request / 1e6
                + count(units.memory_millis) / 1024.0 / 1000.0 * prices.lambda_gb_second,
            sns: count(units.publishes) * prices.sns_publish / 1e6,
            dynamodb: count(units.writes) * prices.dynamodb_write / 1e6,
            per_ride: None,
            without_logs: units.invocations == 0,
            prices,
        };
        cost.per_ride = (rides > 0).then(|| cost.total() / count(rides));
        cost
    }

    /// All services together.
    pub fn total(&self) -> f64 {
        self.api_gateway + self.lambda + self.sns + self.dynamodb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_prices_are_whole() {
        let prices: Prices = toml::from_str(PRICES).unwrap();
        assert_eq!(prices.rest_api, 3.5);
        assert!(prices.lambda_gb_second > 0.0 && prices.date.len() == 10 && !prices.region.is_empty());
    }

    #[test]
    fn a_synchronous_ride_costs_three_requests_and_an_event_driven_one_two_and_a_message() {
        let report = Report { billed: 100, memory: 1024, failed: false };
        let mut units = Units { answers: 1, writes: 1, ..Units::default() };
        [Role::Requests, Role::Fleet, Role::RecordsHttp].into_iter().for_each(|role| units.invoked(role, report));
        let cost = Cost::of(&units, 1);
        assert!((cost.api_gateway - 3.0 * 3.5e-6).abs() < 1e-12, "{cost:?}");
        assert!((cost.lambda - (3.0 * 0.2e-6 + 0.3 * cost.prices.lambda_gb_second)).abs() < 1e-12, "{cost:?}");
        let mut units = Units { publishes: 1, ..units };
        units.invoked(Role::RecordsTopic, report);
        let both = Cost::of(&units, 2);
        assert_eq!(both.api_gateway, cost.api_gateway);
        assert!((both.sns - 0.5e-6).abs() < 1e-12);
        assert_eq!(both.per_ride, Some(both.total() / 2.0));
    }

    #[test]
    fn without_logs_the_answers_are_what_is_known() {
        let cost = Cost::of(&Units { answers: 2, ..Units::default() }, 2);
        assert!(cost.without_logs);
        assert!((cost.api_gateway - 2.0 * 3.5e-6).abs() < 1e-12);
        assert_eq!(Cost::of(&Units::default(), 0).per_ride, None);
    }
}
