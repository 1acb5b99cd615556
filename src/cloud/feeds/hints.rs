//! What the sandbox tells of itself, as a hint when to ask. What is asked and answered is the same as on AWS.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::Stop;
use crate::ride::Topology;
use crate::sandbox::{Activity, Happening};

/// Keys that wait to be asked for.
const WAITING: usize = 8192;

/// Splits hints into two: something was deployed, and keys of items that were written. The task ends with the hints.
pub(super) fn split(
    hints: Option<mpsc::UnboundedReceiver<Activity>>,
    topology: watch::Receiver<Arc<Topology>>,
    mut stop: Stop,
) -> (Option<JoinHandle<()>>, Arc<Notify>, mpsc::Receiver<String>) {
    let changed = Arc::new(Notify::new());
    let (sender, written) = mpsc::channel(WAITING);
    let Some(mut hints) = hints else { return (None, changed, written) };
    let notify = Arc::clone(&changed);
    let task = tokio::spawn(async move {
        loop {
            let activity = tokio::select! {
                activity = hints.recv() => activity,
                () = stop.asked() => None,
            };
            let Some(activity) = activity else { return };
            match activity.happening {
                Happening::Called { operation, input, fault: None, .. } => {
                    if changes(&operation) {
                        notify.notify_one();
                    }
                    let keys = match &topology.borrow().table {
                        Some(table) => keys(&operation, &input, &table.name, &table.key),
                        None => Vec::new(),
                    };
                    for key in keys {
                        // Without a place the scan finds it.
                        let _ = sender.try_send(key);
                    }
                }
                // Deploys are told in words.
                Happening::Note(_) => notify.notify_one(),
                _ => {}
            }
        }
    });
    (Some(task), changed, written)
}

/// Whether the call changes what is deployed.
fn changes(operation: &str) -> bool {
    matches!(
        operation,
        "CreateTopic"
            | "DeleteTopic"
            | "Subscribe"
            | "Unsubscribe"
            | "CreateTable"
            | "UpdateTable"
            | "DeleteTable"
            | "PutParameter"
            | "DeleteParameter"
    )
}

/// Hash keys of the items of `table` that the call writes.
fn keys(operation: &str, input: &Value, table: &str, key: &str) -> Vec<String> {
    let of = |item: &Value| item[key]["S"].as_str().or_else(|| item[key]["N"].as_str()).map(str::to_owned);
    let is_ours = |name: &Value| name.as_str().is_some_and(|name| name.rsplit('/').next() == Some(table));
    match operation {
        "PutItem" if is_ours(&input["TableName"]) => of(&input["Item"]).into_iter().collect(),
        "UpdateItem" | "DeleteItem" if is_ours(&input["TableName"]) => of(&input["Key"]).into_iter().collect(),
        "BatchWriteItem" => {
            let requests = input["RequestItems"].as_object().into_iter().flatten();
            let ours = requests.filter(|(name, _)| is_ours(&Value::String((*name).clone())));
            let all = ours.flat_map(|(_, requests)| requests.as_array().into_iter().flatten());
            all.filter_map(|request| {
                of(&request["PutRequest"]["Item"]).or_else(|| of(&request["DeleteRequest"]["Key"]))
            })
            .collect()
        }
        "TransactWriteItems" => {
            let all = input["TransactItems"].as_array().into_iter().flatten();
            let writes = all.filter_map(|one| one.as_object()?.values().next());
            writes
                .filter(|one| is_ours(&one["TableName"]))
                .filter_map(|one| of(&one["Item"]).or_else(|| of(&one["Key"])))
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_found_in_every_kind_of_write() {
        let item = json!({"RideId": {"S": "r"}, "Unicorn": {"M": {}}});
        let cases = [
            ("PutItem", json!({"TableName": "t", "Item": item}), vec!["r"]),
            ("PutItem", json!({"TableName": "arn:aws:dynamodb:us-east-2:1:table/t", "Item": item}), vec!["r"]),
            ("PutItem", json!({"TableName": "other", "Item": item}), vec![]),
            ("UpdateItem", json!({"TableName": "t", "Key": {"RideId": {"S": "r"}}}), vec!["r"]),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"t": [{"PutRequest": {"Item": item}}], "u": [{"PutRequest": {"Item": item}}]}}),
                vec!["r"],
            ),
            ("TransactWriteItems", json!({"TransactItems": [{"Put": {"TableName": "t", "Item": item}}]}), vec!["r"]),
            ("GetItem", json!({"TableName": "t", "Key": {"RideId": {"S": "r"}}}), vec![]),
            ("PutItem", json!({"TableName": "t", "Item": {}}), vec![]),
        ];
        for (operation, input, expected) in cases {
            assert_eq!(keys(operation, &input, "t", "RideId"), expected, "{operation} {input}");
        }
    }
}
