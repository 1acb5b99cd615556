//! The instances of one function: one request each, reused, made anew when code or settings change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::code::Code;
use super::events::EventConfig;
use super::function::{self, Function};
use super::instance::{Instance, Making, Outcome};
use super::output::LogSink;
use super::queue::{Waiting, not_found};
use super::report::report;
use super::runtime::Runtime;
use crate::sandbox::account::Account;
use crate::sandbox::activity::Happening;
use crate::sandbox::invoke::Invocation;
use crate::sandbox::region::Regional;
use crate::sandbox::service::{Fault, Service};
use crate::sandbox::sqs::Sqs;

/// How many instances may be found dead before a request is given up.
const MOST_LOST: u32 = 3;
/// How long a request waits for an instance that works before another is made, if requests are this short.
const SHORT: Duration = Duration::from_millis(25);
/// Idle instances end after this, in sandbox time, but not before the second on the wall.
const IDLE: Duration = Duration::from_secs(5 * 60);
const IDLE_AT_LEAST: Duration = Duration::from_secs(10);

/// What all functions of a sandbox share.
pub(super) struct Shared {
    pub(super) account: Arc<Account>,
    pub(super) sink: Arc<dyn LogSink>,
    pub(super) runtime: Runtime,
    pub(super) fenced: bool,
    pub(super) functions: Regional<RwLock<BTreeMap<String, Arc<Pool>>>>,
    /// Where what failed is sent.
    pub(super) queues: OnceLock<Arc<Sqs>>,
    /// The topics know Lambda: held as well, neither would ever be dropped.
    pub(super) topics: OnceLock<Weak<dyn Service>>,
}

impl Shared {
    /// The function with this name, partial ARN or ARN.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(super) fn pool(&self, region: &str, wanted: &str) -> Result<Arc<Pool>, Fault> {
        let functions = self.functions.get(region);
        let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
        let pool = function::name(region, wanted).and_then(|name| functions.get(name));
        pool.cloned().ok_or_else(|| not_found(region, wanted))
    }

    /// All functions of a region, by name.
    pub(super) fn pools(&self, region: &str) -> Vec<Arc<Pool>> {
        let functions = self.functions.get(region);
        functions.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The regions that may have functions.
    pub(super) fn regions(&self) -> Vec<String> {
        self.functions.all().into_iter().map(|(region, _)| region).collect()
    }
}

/// The instances of one function.
pub(super) struct Pool {
    shared: Arc<Shared>,
    region: String,
    permits: Arc<Semaphore>,
    returned: Notify,
    /// What waits for it.
    pub(super) waiting: Waiting,
    code: Code,
    state: Mutex<State>,
}

struct State {
    function: Arc<Function>,
    /// When it was deployed, in sandbox time.
    modified: i64,
    events: Option<EventConfig>,
    fingerprint: u64,
    /// Raised when instances so far are not to be used again.
    generation: u64,
    /// The last is the one that was used last.
    idle: Vec<Instance>,
    /// How many work or are idle.
    alive: usize,
    /// How long requests take, about.
    typical: Duration,
    /// Whether somebody ends those that are idle for long.
    reaped: bool,
}

/// One request for a function.
pub(super) struct Request {
    pub(super) id: String,
    pub(super) payload: Bytes,
    /// The first is 1.
    pub(super) attempt: u32,
    pub(super) synchronous: bool,
    /// As the caller gave it.
    pub(super) client_context: Option<Value>,
}

impl Pool {
    pub(super) fn new(shared: &Arc<Shared>, region: &str, function: Arc<Function>, concurrency: usize) -> Arc<Self> {
        let clock = &shared.account.clock;
        let events = Some(EventConfig::of(&function, clock.now())).filter(EventConfig::is_said);
        Arc::new(Self {
            shared: Arc::clone(shared),
            region: region.to_owned(),
            permits: Arc::new(Semaphore::new(concurrency)),
            returned: Notify::new(),
            waiting: Waiting::default(),
            code: Code::default(),
            state: Mutex::new(State {
                function,
                modified: clock.millis(),
                events,
                fingerprint: 0,
                generation: 0,
                idle: Vec::new(),
                alive: 0,
                typical: Duration::ZERO,
                reaped: false,
            }),
        })
    }

    /// The function as it is deployed now.
    pub(super) fn function(&self) -> Arc<Function> {
        Arc::clone(&self.lock().function)
    }

    /// Takes a function that was deployed anew. Instances of another are not used again.
    pub(super) fn deploy(&self, function: Arc<Function>) {
        let clock = &self.shared.account.clock;
        let mut state = self.lock();
        if state.function != function {
            // What was set through the API stays, unless the deploy says something.
            if let Some(events) = Some(EventConfig::of(&function, clock.now())).filter(EventConfig::is_said) {
                state.events = Some(events);
            }
            state.function = function;
            state.modified = clock.millis();
            state.retire();
        }
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        self.function().arn(&self.region)
    }

    /// When it was deployed, in milliseconds of sandbox time.
    pub(super) fn modified(&self) -> i64 {
        self.lock().modified
    }

    /// Another number whenever instances before are not used again.
    pub(super) fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// Its event invoke config, if there is one.
    pub(super) fn said_event_config(&self) -> Option<EventConfig> {
        self.lock().events.clone()
    }

    /// How its asynchronous invocations are treated.
    pub(super) fn event_config(&self) -> EventConfig {
        let state = self.lock();
        state.events.clone().unwrap_or_else(|| EventConfig::of(&Function::default(), Duration::ZERO))
    }

    pub(super) fn set_event_config(&self, config: Option<EventConfig>) {
        self.lock().events = config;
    }

    /// The function is removed: nothing waits for it any more.
    pub(super) fn close(&self) {
        self.permits.close();
        self.retire();
    }

    /// Ends the instances that are idle; the others end with their requests.
    pub(super) fn retire(&self) {
        self.lock().retire();
    }

    /// A place for one request, if there is one.
    ///
    /// # Errors
    /// `TooManyRequestsException` if as many are running as may.
    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Fault> {
        Arc::clone(&self.permits).try_acquire_owned().map_err(|_| {
            let mut fault = Fault::sender("TooManyRequestsException", "Rate Exceeded.").status(429);
            fault.more = Some(Box::new(json!({ "Reason": "ConcurrentInvocationLimitExceeded", "Type": "User" })));
            fault
        })
    }

    /// A place for one request, once there is one.
    pub(super) async fn wait_for_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// Runs the function.
    ///
    /// # Errors
    /// `ServiceException` if there is no Python to run it in.
    pub(super) async fn run(
        self: &Arc<Self>,
        place: OwnedSemaphorePermit,
        request: &Request,
    ) -> Result<Invocation, Fault> {
        let function = self.function();
        let header = json!({
            "request_id": request.id,
            "timeout_ms": u64::try_from(function.timeout.as_millis()).unwrap_or(u64::MAX),
            "client_context": request.client_context,
            "trace": format!("Root=1-{:08x}-{};Parent={};Sampled=0",
                self.shared.account.clock.now().as_secs(), &request.id.replace('-', "")[..24], &request.id.replace('-', "")[..16]),
        });
        let mut tries = MOST_LOST;
        loop {
            let mut instance = self.instance().await.map_err(|trouble| {
                self.shared.account.tell(Happening::Note(trouble.clone()));
                Fault::internal(trouble).code("ServiceException")
            })?;
            let output = instance.output();
            output.begin();
            output.line(format!("START RequestId: {} Version: $LATEST", request.id));
            let outcome = instance.request(&header, &request.payload, function.timeout).await;
            if outcome.lost && tries > 0 {
                tries -= 1;
                self.put_back(instance, &outcome);
                continue;
            }
            let invocation = report(&self.shared.account, &function, request, instance.output(), &outcome);
            self.put_back(instance, &outcome);
            drop(place);
            return Ok(invocation);
        }
    }

    /// An instance that is idle, or a new one.
    async fn instance(self: &Arc<Self>) -> Result<Instance, String> {
        let function = self.function();
        let fingerprint = self.code.fingerprint(&function.folder);
        let (generation, busy) = {
            let mut state = self.lock();
            if state.fingerprint != fingerprint {
                state.fingerprint = fingerprint;
                state.retire();
            }
            (state.generation, state.alive > state.idle.len() && state.typical < SHORT)
        };
        if let Some(instance) = self.idle() {
            return Ok(instance);
        }
        if busy {
            // Waiting for one that works is shorter than making one.
            let waiting = async {
                loop {
                    let returned = self.returned.notified();
                    if let Some(instance) = self.idle() {
                        return instance;
                    }
                    returned.await;
                }
            };
            if let Ok(instance) = tokio::time::timeout(SHORT, waiting).await {
                return Ok(instance);
            }
        }
        let Shared { account, sink, runtime, fenced, .. } = &*self.shared;
        self.lock().alive += 1;
        let made = async {
            runtime.warm_up().await?;
            let scratch = runtime.folder_of(&self.region, &function.name).map_err(|error| error.to_string())?;
            let (region, scratch) = (self.region.as_str(), scratch.as_path());
            let making = Making { account, sink, region, function: &function, generation, scratch, fenced: *fenced };
            Instance::start(&making, async |order| runtime.start(order).await).await
        };
        let made = made.await;
        if made.is_err() {
            self.lock().alive -= 1;
        }
        made
    }

    /// The idle instance that was used last.
    fn idle(&self) -> Option<Instance> {
        let mut state = self.lock();
        while let Some(instance) = state.idle.pop() {
            if instance.is_alive() {
                return Some(instance);
            }
            state.alive -= 1;
        }
        None
    }

    fn put_back(self: &Arc<Self>, instance: Instance, outcome: &Outcome) {
        let mut state = self.lock();
        state.typical = (state.typical * 3 + outcome.duration) / 4;
        if outcome.reusable && instance.generation == state.generation {
            state.idle.push(instance);
            if !state.reaped {
                state.reaped = true;
                tokio::spawn(reap(Arc::downgrade(self)));
            }
            drop(state);
            self.returned.notify_one();
        } else {
            state.alive -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn retire(&mut self) {
        self.generation += 1;
        self.alive -= self.idle.len();
        self.idle.clear();
    }
}

/// Ends instances that are idle for long, as long as there are any.
async fn reap(pool: std::sync::Weak<Pool>) {
    loop {
        let Some(account) = pool.upgrade().map(|pool| Arc::clone(&pool.shared.account)) else { return };
        tokio::join!(account.clock.sleep(IDLE / 4), tokio::time::sleep(IDLE_AT_LEAST));
        let Some(pool) = pool.upgrade() else { return };
        let (now, sandbox_now) = (Instant::now(), account.clock.now());
        let mut state = pool.lock();
        let before = state.idle.len();
        state.idle.retain(|instance| {
            now.duration_since(instance.idle_since) < IDLE_AT_LEAST
                || sandbox_now.saturating_sub(instance.idle_at) < IDLE
        });
        state.alive -= before - state.idle.len();
        if state.idle.is_empty() {
            state.reaped = false;
            return;
        }
    }
}
