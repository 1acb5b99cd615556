//! What monitors create in an account, and what of it was left behind by those that were killed.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use serde::Serialize;

use super::fault::Fault;
use super::scope::QUEUE_PREFIX;
use super::target::{Connection, TargetError};

/// A monitor that runs renews its lease well before this; without that its queue may be removed.
pub(super) const LEASE: Duration = Duration::from_secs(600);

const OWNER: &str = "rydes:owner";
const HOST: &str = "rydes:host";
const PID: &str = "rydes:pid";
const TOPIC: &str = "rydes:topic";
const EXPIRES: &str = "rydes:lease";

/// Who made a queue, and until when it is in use: kept in the queue's tags.
pub(super) struct Lease(HashMap<String, String>);

impl Lease {
    /// Of a queue that this process makes for `topic`.
    pub(super) fn of_this_process(topic: &str) -> Self {
        let mut tags = Self::renewed();
        for (key, value) in
            [(OWNER, owner()), (HOST, host()), (PID, std::process::id().to_string()), (TOPIC, topic.to_owned())]
        {
            tags.insert(key.to_owned(), allowed(&value));
        }
        Self(tags)
    }

    /// The tags, as they are put on a queue.
    pub(super) fn tags(self) -> HashMap<String, String> {
        self.0
    }

    /// The tag that is put anew to lengthen a lease.
    pub(super) fn renewed() -> HashMap<String, String> {
        HashMap::from([(EXPIRES.to_owned(), (now() + LEASE.as_secs()).to_string())])
    }
}

/// A queue or subscriptions that a monitor made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leftover {
    /// Name of the queue: `rydes-monitor-…`.
    pub queue: String,
    /// Its address; none if only subscriptions are left.
    pub url: Option<String>,
    /// ARNs of subscriptions that deliver to it.
    pub subscriptions: Vec<String>,
    /// ARN of the topic that it is for.
    pub topic: Option<String>,
    /// Who made it.
    pub owner: Option<String>,
    /// On which machine.
    pub host: Option<String>,
    /// In which process there.
    pub pid: Option<u32>,
    /// Seconds since the epoch until when it is in use.
    pub lease: Option<u64>,
    /// Whether the monitor that made it still runs, as far as can be told.
    pub in_use: bool,
}

/// All that monitors made in the account and region of `connection`, those that run included.
///
/// # Errors
/// AWS could not be asked, or refuses.
pub async fn leftovers(connection: &Connection) -> Result<Vec<Leftover>, TargetError> {
    let sqs = aws_sdk_sqs::Client::new(connection.config());
    let mut found = Vec::new();
    let mut pages = sqs.list_queues().queue_name_prefix(QUEUE_PREFIX).max_results(1000).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| TargetError::call("ListQueues", "sqs:ListQueues", &error))?;
        for url in page.queue_urls() {
            let name = url.rsplit('/').next().unwrap_or_default().to_owned();
            match sqs.list_queue_tags().queue_url(url).send().await {
                Ok(answer) => found.push(leftover(name, url, answer.tags().unwrap_or(&HashMap::new()))),
                Err(error) => match Fault::of("sqs:ListQueueTags", &error) {
                    // Removed since it was listed.
                    Fault::Gone { .. } => {}
                    _ => {
                        return Err(TargetError::call(format!("ListQueueTags of {name}"), "sqs:ListQueueTags", &error));
                    }
                },
            }
        }
    }
    let sns = aws_sdk_sns::Client::new(connection.config());
    let mut pages = sns.list_subscriptions().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| TargetError::call("ListSubscriptions", "sns:ListSubscriptions", &error))?;
        for subscription in page.subscriptions() {
            let (Some(endpoint), Some(arn)) = (subscription.endpoint(), subscription.subscription_arn()) else {
                continue;
            };
            let name = endpoint.rsplit(':').next().unwrap_or_default();
            if subscription.protocol() != Some("sqs") || !name.starts_with(QUEUE_PREFIX) {
                continue;
            }
            if let Some(known) = found.iter_mut().find(|one| one.queue == name) {
                known.subscriptions.push(arn.to_owned());
                continue;
            }
            found.push(Leftover {
                queue: name.to_owned(),
                url: None,
                subscriptions: vec![arn.to_owned()],
                topic: subscription.topic_arn().map(str::to_owned),
                owner: None,
                host: None,
                pid: None,
                lease: None,
                in_use: false,
            });
        }
    }
    Ok(found)
}

/// Removes a queue and its subscriptions. What is gone already is no error.
///
/// # Errors
/// AWS could not be asked, or refuses.
pub async fn remove(connection: &Connection, leftover: &Leftover) -> Result<(), TargetError> {
    let sns = aws_sdk_sns::Client::new(connection.config());
    for arn in &leftover.subscriptions {
        let removed = sns.unsubscribe().subscription_arn(arn).send().await;
        unless_gone(removed, format!("Unsubscribe of {arn}"), "sns:Unsubscribe")?;
    }
    if let Some(url) = &leftover.url {
        let removed = aws_sdk_sqs::Client::new(connection.config()).delete_queue().queue_url(url).send().await;
        unless_gone(removed, format!("DeleteQueue of {}", leftover.queue), "sqs:DeleteQueue")?;
    }
    Ok(())
}

fn unless_gone<T, E, R>(
    outcome: Result<T, SdkError<E, R>>,
    operation: String,
    permission: &str,
) -> Result<(), TargetError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match outcome {
        Err(error) if !matches!(Fault::of(permission, &error), Fault::Gone { .. }) => {
            Err(TargetError::call(operation, permission, &error))
        }
        _ => Ok(()),
    }
}

fn leftover(queue: String, url: &str, tags: &HashMap<String, String>) -> Leftover {
    let tag = |key: &str| tags.get(key).cloned();
    let (host, pid) = (tag(HOST), tag(PID).and_then(|pid| pid.parse().ok()));
    let lease = tag(EXPIRES).and_then(|lease| lease.parse().ok());
    // Of processes on other machines only the lease tells.
    let is_dead = host.as_deref() == Some(&allowed(&self::host())) && pid.is_some_and(|pid| !is_running(pid));
    Leftover {
        queue,
        url: Some(url.to_owned()),
        subscriptions: Vec::new(),
        topic: tag(TOPIC),
        owner: tag(OWNER),
        host,
        pid,
        lease,
        in_use: !is_dead && lease.is_some_and(|lease| lease > now()),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn owner() -> String {
    let named = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    named("USER").or_else(|| named("USERNAME")).unwrap_or_else(|| "somebody".to_owned())
}

/// The name of this machine.
fn host() -> String {
    let told = || {
        let output = Command::new("uname").arg("-n").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = name.or_else(told).unwrap_or_default();
    if name.trim().is_empty() { "unknown".to_owned() } else { name.trim().to_owned() }
}

/// What AWS allows in the value of a tag.
fn allowed(value: &str) -> String {
    let kept = value.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() || " _.:/=+-@".contains(letter) => letter,
        _ => '_',
    });
    kept.take(256).collect()
}

#[cfg(unix)]
fn is_running(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // A process of another user is there as well.
    let is_there = !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH));
    is_there && !has_ended(pid.as_raw_pid())
}

/// Whether nothing is left of a process but its exit code, which nobody has asked for yet. Only Linux tells.
#[cfg(unix)]
fn has_ended(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // After the name of the program, which may hold anything.
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    matches!(state, Some('Z' | 'X'))
}

#[cfg(not(unix))]
fn is_running(_: u32) -> bool {
    // Only the lease tells.
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_in_use_while_its_process_runs_and_its_lease_lasts() {
        let tags = Lease::of_this_process("arn:aws:sns:us-east-2:123456789012:rides").tags();
        let read = |tags: &HashMap<String, String>| leftover("q".to_owned(), "http://q", tags);
        let one = read(&tags);
        assert!(one.in_use && one.pid == Some(std::process::id()), "{one:?}");
        assert_eq!(one.topic.as_deref(), Some("arn:aws:sns:us-east-2:123456789012:rides"));
        let with = |key: &str, value: &str| {
            let mut tags = tags.clone();
            tags.insert(key.to_owned(), value.to_owned());
            read(&tags).in_use
        };
        assert!(!with(EXPIRES, "1000"));
        // Process numbers end far below this one.
        assert!(!with(PID, "2147483646"));
        let mut elsewhere = tags.clone();
        elsewhere.insert(HOST.to_owned(), "another-machine".to_owned());
        elsewhere.insert(PID.to_owned(), "2147483646".to_owned());
        assert!(read(&elsewhere).in_use, "its process cannot be looked at from here");
        assert!(!read(&HashMap::new()).in_use);
    }

    #[test]
    fn values_of_tags_are_what_aws_allows() {
        assert_eq!(allowed("jürgen's laptop*"), "j_rgen_s laptop_");
        assert_eq!(allowed(&"x".repeat(1000)).len(), 256);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_killed_process_that_nobody_has_waited_for_does_not_run() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        assert!(is_running(child.id()));
        child.kill().unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while is_running(child.id()) {
            assert!(std::time::Instant::now() < deadline, "it still seems to run");
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
}
