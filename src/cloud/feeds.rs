//! The feeds of the monitor: what the topic, the logs and the table tell, each in a task of its own that outlives its troubles.
//!
//! A feed sends events and its own health over one bounded channel: it waits rather than drops. No feed knows another; what all of them follow
//! is the [`Topology`], which `scope` looks up again and again.

mod hints;
mod logs;
mod pace;
mod table;
mod tell;
mod topic;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinHandle;

use self::tell::Tell;
use super::scope::Scope;
use super::target::Connection;
use crate::ride::{Event, Feed, RideId, State, Time, Topology};
use crate::sandbox::Activity;

/// Rides that wait to be looked up in the table. When there are more, the scan finds them.
const WAITING: usize = 8192;
/// After this long a feed that broke starts again.
const PAUSE: Duration = Duration::from_secs(5);
/// Nobody waits longer for the feeds to tidy up.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the monitor listens to, and what it may do.
#[derive(Debug, Default)]
pub struct MonitorOptions {
    /// Stage of the stacks: `dev`.
    pub stage: String,
    /// Whether it may create a queue and a subscription for the time that it runs: without them the topic cannot be listened to.
    pub creates: bool,
    /// What happens in the sandbox, from [`super::Reach::feed`]: tells when to ask. On AWS there is no such thing.
    pub hints: Option<mpsc::UnboundedReceiver<Activity>>,
}

/// The feeds, running. Dropped, they end and tidy up as long as the runtime lives; [`Monitor::stop`] waits for that.
#[derive(Debug)]
pub struct Monitor {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    rides: mpsc::Sender<RideId>,
}

/// What every feed is given.
#[derive(Clone)]
struct Context {
    connection: Connection,
    topology: watch::Receiver<Arc<Topology>>,
    tell: Tell,
    stop: Stop,
}

/// Tells a feed to end.
#[derive(Clone)]
struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Returns when the end is asked for.
    async fn asked(&mut self) {
        // Whoever could ask is gone: that is the end as well.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Waits, unless the end is asked for: says whether to go on.
    async fn sleep(&mut self, pause: Duration) -> bool {
        tokio::select! {
            () = self.asked() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}

impl Monitor {
    /// Starts all feeds; what they see comes over `events`. Must be called on a runtime.
    pub fn start(connection: &Connection, options: MonitorOptions, events: &mpsc::Sender<Event>) -> Self {
        let scope = Scope::new(&connection.without_retries(), &options.stage);
        let (topology, followed) = watch::channel(Arc::new(Topology::default()));
        let (mut monitor, context, changed) = Self::listen(connection, options, &followed, events);
        let (scope, topology) = (Arc::new(scope), Arc::new(topology));
        monitor.tasks.push(supervise(context, move |context| {
            let (scope, topology, changed) = (Arc::clone(&scope), Arc::clone(&topology), Arc::clone(&changed));
            async move { follow(&scope, &topology, &changed, context).await }
        }));
        monitor
    }

    /// Starts the feeds of what somebody else knows to be deployed, which is told over `topology`; nothing is looked up.
    pub fn of(
        connection: &Connection,
        options: MonitorOptions,
        topology: &watch::Receiver<Arc<Topology>>,
        events: &mpsc::Sender<Event>,
    ) -> Self {
        Self::listen(connection, options, topology, events).0
    }

    /// Starts the feeds; gives what the lookup of the topology needs as well: a context, and what tells that something changed.
    fn listen(
        connection: &Connection,
        options: MonitorOptions,
        topology: &watch::Receiver<Arc<Topology>>,
        events: &mpsc::Sender<Event>,
    ) -> (Self, Context, Arc<Notify>) {
        let connection = connection.without_retries();
        let (stop, asked) = watch::channel(false);
        let asked = Stop(asked);
        let (rides, looked_up) = mpsc::channel(WAITING);
        let (hints, changed, written) = hints::split(options.hints, topology.clone(), asked.clone());
        let context = |feed| Context {
            connection: connection.clone(),
            topology: topology.clone(),
            tell: Tell::new(feed, events.clone(), rides.clone()),
            stop: asked.clone(),
        };
        let mut tasks: Vec<JoinHandle<()>> = hints.into_iter().collect();
        tasks.push(supervise(context(Feed::Topic), move |context| topic::run(context, options.creates)));
        let inputs = Arc::new(Mutex::new((looked_up, written)));
        tasks.push(supervise(context(Feed::Table), move |context| table::run(context, Arc::clone(&inputs))));
        tasks.push(supervise(context(Feed::Logs), logs::run));
        let context = context(Feed::Discovery);
        (Self { stop, tasks, rides }, context, changed)
    }

    /// Looks a ride up in the table: one that was heard of elsewhere, as in the answer to a request.
    pub fn look_for(&self, ride: &RideId) {
        let _ = self.rides.try_send(ride.clone());
    }

    /// Ends all feeds and waits until what they created is removed.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let all = async {
            for task in &mut self.tasks {
                let _ = task.await;
            }
        };
        // What could not be removed in time is found by `rydes clean`.
        let _ = tokio::time::timeout(PATIENCE, all).await;
    }
}

/// Keeps a feed running: one that breaks is told, and started again.
fn supervise<F, R>(mut context: Context, feed: F) -> JoinHandle<()>
where
    F: Fn(Context) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            match tokio::spawn(feed(context.clone())).await {
                Err(error) if error.is_panic() => {
                    let until = Time(tell::now().0 + i64::try_from(PAUSE.as_micros()).unwrap_or_default());
                    let reason = "this feed of rydes broke, which is a bug; it starts again".to_owned();
                    context.tell.state(State::Failing { reason, until }).await;
                    if !context.stop.sleep(PAUSE).await {
                        return;
                    }
                }
                _ => return,
            }
        }
    })
}

/// Looks up what is deployed again and again: sooner when something tells that it changed.
async fn follow(scope: &Scope, topology: &watch::Sender<Arc<Topology>>, changed: &Notify, mut context: Context) {
    let mut backoff = pace::Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
    loop {
        let looked = tokio::select! {
            looked = scope.look() => looked,
            () = context.stop.asked() => return,
        };
        let (found, fault) = looked;
        if **topology.borrow() != found {
            let _ = topology.send_replace(Arc::new(found.clone()));
            context.tell.topology(found).await;
        }
        let pause = match fault {
            None => {
                backoff.reset();
                context.tell.live().await;
                scope.interval()
            }
            Some(fault) => {
                let pause = backoff.next().max(scope.interval());
                context.tell.fault(fault, pause).await;
                pause
            }
        };
        tokio::select! {
            () = context.stop.asked() => return,
            () = changed.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
