//! # boto3 is imported
//!
//! ## What it asks
//! The handler imports boto3, the AWS SDK for Python, at module level.
//!
//! ## Why
//! Publishing to SNS is a call of the AWS API, and boto3 makes it. Lambda's Python runtimes carry boto3; it need not be packaged.
//!
//! ## Passes
//! ```python
//! import boto3
//! ```
//!
//! ## Fails
//! ```python
//! # import boto3
//! ```

use serde::Deserialize;

use super::look::Look;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Span;
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "imports-boto3", source: include_str!("imports_boto3.rs"), judge };
const CODE: &str = "RY251";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    module: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self { file: "wild-rydes/handlers/request_ride.py".to_owned(), module: "boto3".to_owned() }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, None) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let is_it = |value: &Value| match value {
        Value::Library(path) => **path == *asked.module || path.starts_with(&format!("{}.", asked.module)),
        Value::Client { .. } => true,
        _ => false,
    };
    if look.run.globals.values().any(is_it) {
        return Ok(Vec::new());
    }
    let help = format!("Add `import {}` to the imports at the top of the file.", asked.module);
    Ok(vec![look.error(Span::at(0), format!("{} is not imported at module level", asked.module)).help(help)])
}
