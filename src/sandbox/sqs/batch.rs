//! What all batch operations share: at most ten entries with ids of their own, and an answer for each.

use serde_json::{Value, json};

use super::fault::prefixed;
use super::input::{list, required};
use crate::sandbox::Fault;

/// Checks the entries of a batch as a whole.
///
/// # Errors
/// `EmptyBatchRequest`, `TooManyEntriesInBatchRequest`, `InvalidBatchEntryId`, `BatchEntryIdsNotDistinct`.
pub fn check(input: &Value, kind: &str) -> Result<(), Fault> {
    let entries = list(input, "Entries")?;
    if entries.is_empty() {
        return Err(prefixed("EmptyBatchRequest", format!("There should be at least one {kind} in the request.")));
    }
    if entries.len() > 10 {
        let count = entries.len();
        let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
        return Err(prefixed("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = Vec::new();
    for entry in entries {
        let id = required(entry, "Id")?;
        if id.len() > 80 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
            return Err(prefixed("InvalidBatchEntryId", message));
        }
        if seen.contains(&id) {
            return Err(prefixed("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
        seen.push(id);
    }
    Ok(())
}

/// `{"Successful": […], "Failed": […]}` of what became of each entry.
pub fn answer(outcomes: impl Iterator<Item = (Value, Result<Value, Fault>)>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        match outcome {
            Ok(mut output) => {
                output["Id"] = id;
                successful.push(output);
            }
            Err(fault) => {
                let sender = fault.status < 500;
                failed.push(json!({ "Id": id, "SenderFault": sender, "Code": fault.code, "Message": fault.message }));
            }
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}
