//! What boto3 checks before it sends anything: names and shapes of the parameters of the operations that rides travel through.

use std::rc::Rc;

use crate::python::data::{Data, Kind, What};

/// What a parameter must look like.
enum Shape {
    Text,
    /// A dict from names to values of one shape.
    Map(&'static Shape),
    List(&'static Shape),
    /// A dict with fixed keys.
    Fields(&'static [&'static str], &'static [(&'static str, &'static Shape)]),
    /// A value for DynamoDB: typed for the low-level client, plain for a resource.
    Value,
    /// Not looked at.
    Any,
}

struct Operation {
    service: &'static str,
    name: &'static str,
    required: &'static [&'static str],
    parameters: &'static [(&'static str, &'static Shape)],
}

const TEXT: &Shape = &Shape::Text;
const ANY: &Shape = &Shape::Any;
const TEXTS: &Shape = &Shape::Map(TEXT);
const ITEM: &Shape = &Shape::Map(&Shape::Value);
const ATTRIBUTES: &Shape =
    &Shape::Map(&Shape::Fields(&["DataType"], &[("DataType", TEXT), ("StringValue", TEXT), ("BinaryValue", ANY)]));
const ENTRY: &Shape = &Shape::Fields(
    &["Id", "Message"],
    &[
        ("Id", TEXT),
        ("Message", TEXT),
        ("Subject", TEXT),
        ("MessageStructure", TEXT),
        ("MessageAttributes", ATTRIBUTES),
        ("MessageDeduplicationId", TEXT),
        ("MessageGroupId", TEXT),
    ],
);
const PUT: &Shape = &Shape::Fields(
    &["Item", "TableName"],
    &[
        ("Item", ITEM),
        ("TableName", TEXT),
        ("ConditionExpression", TEXT),
        ("ExpressionAttributeNames", TEXTS),
        ("ExpressionAttributeValues", ITEM),
        ("ReturnValuesOnConditionCheckFailure", TEXT),
    ],
);
const TRANSACTION: &Shape =
    &Shape::Fields(&[], &[("ConditionCheck", ANY), ("Put", PUT), ("Delete", ANY), ("Update", ANY)]);
const WRITE: &Shape =
    &Shape::Fields(&[], &[("PutRequest", &Shape::Fields(&["Item"], &[("Item", ITEM)])), ("DeleteRequest", ANY)]);

const OPERATIONS: &[Operation] = &[
    Operation {
        service: "sns",
        name: "publish",
        required: &["Message"],
        parameters: &[
            ("Message", TEXT),
            ("TopicArn", TEXT),
            ("TargetArn", TEXT),
            ("PhoneNumber", TEXT),
            ("Subject", TEXT),
            ("MessageStructure", TEXT),
            ("MessageAttributes", ATTRIBUTES),
            ("MessageDeduplicationId", TEXT),
            ("MessageGroupId", TEXT),
        ],
    },
    Operation {
        service: "sns",
        name: "publish_batch",
        required: &["TopicArn", "PublishBatchRequestEntries"],
        parameters: &[("TopicArn", TEXT), ("PublishBatchRequestEntries", &Shape::List(ENTRY))],
    },
    Operation {
        service: "dynamodb",
        name: "put_item",
        required: &["TableName", "Item"],
        parameters: &[
            ("TableName", TEXT),
            ("Item", ITEM),
            ("Expected", ANY),
            ("ReturnValues", TEXT),
            ("ReturnConsumedCapacity", TEXT),
            ("ReturnItemCollectionMetrics", TEXT),
            ("ConditionalOperator", TEXT),
            ("ConditionExpression", ANY),
            ("ExpressionAttributeNames", TEXTS),
            ("ExpressionAttributeValues", ITEM),
            ("ReturnValuesOnConditionCheckFailure", TEXT),
        ],
    },
    Operation {
        service: "dynamodb",
        name: "transact_write_items",
        required: &["TransactItems"],
        parameters: &[
            ("TransactItems", &Shape::List(TRANSACTION)),
            ("ReturnConsumedCapacity", TEXT),
            ("ReturnItemCollectionMetrics", TEXT),
            ("ClientRequestToken", TEXT),
        ],
    },
    Operation {
        service: "dynamodb",
        name: "batch_write_item",
        required: &["RequestItems"],
        parameters: &[
            ("RequestItems", &Shape::Map(&Shape::List(WRITE))),
            ("ReturnConsumedCapacity", TEXT),
            ("ReturnItemCollectionMetrics", TEXT),
        ],
    },
];

/// A call, as far as its parameters matter.
pub(super) struct Call<'c> {
    pub service: &'c str,
    pub operation: &'c str,
    /// Whether values for DynamoDB are plain, as a resource takes them.
    pub plain: bool,
    /// Parameters that the resource adds.
    pub implied: &'c [&'c str],
    /// More may be passed than is known.
    pub open: bool,
}

/// Why boto3 does not send a call.
pub(super) struct Refusal {
    /// The exception.
    pub class: &'static str,
    pub reason: String,
    /// The parameter at fault.
    pub parameter: Option<String>,
}

impl Call<'_> {
    /// Why boto3 refuses the call; none if it sends it.
    pub fn refusal(&self, arguments: &[(Rc<str>, Data)]) -> Option<Refusal> {
        let operation = self.operation;
        let known = OPERATIONS.iter().find(|known| known.service == self.service && known.name == operation)?;
        let refuse = |reason: String, parameter: Option<&str>| {
            let parameter = parameter.map(ToOwned::to_owned);
            Some(Refusal { class: "ParamValidationError", reason, parameter })
        };
        let names = || known.parameters.iter().map(|(name, _)| *name);
        for (name, _) in arguments {
            if !names().any(|known| *known == **name) {
                let hint = nearest(names(), name).map(|near| format!("; boto3 spells it {near}")).unwrap_or_default();
                return refuse(format!("{operation}() has no parameter '{name}'{hint}"), Some(&**name));
            }
        }
        for name in known.required {
            if !self.implied.contains(name) && !arguments.iter().any(|(given, _)| &**given == *name) && !self.open {
                return refuse(format!("{operation}() needs the parameter {name}"), None);
            }
        }
        for (name, value) in arguments {
            let Some((_, shape)) = known.parameters.iter().find(|(known, _)| *known == &**name) else { continue };
            if let Some(reason) = self.mismatch(shape, value, name) {
                return refuse(format!("{operation}() {reason}"), Some(&**name));
            }
            if self.plain
                && self.service == "dynamodb"
                && let Some(kind) = unsupported(value)
            {
                let reason = if kind == "float" {
                    "DynamoDB takes no float: Float types are not supported. Use Decimal types instead".to_owned()
                } else {
                    format!("DynamoDB has no type for a {kind}: Unsupported type")
                };
                return Some(Refusal { class: "TypeError", reason, parameter: Some(name.to_string()) });
            }
        }
        None
    }

    /// Why a value is not of a shape, in words that follow "publish() …".
    fn mismatch(&self, shape: &Shape, value: &Data, name: &str) -> Option<String> {
        let wants = |wanted: &str, found: &str| Some(format!("wants {wanted} as {name}, and {found} is given"));
        match shape {
            Shape::Any => None,
            Shape::Text => not_text(value).and_then(|found| wants("a string", found)),
            Shape::Map(inner) => match value {
                Data::Dict(dict) => dict.entries.iter().find_map(|(key, value)| {
                    let name = format!("{name}[{}]", shown(key));
                    self.mismatch(inner, value, &name)
                }),
                other => not_dict(other).and_then(|found| wants("a dict", found)),
            },
            Shape::List(inner) => match value {
                Data::List(items) | Data::Tuple(items) => {
                    items.iter().find_map(|item| self.mismatch(inner, item, &format!("an entry of {name}")))
                }
                Data::Symbol(symbol) if symbol.kind != Kind::Str && symbol.kind != Kind::Bytes => None,
                Data::Dict(_) => wants("a list", "a dict"),
                Data::Object(what) => wants("a list", what),
                other => wants("a list", not_dict(other).unwrap_or("something else")),
            },
            Shape::Fields(required, fields) => match value {
                Data::Dict(dict) => {
                    for (key, value) in &dict.entries {
                        let Data::Str(key) = key else { continue };
                        match fields.iter().find(|(known, _)| *known == &**key) {
                            Some((_, shape)) => {
                                if let Some(reason) = self.mismatch(shape, value, key) {
                                    return Some(reason);
                                }
                            }
                            None => {
                                let near = nearest(fields.iter().map(|(name, _)| *name), key);
                                let near = near.map(|near| format!("; boto3 spells it {near}")).unwrap_or_default();
                                return Some(format!("knows no key '{key}' in {name}{near}"));
                            }
                        }
                    }
                    let missing = required.iter().find(|name| !dict.open && value.get(name).is_none());
                    missing.map(|missing| format!("needs the key {missing} in {name}"))
                }
                other => not_dict(other).and_then(|found| wants("a dict", found)),
            },
            Shape::Value if self.plain => None,
            Shape::Value => typed(value).map(|found| {
                format!("of the low-level client wants every value with its type, as in {{'S': …}}: {name} is {found}")
            }),
        }
    }
}

/// The known name that is closest to a wrong one.
fn nearest<'n>(names: impl Iterator<Item = &'n str>, wrong: &str) -> Option<&'n str> {
    let score = |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &wrong.to_lowercase());
    names.max_by(|one, two| score(one).total_cmp(&score(two)))
}

fn shown(key: &Data) -> String {
    match key {
        Data::Str(key) => format!("'{key}'"),
        _ => "…".to_owned(),
    }
}

/// What is wrong with a value that should be in DynamoDB's typed form, in words that follow "is".
fn typed(value: &Data) -> Option<&'static str> {
    match value {
        Data::Dict(dict) if dict.open => None,
        Data::Dict(dict) => match dict.entries.as_slice() {
            [(Data::Str(kind), inner)] => match (&**kind, inner) {
                ("S" | "N", inner) => not_text(inner),
                ("M", Data::Dict(dict)) => dict.entries.iter().find_map(|(_, value)| typed(value)),
                ("M", inner) => not_dict(inner),
                ("L", Data::List(items)) => items.iter().find_map(typed),
                ("B" | "SS" | "NS" | "BS" | "L" | "NULL" | "BOOL", _) => None,
                _ => Some("a plain dict"),
            },
            _ => Some("a plain dict"),
        },
        Data::Symbol(symbol) if symbol.kind == Kind::Any => None,
        Data::Symbol(symbol) if matches!(symbol.what, What::Unknown(..)) => None,
        Data::Symbol(symbol) if symbol.kind == Kind::Str => Some("a string"),
        Data::Str(_) => Some("a string"),
        other => not_text(other),
    }
}

/// The type of the first part that a resource of DynamoDB cannot write.
fn unsupported(value: &Data) -> Option<&'static str> {
    match value {
        Data::Float(_) => Some("float"),
        Data::Dict(dict) => dict.entries.iter().find_map(|(_, value)| unsupported(value)),
        Data::List(items) | Data::Tuple(items) => items.iter().find_map(unsupported),
        Data::Symbol(symbol) => match symbol.kind {
            Kind::Uuid => Some("UUID"),
            Kind::Time => Some("datetime"),
            _ => None,
        },
        Data::Function(..) => Some("function"),
        _ => None,
    }
}

/// A description of the value if it certainly is no string.
pub(super) fn not_text(value: &Data) -> Option<&'static str> {
    match value {
        Data::Str(_) => None,
        Data::Symbol(symbol) => match (symbol.kind, &symbol.what) {
            (Kind::Bytes, _) => Some("bytes"),
            (Kind::Uuid, _) => Some("a UUID"),
            (Kind::Time, _) => Some("a datetime"),
            (Kind::Decimal, _) => Some("a Decimal"),
            (Kind::Number, _) => Some("a number"),
            (Kind::Bool, _) => Some("a bool"),
            (_, What::Serialized(_)) => Some("a dict"),
            _ => None,
        },
        Data::None => Some("None"),
        Data::Dict(_) => Some("a dict"),
        Data::List(_) => Some("a list"),
        Data::Tuple(_) => Some("a tuple"),
        Data::Bool(_) => Some("a bool"),
        Data::Int(_) | Data::Float(_) => Some("a number"),
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
        Data::Symbol(symbol) if matches!(symbol.what, What::Unknown(..)) => None,
        Data::Symbol(symbol) if symbol.kind == Kind::Str => Some("a string"),
        Data::Str(_) => Some("a string"),
        Data::Object(_) | Data::Native(_) => Some("an object"),
        other => not_text(other),
    }
}
