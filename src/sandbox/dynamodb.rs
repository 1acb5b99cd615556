//! DynamoDB and DynamoDB Streams, on dynoxide: one SQLite database a region.
//!
//! The engine is dynoxide's; here are AWS's names around it: ARNs of our account, shard ids that clients accept, error codes, permissions.

mod arn;
mod engine;
mod plain;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::Database;
use serde_json::Value;

use super::account::{ACCOUNT_ID, Account};
use super::activity::Happening;
use super::region::Regional;
use super::service::{Access, Call, Fault, Handling, Protocol, Reply, Service};
use super::state::set_aside;

/// DynamoDB.
pub struct DynamoDb {
    account: Arc<Account>,
    regions: Regional<Region>,
}

/// One region's database, opened when it is first used. One that could not be opened is tried again: a disk may have room by then.
#[derive(Default)]
struct Region(Mutex<Option<Database>>);

/// Operations that may look at many items: they leave the runtime's threads free.
const WIDE: [&str; 7] =
    ["Scan", "Query", "BatchWriteItem", "BatchGetItem", "ExecuteStatement", "BatchExecuteStatement", "DeleteTable"];

impl DynamoDb {
    /// No table yet, or those that the account's folder holds.
    pub fn new(account: Arc<Account>) -> Self {
        Self { account, regions: Regional::default() }
    }

    fn database(&self, region: &str) -> Result<Database, Fault> {
        let state = self.regions.get(region);
        let mut known = state.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = &*known {
            return Ok(database.clone());
        }
        let opened = match self.file(region) {
            Some(path) => self.open(region, &path).map_err(|error| format!("{}: {error}", path.display())),
            None => Database::memory().map_err(|error| error.to_string()),
        };
        let database =
            opened.map_err(|error| Fault::internal(format!("The tables of this sandbox cannot be opened: {error}")))?;
        Ok(known.insert(database).clone())
    }

    /// Opens the tables of a file. One that holds none, or damaged ones, is set aside.
    fn open(&self, region: &str, path: &Path) -> dynoxide::Result<Database> {
        open(path).or_else(|error| {
            let words = error.to_string();
            if !["not a valid SQLite database", "malformed"].iter().any(|damage| words.contains(damage)) {
                return Err(error);
            }
            let kept = set_aside(path);
            // Left there, the journal of the damaged file would become part of the new one.
            for journal in ["sqlite-wal", "sqlite-shm"].map(|kind| path.with_extension(kind)) {
                if journal.exists() {
                    set_aside(&journal);
                }
            }
            let note = format!(
                "the tables of {region} are damaged, so there are none; {kept}. Deploy again to have them made"
            );
            self.account.tell(Happening::Note(note));
            open(path)
        })
    }

    /// Where the tables of `region` are kept.
    fn file(&self, region: &str) -> Option<PathBuf> {
        // The name comes from a signature: only what looks like a region may become part of a path.
        let is_plain = region.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        self.account.folder.as_ref().filter(|_| is_plain).map(|folder| folder.join(format!("dynamodb-{region}.sqlite")))
    }

    /// Table and stream ARNs of a request, for permissions: the one that it names, or all tables.
    fn resource(region: &str, input: &Value) -> Vec<String> {
        let table = |name: &str| match arn::table_name(name) {
            Some(name) => format!("arn:aws:dynamodb:{region}:{ACCOUNT_ID}:table/{name}"),
            None => name.to_owned(),
        };
        if let Some(name) = input["TableName"].as_str() {
            let index = input["IndexName"].as_str().map(|index| format!("{}/index/{index}", table(name)));
            return vec![index.unwrap_or_else(|| table(name))];
        }
        if let Some(name) = input["StreamArn"].as_str().or_else(|| input["ResourceArn"].as_str()) {
            return vec![name.to_owned()];
        }
        if let Some(tables) = input["RequestItems"].as_object() {
            return tables.keys().map(|name| table(name)).collect();
        }
        if let Some(name) = input["ShardIterator"].as_str().and_then(arn::table_of_iterator) {
            return vec![format!("{}/stream/*", table(&name))];
        }
        vec!["*".to_owned()]
    }
}

/// Opens the tables of a file.
fn open(path: &Path) -> dynoxide::Result<Database> {
    let database = Database::new(&path.to_string_lossy())?;
    // Its way to say `PRAGMA synchronous = NORMAL`: a write is not flushed to the disk one by one. What the program wrote survives its end,
    // killed or not; a machine that loses power may lose the last writes, and never the tables. An item takes a tenth of the time.
    database.disable_bulk_loading()?;
    Ok(database)
}

impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[
            Protocol::Json { version: "1.0", target: "DynamoDB_20120810" },
            Protocol::Json { version: "1.0", target: "DynamoDBStreams_20120810" },
        ]
    }

    fn access(&self, call: &Call) -> Vec<Access> {
        let one = |action: &str, resource: String| Access { action: format!("dynamodb:{action}"), resource };
        if let Some(parts) = call.input["TransactItems"].as_array() {
            // A transaction needs what its parts need.
            let each = parts.iter().filter_map(|part| part.as_object()?.iter().next());
            return each
                .flat_map(|(kind, part)| {
                    let action = match kind.as_str() {
                        "Put" => "PutItem",
                        "Update" => "UpdateItem",
                        "Delete" => "DeleteItem",
                        "Get" => "GetItem",
                        other => other,
                    };
                    Self::resource(&call.region, part).into_iter().map(move |resource| one(action, resource))
                })
                .collect();
        }
        let action = match call.operation.as_str() {
            "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
                return engine::statements(&call.input)
                    .map(|statement| one(engine::statement_action(statement), "*".to_owned()))
                    .collect();
            }
            other => other,
        };
        Self::resource(&call.region, &call.input).into_iter().map(|resource| one(action, resource)).collect()
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move {
            if !engine::knows(&call.operation) {
                return Err(Fault::unknown_operation("dynamodb", &call.operation));
            }
            let database = self.database(&call.region)?;
            let Call { operation, mut input, region, .. } = call;
            arn::inward(&mut input);
            let is_wide = WIDE.contains(&operation.as_str());
            let name = operation.clone();
            let run = move || engine::run(&database, &operation, input);
            let outcome = if is_wide {
                tokio::task::spawn_blocking(run).await.map_err(|error| Fault::internal(error.to_string()))?
            } else {
                run()
            };
            match outcome {
                Ok(mut output) => {
                    if arn::has_names(&name) {
                        arn::outward(&mut output, &region);
                    }
                    Ok(Reply::Output(output))
                }
                Err(fault) => Err(Fault { message: arn::outward_text(&fault.message, &region), ..fault }),
            }
        })
    }
}
