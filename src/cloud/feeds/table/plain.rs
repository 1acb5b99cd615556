//! Items of DynamoDB as plain JSON, as a reader sees them: no types around the values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

macro_rules! plain {
    ($name:ident, $item:ident, $kind:ty) => {
        fn $name(value: &$kind) -> Value {
            use $kind as Kind;
            match value {
                Kind::S(text) => Value::from(text.as_str()),
                Kind::N(digits) => number(digits),
                Kind::B(bytes) => base64(bytes.as_ref()),
                Kind::Bool(is) => Value::from(*is),
                Kind::Null(_) => Value::Null,
                Kind::L(list) => list.iter().map($name).collect(),
                Kind::M(map) => $item(map),
                Kind::Ss(set) => set.iter().map(String::as_str).collect(),
                Kind::Ns(set) => set.iter().map(|digits| number(digits)).collect(),
                Kind::Bs(set) => set.iter().map(|bytes| base64(bytes.as_ref())).collect(),
                _ => Value::Null,
            }
        }

        /// An item, its attributes in order of name.
        pub(super) fn $item(item: &std::collections::HashMap<String, $kind>) -> Value {
            let mut names: Vec<&String> = item.keys().collect();
            names.sort_unstable();
            let all = names.into_iter().filter_map(|name| Some((name.clone(), $name(item.get(name)?))));
            Value::Object(all.collect::<Map<_, _>>())
        }
    };
}

plain!(of_table, item, aws_sdk_dynamodb::types::AttributeValue);
plain!(of_stream, stream_item, aws_sdk_dynamodbstreams::types::AttributeValue);

/// A number, unless it has more digits than JSON readers keep: then its text.
fn number(digits: &str) -> Value {
    match serde_json::from_str::<serde_json::Number>(digits) {
        Ok(number) if number.to_string() == digits => Value::Number(number),
        _ => Value::from(digits),
    }
}

fn base64(bytes: &[u8]) -> Value {
    Value::from(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::primitives::Blob;
    use aws_sdk_dynamodb::types::AttributeValue::{B, Bool, Bs, L, M, N, Ns, Null, S, Ss};
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_is_told_without_its_type() {
        let cases = [
            (S("a".to_owned()), json!("a")),
            (N("7".to_owned()), json!(7)),
            (N("-1.5".to_owned()), json!(-1.5)),
            (N("12345678901234567890123456789012345678".to_owned()), json!("12345678901234567890123456789012345678")),
            (N("1.10".to_owned()), json!("1.10")),
            (B(Blob::new([0, 255])), json!("AP8=")),
            (Bool(true), json!(true)),
            (Null(true), json!(null)),
            (L(vec![N("1".to_owned()), S("b".to_owned())]), json!([1, "b"])),
            (M(HashMap::from([("Name".to_owned(), S("Rocinante".to_owned()))])), json!({"Name": "Rocinante"})),
            (Ss(vec!["a".to_owned()]), json!(["a"])),
            (Ns(vec!["1".to_owned(), "2.5".to_owned()]), json!([1, 2.5])),
            (Bs(vec![Blob::new(*b"x")]), json!(["eA=="])),
        ];
        for (value, expected) in cases {
            assert_eq!(of_table(&value), expected);
        }
    }

    #[test]
    fn attributes_come_in_the_same_order_each_time() {
        let one = |name: &str| (name.to_owned(), S(name.to_owned()));
        let plain = item(&HashMap::from([one("b"), one("c"), one("a")]));
        assert_eq!(plain.to_string(), r#"{"a":"a","b":"b","c":"c"}"#);
    }
}
