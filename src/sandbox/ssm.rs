//! SSM Parameter Store: parameters with versions and tags, one set a region.

mod filter;
mod name;
mod parameter;
mod put;
mod read;
mod tags;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::name::arn;
use self::parameter::Parameter;
use super::account::{ACCOUNT_ID, Account};
use super::region::Regional;
use super::service::{Access, Call, Fault, Handling, Protocol, Reply, Service};

/// The parameters of one region, by name.
type Parameters = BTreeMap<String, Parameter>;

/// The service.
#[derive(Debug)]
pub struct Ssm {
    account: Arc<Account>,
    regions: Regional<RwLock<Parameters>>,
}

/// What is kept between runs.
#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    regions: BTreeMap<String, Parameters>,
}

const FORMAT: u32 = 1;
const PROTOCOLS: [Protocol; 1] = [Protocol::Json { version: "1.1", target: "AmazonSSM" }];

impl Ssm {
    /// A store without parameters.
    pub fn new(account: Arc<Account>) -> Self {
        Self { account, regions: Regional::default() }
    }

    /// The value of a parameter, a list for a `StringList`; none if there is no such parameter.
    pub fn value(&self, region: &str, name: &str) -> Option<Value> {
        let region = self.regions.get(region);
        let parameters = reading(&region);
        let version = parameters.get(name)?.versions.last()?;
        Some(match version.kind.as_str() {
            "StringList" => version.value.split(',').collect(),
            _ => Value::from(version.value.as_str()),
        })
    }

    fn answer(&self, call: &Call) -> Result<Reply, Fault> {
        let region = self.regions.get(&call.region);
        let (read, write) = (|| reading(&region), || writing(&region));
        let output = match call.operation.as_str() {
            "GetParameter" => return read::get(&read(), call).map(Reply::from),
            "GetParameters" => return read::get_several(&read(), call).map(Reply::from),
            "GetParametersByPath" => return read::by_path(&read(), call).map(Reply::from),
            "GetParameterHistory" => return read::history(&read(), call).map(Reply::from),
            "DescribeParameters" => return read::describe(&read(), call).map(Reply::from),
            "ListTagsForResource" => return tags::list(&read(), call).map(Reply::from),
            "PutParameter" => put::put(&mut write(), call, self.account.clock.millis()),
            "DeleteParameter" => put::delete(&mut write(), call),
            "DeleteParameters" => put::delete_several(&mut write(), call),
            "AddTagsToResource" => tags::add(&mut write(), call),
            "RemoveTagsFromResource" => tags::remove(&mut write(), call),
            operation => return Err(Fault::unknown_operation("ssm", operation)),
        }?;
        self.account.changed();
        Ok(output.into())
    }
}

fn reading(region: &RwLock<Parameters>) -> RwLockReadGuard<'_, Parameters> {
    region.read().unwrap_or_else(PoisonError::into_inner)
}

fn writing(region: &RwLock<Parameters>) -> RwLockWriteGuard<'_, Parameters> {
    region.write().unwrap_or_else(PoisonError::into_inner)
}

impl Service for Ssm {
    fn name(&self) -> &'static str {
        "ssm"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &PROTOCOLS
    }

    fn access(&self, call: &Call) -> Vec<Access> {
        let text = |name: &str| call.input[name].as_str();
        let one = |name: Option<&str>| vec![name.unwrap_or_default().to_owned()];
        let names = match call.operation.as_str() {
            "GetParameters" | "DeleteParameters" => {
                let names = call.input["Names"].as_array().into_iter().flatten().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }
            "GetParametersByPath" => one(text("Path").map(|path| path.trim_end_matches('/'))),
            "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource" => one(text("ResourceId")),
            "DescribeParameters" => {
                let resource = format!("arn:aws:ssm:{}:{ACCOUNT_ID}:*", call.region);
                return vec![Access { action: "ssm:DescribeParameters".to_owned(), resource }];
            }
            _ => one(text("Name")),
        };
        let action = format!("ssm:{}", call.operation);
        names.iter().map(|name| Access { action: action.clone(), resource: arn(&call.region, name) }).collect()
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(std::future::ready(self.answer(&call)))
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        let regions = self.regions.all().into_iter().map(|(name, region)| (name, reading(&region).clone()));
        serde_json::to_vec(&Kept { format: FORMAT, regions: regions.collect() }).ok()
    }

    fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        let kept: Kept = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        if kept.format != FORMAT {
            return Err(format!("its format is {}, and this rydes reads {FORMAT}", kept.format));
        }
        if kept.regions.values().flat_map(BTreeMap::values).any(|parameter| parameter.versions.is_empty()) {
            return Err("a parameter has no version".to_owned());
        }
        kept.regions.into_iter().for_each(|(name, parameters)| self.regions.set(&name, RwLock::new(parameters)));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
