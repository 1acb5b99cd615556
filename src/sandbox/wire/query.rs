//! The AWS query protocol, read: a form with dotted names becomes JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::encoding::pairs;
use crate::sandbox::service::Fault;

/// Deeper names than any service of AWS has.
const DEEPEST: usize = 16;
/// More pairs than any request of AWS may have.
const MOST_PAIRS: usize = 10_000;

/// The value and the members below one name.
#[derive(Debug, Default)]
struct Node {
    value: Option<String>,
    /// In the order of their first appearance.
    members: Vec<(String, Node)>,
    places: BTreeMap<String, usize>,
}

/// Reads a form: the value of `Action`, and all the rest as an object. `A.member.N` and `A.N` are lists; `A.entry.N.key` and `.value`
/// (or `.Name` and `.Value`) are maps. All values are strings; an empty list arrives as `""`.
///
/// # Errors
/// `MissingAction`; `MalformedQueryString` for names that contradict each other.
pub fn parse(form: &str) -> Result<(String, Value), Fault> {
    let mut root = Node::default();
    let mut action = None;
    let pairs = pairs(form);
    if pairs.len() > MOST_PAIRS {
        return Err(malformed(format!("more than {MOST_PAIRS} parameters")));
    }
    for (name, value) in pairs {
        match name.as_str() {
            "Action" => action = Some(value),
            "Version" => {}
            signed if signed.starts_with("X-Amz-") => {}
            _ => insert(&mut root, &name, value)?,
        }
    }
    let action = action.filter(|action| !action.is_empty()).ok_or_else(|| {
        Fault::sender("MissingAction", "Could not find the operation: the request has no Action parameter.")
    })?;
    let input = root.members.into_iter().map(|(name, node)| (name, to_json(node))).collect::<Map<_, _>>();
    Ok((action, Value::Object(input)))
}

fn malformed(what: impl std::fmt::Display) -> Fault {
    Fault::sender("MalformedQueryString", format!("The query string contains {what}."))
}

fn insert(root: &mut Node, name: &str, value: String) -> Result<(), Fault> {
    let mut node = root;
    for (depth, piece) in name.split('.').enumerate() {
        if piece.is_empty() || depth == DEEPEST || node.value.is_some() {
            return Err(malformed(format!("the parameter {name}, which cannot be understood")));
        }
        let next = node.members.len();
        let place = *node.places.entry(piece.to_owned()).or_insert(next);
        if place == next {
            node.members.push((piece.to_owned(), Node::default()));
        }
        node = &mut node.members[place].1;
    }
    if !node.members.is_empty() {
        return Err(malformed(format!("the parameter {name} both with a value and with members")));
    }
    node.value = Some(value);
    Ok(())
}

fn to_json(mut node: Node) -> Value {
    if let Some(value) = node.value {
        return Value::String(value);
    }
    if node.members.iter().all(|(name, _)| number(name).is_some()) {
        return Value::Array(numbered(node.members).into_iter().map(to_json).collect());
    }
    if let [(name, inner)] = node.members.as_mut_slice()
        && !inner.members.is_empty()
        && inner.members.iter().all(|(name, _)| number(name).is_some())
    {
        if name == "member" {
            return Value::Array(numbered(std::mem::take(&mut inner.members)).into_iter().map(to_json).collect());
        }
        if name == "entry" && inner.members.iter().all(|(_, entry)| entry_key(entry).is_some()) {
            return Value::Object(numbered(std::mem::take(&mut inner.members)).into_iter().filter_map(entry).collect());
        }
    }
    Value::Object(node.members.into_iter().map(|(name, node)| (name, to_json(node))).collect())
}

/// `1`, `2` …, as lists are numbered.
fn number(name: &str) -> Option<u32> {
    name.bytes().all(|digit| digit.is_ascii_digit()).then(|| name.parse().ok()).flatten()
}

fn numbered(mut members: Vec<(String, Node)>) -> Vec<Node> {
    members.sort_by_key(|(name, _)| number(name));
    members.into_iter().map(|(_, node)| node).collect()
}

fn entry_key(entry: &Node) -> Option<&str> {
    let key = entry.members.iter().find(|(name, _)| name == "key" || name == "Name" || name == "Key");
    key.and_then(|(_, node)| node.value.as_deref())
}

fn entry(entry: Node) -> Option<(String, Value)> {
    let key = entry_key(&entry)?.to_owned();
    let value = entry.members.into_iter().find(|(name, _)| name == "value" || name == "Value");
    Some((key, value.map_or_else(|| Value::String(String::new()), |(_, node)| to_json(node))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_become_json() {
        for (form, expected) in [
            ("", json!({})),
            ("Name=a+b%26c&Empty=", json!({"Name": "a b&c", "Empty": ""})),
            ("L.member.2=b&L.member.1=a&L.member.10=c", json!({"L": ["a", "b", "c"]})),
            ("L.1=a&L.2=b", json!({"L": ["a", "b"]})),
            ("S.member=x", json!({"S": {"member": "x"}})),
            ("Tags.member.1.Key=k&Tags.member.1.Value=v", json!({"Tags": [{"Key": "k", "Value": "v"}]})),
            ("A.entry.1.key=k&A.entry.1.value=v&A.entry.2.key=l", json!({"A": {"k": "v", "l": ""}})),
            (
                "M.entry.1.Name=n&M.entry.1.Value.DataType=String&M.entry.1.Value.StringValue=x.y",
                json!({"M": {"n": {"DataType": "String", "StringValue": "x.y"}}}),
            ),
            (
                "E.member.1.Id=1&E.member.1.M.entry.1.Name=n&E.member.1.M.entry.1.Value.DataType=Number",
                json!({"E": [{"Id": "1", "M": {"n": {"DataType": "Number"}}}]}),
            ),
            ("Attribute.1.Name=n&Attribute.1.Value=v", json!({"Attribute": [{"Name": "n", "Value": "v"}]})),
            ("entry=x&member=y&1=z", json!({"entry": "x", "member": "y", "1": "z"})),
            ("X-Amz-Date=1&Version=2010-03-31&Name=n", json!({"Name": "n"})),
        ] {
            assert_eq!(parse(&format!("Action=Do&{form}")), Ok(("Do".to_owned(), expected)), "{form}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let code = |form: &str| parse(form).unwrap_err().code;
        assert_eq!(code("Version=1"), "MissingAction");
        assert_eq!(code("Action="), "MissingAction");
        for form in ["A=1&A.b=2", "A.b=2&A=1", "A..b=1", ".=1", "A.=1"] {
            assert_eq!(code(&format!("Action=Do&{form}")), "MalformedQueryString", "{form}");
        }
        let deep = format!("Action=Do&{}=1", ["a"; 17].join("."));
        assert_eq!(code(&deep), "MalformedQueryString");
        assert_eq!(code(&format!("Action=Do{}", "&a=1".repeat(MOST_PAIRS))), "MalformedQueryString");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(form in "\\PC*") {
            let _ = parse(&form);
        }

        #[test]
        fn dotted_names_are_read_or_refused(names in prop::collection::vec("([a-c]|member|entry|key|Name|value|[0-9]{1,3}|)(\\.([a-c]|member|entry|key|Name|value|[0-9]{1,3})){0,5}", 0..8)) {
            let form: String = names.iter().map(|name| format!("&{name}=x")).collect();
            let _ = parse(&format!("Action=Do{form}"));
        }

        #[test]
        fn lists_come_back_in_order(items in prop::collection::vec("[a-z]{0,5}", 1..30)) {
            let form: String = items.iter().enumerate().map(|(at, item)| format!("&L.member.{}={item}", at + 1)).collect();
            prop_assert_eq!(parse(&format!("Action=Do{form}")).unwrap().1, json!({ "L": items }));
        }
    }
}
