//! Access keys and whom they belong to. Keys are made anew for each start; nobody else's are taken.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

use super::account::ACCOUNT_ID;

/// Who calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// The person at the machine, and the program itself: may do everything.
    Learner,
    /// A function, with what its role allows.
    Function(Arc<Role>),
}

impl Caller {
    /// `arn:aws:iam::123456789012:user/learner` or the assumed role's.
    pub fn arn(&self) -> String {
        match self {
            Self::Learner => format!("arn:aws:iam::{ACCOUNT_ID}:user/learner"),
            Self::Function(role) => format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/{}/{}", role.name, role.session),
        }
    }
}

/// The role of a function.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Role {
    /// `wild-rydes-dev-us-east-2-lambdaRole`.
    pub name: String,
    /// The name of the session: the function's.
    pub session: String,
    /// The policy documents, each `{"Version", "Statement": [...]}` with everything resolved.
    pub policies: Vec<serde_json::Value>,
    /// The folder of the service whose `serverless.yml` the role comes from, for advice: `wild-rydes`.
    pub service: String,
}

/// A key pair as clients use it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`, or `ASIA…` with a session token.
    pub id: String,
    /// 40 characters.
    pub secret: String,
    /// For keys of roles.
    pub token: Option<String>,
}

impl std::fmt::Debug for AccessKey {
    /// Never shows the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AccessKey {
    fn new(prefix: &str, token: bool) -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        let id = format!("{prefix}{}", random()[..16].to_uppercase());
        Self { id, secret: format!("{}{}", random(), &random()[..8]), token: token.then(|| random() + &random()) }
    }
}

/// All keys that are valid now.
#[derive(Debug)]
pub struct Keys {
    learner: AccessKey,
    issued: RwLock<HashMap<String, (AccessKey, Caller)>>,
}

impl Default for Keys {
    fn default() -> Self {
        let learner = AccessKey::new("AKIA", false);
        let issued = HashMap::from([(learner.id.clone(), (learner.clone(), Caller::Learner))]);
        Self { learner, issued: RwLock::new(issued) }
    }
}

impl Keys {
    /// The learner's own.
    pub fn learner(&self) -> &AccessKey {
        &self.learner
    }

    /// New keys for a function with `role`.
    pub fn issue(&self, role: Arc<Role>) -> AccessKey {
        let key = AccessKey::new("ASIA", true);
        let entry = (key.clone(), Caller::Function(role));
        self.issued.write().unwrap_or_else(PoisonError::into_inner).insert(key.id.clone(), entry);
        key
    }

    /// Keys that are not valid any more.
    pub fn revoke(&self, id: &str) {
        self.issued.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// The pair with this id and whose it is.
    pub fn find(&self, id: &str) -> Option<(AccessKey, Caller)> {
        self.issued.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}
