//! All stacks of the sandbox, by region.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::stack::Stack;
use crate::sandbox::region::Regional;

/// All stacks. Those that were removed are kept for a while, as CloudFormation does.
#[derive(Debug, Default)]
pub struct Stacks(Regional<RwLock<Vec<Arc<Stack>>>>);

/// How many removed or failed stacks a region remembers.
const MOST_GONE: usize = 20;

impl Stacks {
    /// The stack with this name; the newest of them, if earlier ones were removed.
    pub fn get(&self, region: &str, name: &str) -> Option<Arc<Stack>> {
        self.all(region).into_iter().rev().find(|stack| stack.name == name)
    }

    /// All stacks of a region, the oldest first.
    pub fn all(&self, region: &str) -> Vec<Arc<Stack>> {
        self.0.get(region).read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All stacks that are there, with their regions.
    pub fn everywhere(&self) -> Vec<(String, Arc<Stack>)> {
        let regions = self.0.all().into_iter();
        let stacks =
            regions.flat_map(|(region, _)| self.all(&region).into_iter().map(move |stack| (region.clone(), stack)));
        stacks.filter(|(_, stack)| stack.is_live()).collect()
    }

    /// Takes a stack, in place of the one with its id.
    pub(super) fn put(&self, region: &str, stack: Stack) {
        let stacks = self.0.get(region);
        let mut stacks = stacks.write().unwrap_or_else(PoisonError::into_inner);
        stacks.retain(|other| other.id != stack.id);
        stacks.push(Arc::new(stack));
        let gone = stacks.iter().filter(|stack| !stack.is_live()).count();
        if gone > MOST_GONE
            && let Some(oldest) = stacks.iter().position(|stack| !stack.is_live())
        {
            stacks.remove(oldest);
        }
    }

    /// Ids of all APIs of a region.
    pub(super) fn api_ids(&self, region: &str) -> Vec<String> {
        let stacks = self.all(region);
        let resources = stacks.iter().flat_map(|stack| stack.resources.values());
        let apis = resources
            .filter(|resource| matches!(resource.kind.as_str(), "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api"));
        apis.map(|resource| resource.physical.clone()).collect()
    }

    /// What stacks of a region other than `own` export.
    pub(super) fn exports(&self, region: &str, own: &str) -> BTreeMap<String, String> {
        let stacks = self.all(region);
        let others = stacks.iter().filter(|stack| stack.name != own && stack.is_live());
        let outputs = others.flat_map(|stack| &stack.outputs);
        outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone()))).collect()
    }

    /// All of it, for the next run.
    pub(crate) fn snapshot(&self) -> Vec<u8> {
        let all: BTreeMap<String, Vec<Arc<Stack>>> =
            self.0.all().into_iter().map(|(region, _)| (region.clone(), self.all(&region))).collect();
        let all: BTreeMap<&String, Vec<&Stack>> =
            all.iter().map(|(region, stacks)| (region, stacks.iter().map(|stack| &**stack).collect())).collect();
        serde_json::to_vec(&all).unwrap_or_default()
    }

    /// Takes what an earlier run had.
    ///
    /// # Errors
    /// In words, what is wrong with the bytes.
    pub(crate) fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        let all: BTreeMap<String, Vec<Stack>> = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        for (region, stacks) in all {
            self.0.set(&region, RwLock::new(stacks.into_iter().map(Arc::new).collect()));
        }
        Ok(())
    }
}
