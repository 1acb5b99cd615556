//! Where handlers are tried: a sandbox of its own, and the folder that copies of services are put in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use uuid::Uuid;

use super::stubs::Stubs;
use crate::check::behaviour::AwsCall;
use crate::sandbox::account::DEFAULT_REGION;
use crate::sandbox::activity::{Activity, Happening};
use crate::sandbox::assembly::{Options, Sandbox};
use crate::sandbox::front::Front;
use crate::sandbox::keys::Caller;
use crate::sandbox::service::{Call, Reply, Service};

/// The other side, in Python.
const SHIM: &str = include_str!("../../../assets/lambda/trial.py");

/// A scratch sandbox.
pub(super) struct Ground {
    pub(super) sandbox: Sandbox,
    pub(super) stubs: Arc<Stubs>,
    folder: Copied,
    next: AtomicU64,
}

impl Ground {
    pub(super) async fn start() -> Result<Self, String> {
        let stubs = Arc::new(Stubs::default());
        let fronts = vec![Arc::clone(&stubs) as Arc<dyn Front>];
        let sandbox = Sandbox::start_with(Options::scratch(), fronts).await.map_err(|error| error.to_string())?;
        // Named as the folders of functions are, which the next run sweeps if this one is killed.
        let id = Uuid::new_v4().simple().to_string();
        let name = format!("rydes-lambda-{}-trial-{}", std::process::id(), id.get(..8).unwrap_or_default());
        let folder = std::env::temp_dir().join(name);
        sandbox.services().lambda.warm_up().await?;
        fs::create_dir_all(&folder)
            .map_err(|error| format!("no folder for trials at {}: {error}", folder.display()))?;
        Ok(Self { sandbox, stubs, folder: Copied(folder), next: AtomicU64::new(0) })
    }

    /// Puts a copy of a service into a folder of its own. Paths begin with the folder of the service.
    pub(super) fn copy(&self, service: &str, files: &BTreeMap<&str, &str>) -> std::io::Result<Copied> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let folder = fs::canonicalize(&self.folder.0)?.join(number.to_string());
        let copied = Copied(folder.clone());
        fs::create_dir_all(&folder)?;
        for (path, text) in files {
            let Some(inside) = path.strip_prefix(service).and_then(|rest| rest.strip_prefix('/')) else { continue };
            let file = folder.join(inside);
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, text)?;
        }
        fs::write(folder.join("rydes_trial.py"), SHIM)?;
        Ok(copied)
    }

    /// Calls a service as the learner would.
    pub(super) async fn call(&self, service: &dyn Service, operation: &str, input: Value) -> Result<Value, String> {
        let call = Call {
            operation: operation.to_owned(),
            input,
            region: DEFAULT_REGION.to_owned(),
            caller: Caller::Learner,
            request_id: Uuid::new_v4().to_string(),
            rest: None,
        };
        match service.call(call).await {
            Ok(Reply::Output(output)) => Ok(output),
            Ok(_) => Ok(Value::Null),
            Err(fault) => Err(format!("the scratch sandbox cannot {operation}: {fault}")),
        }
    }

    /// Makes a table with the key `RideId`.
    pub(super) async fn make_table(&self, name: &str) -> Result<(), String> {
        let input = json!({
            "TableName": name,
            "KeySchema": [{ "AttributeName": "RideId", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "RideId", "AttributeType": "S" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        self.call(&*self.sandbox.services().dynamodb, "CreateTable", input).await.map(drop)
    }

    /// Removes a table.
    pub(super) async fn remove_table(&self, name: &str) {
        let _ = self.call(&*self.sandbox.services().dynamodb, "DeleteTable", json!({ "TableName": name })).await;
    }

    /// Takes all items out of a table.
    pub(super) async fn take_items(&self, name: &str) -> Result<Vec<Value>, String> {
        let dynamodb = &*self.sandbox.services().dynamodb;
        let found = self.call(dynamodb, "Scan", json!({ "TableName": name })).await?;
        let mut items = Vec::new();
        for item in found["Items"].as_array().into_iter().flatten() {
            let key = json!({ "TableName": name, "Key": { "RideId": item["RideId"] } });
            self.call(dynamodb, "DeleteItem", key).await?;
            items.push(plain_item(item));
        }
        Ok(items)
    }

    pub(super) async fn stop(self) {
        // Nothing that was tried has to be kept, so there is nothing that could not be.
        let _ = self.sandbox.stop().await;
    }
}

/// A folder of ours, such as a copy of a service, removed when dropped.
pub(super) struct Copied(PathBuf);

impl Copied {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The calls that `session` made since the last look, without their places.
pub(super) fn calls(feed: &mut Receiver<Activity>, session: &str) -> Vec<AwsCall> {
    let mut found = Vec::new();
    loop {
        match feed.try_recv() {
            Ok(Activity { happening: Happening::Called { service, operation, caller, input, fault, .. }, .. }) => {
                if caller.ends_with(&format!("/{session}")) {
                    found.push(AwsCall { service, operation, input, fault, place: None, inside: Vec::new() });
                }
            }
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return found,
        }
    }
}

/// An item without the types that DynamoDB writes beside values.
fn plain_item(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), plain(value))).collect())
}

fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|value| value.iter().next()) else { return value.clone() };
    match kind.as_str() {
        "M" => plain_item(inner),
        "L" => inner.as_array().into_iter().flatten().map(plain).collect(),
        "NULL" => Value::Null,
        "N" => inner.as_str().and_then(|number| serde_json::from_str(number).ok()).unwrap_or_else(|| inner.clone()),
        _ => inner.clone(),
    }
}
