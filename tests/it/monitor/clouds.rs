//! A cloud with the finished application deployed, or as much of it as the cloud can have, and what the monitor sees of it.

use std::sync::Arc;
use std::time::Duration;

use rydes::cloud::{Connection, Monitor, MonitorOptions, Target};
use rydes::ride::{Event, Feed, Happening, State, Topology};
use rydes::sandbox::{Options, Order, Sandbox};
use rydes::workshop::store::Folder;
use rydes::workshop::{TaskId, built_in};
use tokio::sync::{mpsc, watch};

use crate::moto::Moto;

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(40);

/// What stands in moto for the stack of wild-rydes: it cannot run functions without Docker.
const REQUESTS: &str = r#"{"Resources": {
    "RidesSnsTopic": {"Type": "AWS::SNS::Topic"},
    "RidesSnsTopicArnSsmParam": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Name": "/wild-rydes/dev/SnsTopicArn", "Value": {"Ref": "RidesSnsTopic"}}}},
    "Outputs": {"RequestRideUrl": {"Value": "http://127.0.0.1:9/dev/ride"}}}"#;
const RECORDS: &str = r#"{"Resources": {
    "RideRecordTable": {"Type": "AWS::DynamoDB::Table", "Properties": {
        "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "RideId", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "RideId", "KeyType": "HASH"}]}},
    "PutRideRecordSnsLogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/wild-rydes-ride-record-dev-PutRideRecordSns"}}}}"#;

/// A cloud for one test.
pub(crate) struct Cloud {
    pub(crate) connection: Connection,
    kind: Kind,
}

enum Kind {
    Sandbox(Box<Sandbox>, tempfile::TempDir),
    Moto(Moto),
}

impl Cloud {
    /// The sandbox with the finished services.
    pub(crate) async fn sandbox() -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let module = built_in().unwrap();
        Folder::create(workspace.path()).and_then(|folder| folder.lay_out(&module)).unwrap();
        let sandbox = Sandbox::start(Options::of(workspace.path())).await.unwrap();
        let finished = module.state_after(&TaskId("4.2".to_owned())).unwrap();
        let steps = ["wild-rydes-ride-fleet", "wild-rydes-ride-record", "wild-rydes", "wild-rydes-ride-record"];
        for (step, service) in steps.into_iter().enumerate() {
            // The record's address must be there before the topic's.
            if step == 2 {
                for (path, text) in &finished {
                    std::fs::write(workspace.path().join(path), text).unwrap();
                }
            }
            let order = Order { service: service.to_owned(), ..Order::default() };
            let (progress, _steps) = mpsc::unbounded_channel();
            sandbox.deployer().deploy(&order, &progress).await.unwrap_or_else(|error| panic!("{service}: {error}"));
        }
        let key = sandbox.account().keys.learner();
        let target = target(sandbox.endpoint(), &key.id, &key.secret);
        let connection = Connection::open(&target).await.unwrap();
        Self { connection, kind: Kind::Sandbox(Box::new(sandbox), workspace) }
    }

    /// Moto with stacks of the same names.
    pub(crate) async fn moto() -> Self {
        let moto = tokio::task::spawn_blocking(Moto::start).await.unwrap();
        let target = target(moto.endpoint.clone(), "AKIAIOSFODNN7EXAMPLE", "example");
        let connection = Connection::open(&target).await.unwrap();
        let client = aws_sdk_cloudformation::Client::new(connection.config());
        for (name, template) in [("wild-rydes-dev", REQUESTS), ("wild-rydes-ride-record-dev", RECORDS)] {
            client.create_stack().stack_name(name).template_body(template).send().await.unwrap();
        }
        Self { connection, kind: Kind::Moto(moto) }
    }

    /// A sandbox with nothing in it.
    pub(crate) async fn bare_sandbox() -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Options::of(workspace.path())).await.unwrap();
        let key = sandbox.account().keys.learner();
        let connection = Connection::open(&target(sandbox.endpoint(), &key.id, &key.secret)).await.unwrap();
        Self { connection, kind: Kind::Sandbox(Box::new(sandbox), workspace) }
    }

    /// Moto with nothing in it.
    pub(crate) async fn bare_moto() -> Self {
        let moto = tokio::task::spawn_blocking(Moto::start).await.unwrap();
        let target = target(moto.endpoint.clone(), "AKIAIOSFODNN7EXAMPLE", "example");
        Self { connection: Connection::open(&target).await.unwrap(), kind: Kind::Moto(moto) }
    }

    /// Runs a script with boto3 that finds its settings in the environment.
    pub(crate) async fn boto3(&self, script: &str) {
        let config = self.connection.config();
        let credentials = config.credentials_provider().unwrap();
        let credentials = aws_sdk_sns::config::ProvideCredentials::provide_credentials(&credentials).await.unwrap();
        let python = match &self.kind {
            Kind::Sandbox(..) => crate::contract::python().await,
            Kind::Moto(moto) => moto.python.clone(),
        };
        let ran = tokio::process::Command::new(python)
            .args(["-c", script])
            .env("AWS_ENDPOINT_URL", config.endpoint_url().unwrap())
            .env("AWS_DEFAULT_REGION", "us-east-2")
            .env("AWS_ACCESS_KEY_ID", credentials.access_key_id())
            .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key())
            .output()
            .await
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Whether it tells what happens in it.
    pub(crate) fn tells(&self) -> bool {
        matches!(self.kind, Kind::Sandbox(..))
    }

    /// The feeds of what a test says is deployed, and what they see.
    pub(crate) fn feeds(&self, topology: Topology) -> Feeds {
        self.feeds_over(&self.connection, topology)
    }

    /// The same over another connection to it.
    pub(crate) fn feeds_over(&self, connection: &Connection, topology: Topology) -> Feeds {
        let (sender, receiver) = mpsc::channel(64);
        let (topology, followed) = watch::channel(Arc::new(topology));
        let options = MonitorOptions { stage: "dev".to_owned(), creates: false, hints: self.hints() };
        let monitor = Monitor::of(connection, options, &followed, &sender);
        Feeds { monitor, topology, seen: Seen { receiver, events: Vec::new() } }
    }

    pub(crate) fn tables(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(self.connection.config())
    }

    pub(crate) fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(self.connection.config())
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(self.connection.config())
    }

    /// Where it is, and the key to it.
    pub(crate) fn address(&self) -> (String, String, String) {
        match &self.kind {
            Kind::Sandbox(sandbox, _) => {
                let key = sandbox.account().keys.learner();
                (sandbox.endpoint(), key.id.clone(), key.secret.clone())
            }
            Kind::Moto(moto) => (moto.endpoint.clone(), "AKIAIOSFODNN7EXAMPLE".to_owned(), "example".to_owned()),
        }
    }

    /// What happens in it, if it tells.
    pub(crate) fn hints(&self) -> Option<mpsc::UnboundedReceiver<rydes::sandbox::Activity>> {
        let Kind::Sandbox(sandbox, _) = &self.kind else { return None };
        let (sender, hints) = mpsc::unbounded_channel();
        let mut feed = sandbox.account().feed.listen();
        tokio::spawn(async move {
            while let Ok(activity) = feed.recv().await {
                if sender.send(activity).is_err() {
                    return;
                }
            }
        });
        Some(hints)
    }

    /// A monitor of it, and what it sees.
    pub(crate) fn monitor(&self) -> (Monitor, Seen) {
        let (sender, receiver) = mpsc::channel(64);
        let options = MonitorOptions { stage: "dev".to_owned(), creates: true, hints: self.hints() };
        (Monitor::start(&self.connection, options, &sender), Seen { receiver, events: Vec::new() })
    }

    /// Ends it.
    pub(crate) async fn close(self) {
        match self.kind {
            Kind::Sandbox(sandbox, _workspace) => sandbox.stop().await.unwrap(),
            Kind::Moto(moto) => drop(moto),
        }
    }
}

/// Feeds whose topology a test decides.
pub(crate) struct Feeds {
    pub(crate) monitor: Monitor,
    pub(crate) topology: watch::Sender<Arc<Topology>>,
    pub(crate) seen: Seen,
}

impl Feeds {
    /// Something else is deployed from now on.
    pub(crate) fn deploy(&self, topology: Topology) {
        self.topology.send_replace(Arc::new(topology));
    }
}

/// The target at an address.
pub(crate) fn target(endpoint: String, key: &str, secret: &str) -> Target {
    Target::Sandbox { endpoint, region: "us-east-2".to_owned(), key: key.to_owned(), secret: secret.to_owned() }
}

/// What a monitor saw.
pub(crate) struct Seen {
    pub(crate) receiver: mpsc::Receiver<Event>,
    pub(crate) events: Vec<Event>,
}

impl Seen {
    /// Waits for an event, which may have been seen already.
    pub(crate) async fn until<T>(&mut self, what: &str, is: impl Fn(&Happening) -> Option<T>) -> T {
        if let Some(found) = self.events.iter().find_map(|event| is(&event.happening)) {
            return found;
        }
        self.next(what, is).await
    }

    /// Waits for an event from now on.
    pub(crate) async fn next<T>(&mut self, what: &str, is: impl Fn(&Happening) -> Option<T>) -> T {
        let waiting = async {
            while let Some(event) = self.receiver.recv().await {
                let found = is(&event.happening);
                self.events.push(event);
                if let Some(found) = found {
                    return found;
                }
            }
            panic!("the monitor ended while {what} was waited for");
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{what} was not seen; seen: {:#?}", self.events))
    }

    /// Waits until a feed is in such a state, from now on.
    pub(crate) async fn state(&mut self, feed: Feed, what: &str, is: impl Fn(&State) -> bool) -> State {
        let found = |happening: &Happening| match happening {
            Happening::Health { feed: told, health } if *told == feed && is(&health.state) => {
                Some(health.state.clone())
            }
            _ => None,
        };
        self.next(what, found).await
    }

    /// Waits until a feed is live.
    pub(crate) async fn live(&mut self, feed: Feed) {
        self.state(feed, &format!("{feed:?} live"), |state| *state == State::Live).await;
    }

    /// Waits until what is deployed is so.
    pub(crate) async fn deployed(&mut self, what: &str, is: impl Fn(&Topology) -> bool) -> Topology {
        let found = |happening: &Happening| match happening {
            Happening::Topology(topology) if is(topology) => Some(topology.clone()),
            _ => None,
        };
        self.until(what, found).await
    }

    /// Bodies and envelopes of all messages up to now.
    pub(crate) fn messages(&self) -> Vec<(String, Option<String>)> {
        let messages = self.events.iter().filter_map(|event| match &event.happening {
            Happening::Message { body, envelope, .. } => Some((body.clone(), envelope.clone())),
            _ => None,
        });
        messages.collect()
    }
}
