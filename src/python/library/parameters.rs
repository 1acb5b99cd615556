//! What boto3 checks before it sends anything: names and types of the parameters of the operations that rides travel through.

use crate::python::data::{Data, Kind, What};

struct Operation {
    service: &'static str,
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const OPERATIONS: &[Operation] = &[
    Operation {
        service: "sns",
        name: "publish",
        required: &["Message"],
        optional: &[
            "TopicArn",
            "TargetArn",
            "PhoneNumber",
            "Subject",
            "MessageStructure",
            "MessageAttributes",
            "MessageDeduplicationId",
            "MessageGroupId",
        ],
    },
    Operation {
        service: "sns",
        name: "publish_batch",
        required: &["TopicArn", "PublishBatchRequestEntries"],
        optional: &[],
    },
    Operation {
        service: "dynamodb",
        name: "put_item",
        required: &["TableName", "Item"],
        optional: &[
            "Expected",
            "ReturnValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ConditionalOperator",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ReturnValuesOnConditionCheckFailure",
        ],
    },
    Operation {
        service: "dynamodb",
        name: "transact_write_items",
        required: &["TransactItems"],
        optional: &["ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ClientRequestToken"],
    },
    Operation {
        service: "dynamodb",
        name: "batch_write_item",
        required: &["RequestItems"],
        optional: &["ReturnConsumedCapacity", "ReturnItemCollectionMetrics"],
    },
];

/// Parameters that must be strings.
const STRINGS: &[&str] =
    &["Message", "TopicArn", "TargetArn", "PhoneNumber", "Subject", "MessageStructure", "TableName"];

/// Why boto3 refuses the call, and the parameter at fault; none if it sends it.
pub(super) fn refusal(
    service: &str,
    operation: &str,
    arguments: &[(std::rc::Rc<str>, Data)],
    implied: &[&str],
    open: bool,
) -> Option<(String, Option<String>)> {
    let known = OPERATIONS.iter().find(|known| known.service == service && known.name == operation)?;
    let names = || known.required.iter().chain(known.optional);
    for (name, _) in arguments {
        if !names().any(|known| *known == &**name) {
            let near = names().max_by(|one, two| {
                let score = |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
                score(one).total_cmp(&score(two))
            });
            let hint = near.map(|near| format!("; boto3 spells it {near}")).unwrap_or_default();
            return Some((format!("{operation}() has no parameter '{name}'{hint}"), Some(name.to_string())));
        }
    }
    for name in known.required {
        if !implied.contains(name) && !arguments.iter().any(|(given, _)| &**given == *name) && !open {
            return Some((format!("{operation}() needs the parameter {name}"), None));
        }
    }
    for (name, value) in arguments {
        if STRINGS.contains(&&**name)
            && let Some(found) = not_text(value)
        {
            return Some((
                format!("{operation}() wants a string as {name}, and {found} is given"),
                Some(name.to_string()),
            ));
        }
        if &**name == "Item"
            && let Some(found) = not_dict(value)
        {
            return Some((format!("{operation}() wants a dict as Item, and {found} is given"), Some(name.to_string())));
        }
    }
    None
}

/// A description of the value if it certainly is no string.
fn not_text(value: &Data) -> Option<&'static str> {
    match value {
        Data::Str(_) => None,
        Data::Symbol(symbol) => match (symbol.kind, &symbol.what) {
            (Kind::Bytes, _) => Some("bytes"),
            (Kind::Uuid, _) => Some("a UUID"),
            (Kind::Number, _) => Some("a number"),
            (_, What::Serialized(_)) => Some("a dict"),
            _ => None,
        },
        Data::None => Some("None"),
        Data::Dict(_) => Some("a dict"),
        Data::List(_) => Some("a list"),
        Data::Tuple(_) => Some("a tuple"),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => Some("a number"),
        Data::Set(_) => Some("a set"),
        Data::Function(..) => Some("a function"),
        Data::Native(_) | Data::Object(_) => Some("an object"),
    }
}

/// A description of the value if it certainly is no dict.
fn not_dict(value: &Data) -> Option<&'static str> {
    match value {
        Data::Dict(_) => None,
        Data::Symbol(symbol) if symbol.kind == Kind::Any => None,
        Data::Symbol(symbol) if symbol.kind == Kind::Str => Some("a string"),
        Data::Str(_) => Some("a string"),
        Data::Object(_) | Data::Native(_) => Some("an object"),
        other => not_text(other),
    }
}

/// The operation of boto3 that a slightly wrong name means.
pub(super) fn mistyped_operation(service: &str, name: &str) -> Option<&'static str> {
    let known: &[&'static str] = match service {
        "sns" => &["publish", "publish_batch"],
        "dynamodb" => &["put_item", "transact_write_items", "batch_write_item"],
        _ => return None,
    };
    if known.contains(&name) {
        return None;
    }
    let flat = |text: &str| text.replace('_', "").to_lowercase();
    known.iter().find(|known| flat(known) == flat(name) || matches!(strsim::levenshtein(known, name), 1 | 2)).copied()
}
