//! State that each region has of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// One `T` a region, made when it is first asked for.
#[derive(Debug)]
pub struct Regional<T>(RwLock<BTreeMap<String, Arc<T>>>);

impl<T> Default for Regional<T> {
    fn default() -> Self {
        Self(RwLock::new(BTreeMap::new()))
    }
}

impl<T> Regional<T> {
    /// The state of `region`, made with `make` if it has none yet.
    pub fn get_or(&self, region: &str, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(region) {
            return Arc::clone(found);
        }
        let mut regions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(regions.entry(region.to_owned()).or_insert_with(|| Arc::new(make())))
    }

    /// All regions that have state.
    pub fn all(&self) -> Vec<(String, Arc<T>)> {
        let regions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        regions.iter().map(|(name, state)| (name.clone(), Arc::clone(state))).collect()
    }

    /// Takes state for `region`, in place of what it had.
    pub fn set(&self, region: &str, state: T) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(region.to_owned(), Arc::new(state));
    }
}

impl<T: Default> Regional<T> {
    /// The state of `region`.
    pub fn get(&self, region: &str) -> Arc<T> {
        self.get_or(region, T::default)
    }
}
