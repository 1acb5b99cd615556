//! A parameter, its versions, and how they are shown.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::name::{Selected, arn};

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameter {
    /// The oldest first; never empty.
    pub(super) versions: Vec<Version>,
    pub(super) tags: BTreeMap<String, String>,
}

/// One version of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) value: String,
    /// `String`, `StringList` or `SecureString`.
    pub(super) kind: String,
    pub(super) description: Option<String>,
    pub(super) allowed_pattern: Option<String>,
    pub(super) key: Option<String>,
    pub(super) tier: String,
    pub(super) data_type: String,
    /// Milliseconds since the epoch.
    pub(super) modified: i64,
    /// ARN of who wrote it.
    pub(super) author: String,
}

impl Version {
    /// The value, or what stands for it where nobody asked for decryption.
    fn shown(&self, decrypted: bool) -> Value {
        if self.kind != "SecureString" || decrypted {
            return Value::from(self.value.as_str());
        }
        // Nothing is encrypted here; what is shown must only be useless and look like what KMS makes.
        let sealed: Vec<u8> =
            (0..4u8).flat_map(|round| Sha256::digest([&[round], self.value.as_bytes()].concat())).collect();
        Value::from(format!("AQICAHh{}", STANDARD.encode(sealed)))
    }

    fn seconds(&self) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch fit exactly")]
        let seconds = self.modified as f64 / 1000.0;
        Value::from(seconds)
    }

    /// All about a version but its value.
    fn metadata(&self, region: &str, name: &str) -> Value {
        let mut shown = json!({
            "Name": name, "ARN": arn(region, name), "Type": self.kind, "LastModifiedDate": self.seconds(),
            "LastModifiedUser": self.author, "Version": self.number, "Tier": self.tier, "Policies": [], "DataType": self.data_type,
        });
        for (member, value) in
            [("KeyId", &self.key), ("Description", &self.description), ("AllowedPattern", &self.allowed_pattern)]
        {
            if let Some(value) = value {
                shown[member] = Value::from(value.as_str());
            }
        }
        shown
    }

    /// A row of `GetParameterHistory`.
    pub(super) fn as_history(&self, region: &str, name: &str, decrypted: bool) -> Value {
        let mut shown = self.metadata(region, name);
        if let Value::Object(members) = &mut shown {
            members.shift_remove("ARN");
            members.insert("Value".to_owned(), self.shown(decrypted));
            members.insert("Labels".to_owned(), json!([]));
        }
        shown
    }
}

impl Parameter {
    /// A row of `DescribeParameters`.
    pub(super) fn as_metadata(&self, region: &str, name: &str) -> Value {
        self.versions.last().map(|version| version.metadata(region, name)).unwrap_or_default()
    }
}

impl Selected<'_> {
    /// The `Parameter` of `GetParameter`.
    pub(super) fn as_parameter(&self, region: &str, decrypted: bool) -> Value {
        let version = self.version;
        let mut shown = json!({
            "Name": self.name, "Type": version.kind, "Value": version.shown(decrypted), "Version": version.number,
            "LastModifiedDate": version.seconds(), "ARN": arn(region, self.name), "DataType": version.data_type,
        });
        if let Some(selector) = &self.selector {
            shown["Selector"] = Value::from(selector.as_str());
        }
        shown
    }
}
