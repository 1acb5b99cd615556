//! Pages of a hundred, as SNS gives its lists.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use super::fault::invalid;
use crate::sandbox::Fault;

const PAGE: usize = 100;

/// The page after `token` of items in the order of their keys, under `member`, with the token of the next page if there is one.
///
/// # Errors
/// `InvalidParameter` for a token that no page gave.
pub fn page(items: BTreeMap<String, Value>, token: Option<&str>, member: &str) -> Result<Value, Fault> {
    let after = match token {
        None => None,
        Some(token) => {
            let decoded = BASE64.decode(token).ok().and_then(|key| String::from_utf8(key).ok());
            Some(decoded.filter(|key| !key.is_empty()).ok_or_else(|| invalid("NextToken"))?)
        }
    };
    let mut rest = items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).peekable();
    let (keys, shown): (Vec<String>, Vec<Value>) = rest.by_ref().take(PAGE).unzip();
    let mut output = json!({ member: shown });
    if let (Some(_), Some(last)) = (rest.peek(), keys.last()) {
        output["NextToken"] = json!(BASE64.encode(last));
    }
    Ok(output)
}
