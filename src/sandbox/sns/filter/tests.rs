//! Filter policies: what each pattern matches, and what is no policy.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Filter, Scope};
use crate::sandbox::sns::attribute::{self, Attribute};

fn text(value: &str) -> Value {
    json!({ "DataType": "String", "StringValue": value })
}

fn number(value: &str) -> Value {
    json!({ "DataType": "Number", "StringValue": value })
}

fn array(value: &Value) -> Value {
    json!({ "DataType": "String.Array", "StringValue": value.to_string() })
}

fn attributes(given: &Value) -> Vec<Attribute> {
    attribute::parse(Some(given)).unwrap()
}

fn passes(policy: &Value, given: &Value) -> bool {
    Filter::parse(&policy.to_string(), Scope::Attributes).unwrap().matches(&attributes(given), "x")
}

#[test]
fn attributes_pass_or_not() {
    let binary = json!({ "DataType": "Binary", "BinaryValue": "AAE=" });
    for (policy, given, expected) in [
        (json!({}), json!({}), true),
        (json!({ "a": ["x"] }), json!({ "a": text("x") }), true),
        (json!({ "a": ["x"] }), json!({ "a": text("X") }), false),
        (json!({ "a": ["x"] }), json!({ "b": text("x") }), false),
        (json!({ "a": ["x", "y"] }), json!({ "a": text("y") }), true),
        (json!({ "a": ["x"], "b": ["y"] }), json!({ "a": text("x") }), false),
        (json!({ "a": ["x"], "b": ["y"] }), json!({ "a": text("x"), "b": text("y"), "c": text("z") }), true),
        (json!({ "a": [1] }), json!({ "a": number("1.0") }), true),
        (json!({ "a": [1] }), json!({ "a": text("1") }), false),
        (json!({ "a": ["1"] }), json!({ "a": number("1") }), false),
        (json!({ "a": ["x"] }), json!({ "a": array(&json!(["w", "x"])) }), true),
        (json!({ "a": [2] }), json!({ "a": array(&json!([1, 2])) }), true),
        (json!({ "a": [true] }), json!({ "a": array(&json!([true])) }), true),
        (json!({ "a": [null] }), json!({ "a": array(&json!([null])) }), true),
        (json!({ "a": [{ "prefix": "uni" }] }), json!({ "a": text("unicorn") }), true),
        (json!({ "a": [{ "prefix": "uni" }] }), json!({ "a": text("pony") }), false),
        (json!({ "a": [{ "suffix": "corn" }] }), json!({ "a": text("unicorn") }), true),
        (json!({ "a": [{ "suffix": "corn" }] }), json!({ "a": text("cornet") }), false),
        (json!({ "a": [{ "wildcard": "u*co*n" }] }), json!({ "a": text("unicorn") }), true),
        (json!({ "a": [{ "wildcard": "u*x*n" }] }), json!({ "a": text("unicorn") }), false),
        (json!({ "a": [{ "wildcard": "ab*ba" }] }), json!({ "a": text("aba") }), false),
        (json!({ "a": [{ "equals-ignore-case": "UniCorn" }] }), json!({ "a": text("uNICORN") }), true),
        (json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": text("y") }), true),
        (json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": text("x") }), false),
        (json!({ "a": [{ "anything-but": "x" }] }), json!({}), false),
        (json!({ "a": [{ "anything-but": ["x", "y"] }] }), json!({ "a": text("y") }), false),
        (json!({ "a": [{ "anything-but": [1, 2] }] }), json!({ "a": number("2") }), false),
        (json!({ "a": [{ "anything-but": [1, 2] }] }), json!({ "a": number("3") }), true),
        (json!({ "a": [{ "anything-but": ["x"] }] }), json!({ "a": array(&json!(["x", "y"])) }), true),
        (json!({ "a": [{ "anything-but": ["x"] }] }), json!({ "a": array(&json!(["x"])) }), false),
        (json!({ "a": [{ "anything-but": { "prefix": "uni" } }] }), json!({ "a": text("unicorn") }), false),
        (json!({ "a": [{ "anything-but": { "suffix": ["x", "y"] } }] }), json!({ "a": text("z") }), true),
        (json!({ "a": [{ "numeric": ["=", 1.5] }] }), json!({ "a": number("1.5") }), true),
        (json!({ "a": [{ "numeric": [">", 0, "<=", 10] }] }), json!({ "a": number("10") }), true),
        (json!({ "a": [{ "numeric": [">", 0, "<=", 10] }] }), json!({ "a": number("0") }), false),
        (json!({ "a": [{ "numeric": ["<", 0] }] }), json!({ "a": number("-1e3") }), true),
        (json!({ "a": [{ "numeric": ["<", 0] }] }), json!({ "a": text("-1") }), false),
        (json!({ "a": [{ "exists": true }] }), json!({ "a": text("x") }), true),
        (json!({ "a": [{ "exists": true }] }), json!({ "a": binary }), true),
        (json!({ "a": [{ "exists": true }] }), json!({}), false),
        (json!({ "a": [{ "exists": false }] }), json!({}), true),
        (json!({ "a": [{ "exists": false }] }), json!({ "a": text("x") }), false),
        (json!({ "a": ["x", { "exists": false }] }), json!({}), true),
        (json!({ "a": ["AAE="] }), json!({ "a": binary }), false),
        (json!({ "a": [{ "cidr": "10.0.0.0/24" }] }), json!({ "a": text("10.0.0.255") }), true),
        (json!({ "a": [{ "cidr": "10.0.0.0/24" }] }), json!({ "a": text("10.0.1.0") }), false),
        (json!({ "a": [{ "cidr": "0.0.0.0/0" }] }), json!({ "a": text("8.8.8.8") }), true),
        (json!({ "a": [{ "cidr": "2001:db8::/32" }] }), json!({ "a": text("2001:db8::1") }), true),
        (json!({ "a": [{ "cidr": "::/0" }] }), json!({ "a": text("10.0.0.1") }), false),
        (json!({ "$or": [{ "a": ["x"] }, { "b": ["y"] }] }), json!({ "b": text("y") }), true),
        (json!({ "$or": [{ "a": ["x"] }, { "b": ["y"] }] }), json!({ "b": text("x") }), false),
        (json!({ "c": ["z"], "$or": [{ "a": ["x"] }, { "b": ["y"] }] }), json!({ "a": text("x") }), false),
        (
            json!({ "c": ["z"], "$or": [{ "a": ["x"] }, { "b": ["y"] }] }),
            json!({ "a": text("x"), "c": text("z") }),
            true,
        ),
    ] {
        assert_eq!(passes(&policy, &given), expected, "{policy} on {given}");
    }
}

#[test]
fn bodies_pass_or_not() {
    for (policy, body, expected) in [
        (json!({ "Unicorn": { "Color": ["White"] } }), r#"{"Unicorn":{"Name":"Shadowfax","Color":"White"}}"#, true),
        (json!({ "Unicorn": { "Color": ["White"] } }), r#"{"Unicorn":{"Color":"Golden"}}"#, false),
        (json!({ "Unicorn": { "Color": ["White"] } }), r#"{"Unicorn":[{"Color":"Golden"},{"Color":"White"}]}"#, true),
        (json!({ "Unicorn": { "Color": [{ "exists": false }] } }), r#"{}"#, true),
        (json!({ "n": [{ "numeric": [">=", 2] }] }), r#"{"n":2}"#, true),
        (json!({ "n": [{ "numeric": [">=", 2] }] }), r#"{"n":"2"}"#, false),
        (json!({ "n": ["x"] }), r#"{"n":["w","x"]}"#, true),
        (json!({ "n": [null] }), r#"{"n":null}"#, true),
        (json!({ "n": [{ "exists": true }] }), r#"{"n":{"m":1}}"#, false),
        (json!({ "n": [true] }), r#"{"n":true}"#, true),
        (json!({ "n": ["x"] }), "no json", false),
        (json!({ "n": ["x"] }), r#"["x"]"#, false),
        (json!({ "a": { "$or": [{ "b": [1] }, { "c": [2] }] } }), r#"{"a":{"c":2}}"#, true),
    ] {
        let filter = Filter::parse(&policy.to_string(), Scope::Body).unwrap();
        assert_eq!(filter.matches(&[], body), expected, "{policy} on {body}");
    }
}

#[test]
fn what_is_no_policy_is_refused_in_words() {
    let many = |count: usize| Value::Array((0..count).map(|n| json!(n)).collect());
    let six: serde_json::Map<_, _> = (0..6).map(|n| (n.to_string(), json!(["x"]))).collect();
    for (policy, words) in [
        ("nothing".to_owned(), "failed to parse JSON"),
        ("[]".to_owned(), "must be a JSON object"),
        (json!({ "a": "x" }).to_string(), "must be an object or an array"),
        (json!({ "a": [] }).to_string(), "Empty arrays"),
        (json!({ "a": { "b": ["x"] } }).to_string(), "does not support nested"),
        (json!({ "a": [["x"]] }).to_string(), "Match value must be"),
        (json!({ "a": [{ "starts": "x" }] }).to_string(), "Unrecognized match type starts"),
        (json!({ "a": [{ "prefix": "x", "suffix": "y" }] }).to_string(), "Only one key"),
        (json!({ "a": [{ "prefix": 1 }] }).to_string(), "prefix match pattern"),
        (json!({ "a": [{ "exists": "yes" }] }).to_string(), "exists match pattern"),
        (json!({ "a": [{ "anything-but": [] }] }).to_string(), "Empty arrays"),
        (json!({ "a": [{ "anything-but": { "numeric": ["<", 1] } }] }).to_string(), "Unsupported anything-but"),
        (json!({ "a": [{ "numeric": [] }] }).to_string(), "Invalid member"),
        (json!({ "a": [{ "numeric": ["~", 1] }] }).to_string(), "Unrecognized numeric range operator"),
        (json!({ "a": [{ "numeric": ["<", "1"] }] }).to_string(), "must be numeric"),
        (json!({ "a": [{ "numeric": [">", 5, "<", 1] }] }).to_string(), "Bottom must be less"),
        (json!({ "a": [{ "numeric": ["<", 5, ">", 1] }] }).to_string(), "Bad numeric range"),
        (json!({ "a": [{ "cidr": "10.0.0.0" }] }).to_string(), "Malformed CIDR"),
        (json!({ "a": [{ "cidr": "10.0.0.0/33" }] }).to_string(), "Malformed CIDR"),
        (Value::Object(six).to_string(), "more than 5 keys"),
        (json!({ "a": many(151) }).to_string(), "too complex"),
        (json!({ "a": many(13), "b": many(13) }).to_string(), "too complex"),
    ] {
        let problem = Filter::parse(&policy, Scope::Attributes).unwrap_err();
        assert!(problem.contains(words), "{policy}: {problem}");
    }
}

proptest! {
    /// A pattern and its `anything-but` never agree on an attribute with one value.
    #[test]
    fn anything_but_is_the_opposite(value in "[a-c]{1,3}", wanted in "[a-c]{1,3}", kind in prop::sample::select(vec!["", "prefix", "suffix", "equals-ignore-case"])) {
        let pattern = if kind.is_empty() { json!(wanted) } else { json!({ kind: wanted }) };
        let given = json!({ "a": text(&value) });
        prop_assert_ne!(passes(&json!({ "a": [pattern] }), &given), passes(&json!({ "a": [{ "anything-but": pattern }] }), &given));
    }

    /// More patterns let through more, more keys less.
    #[test]
    fn lists_are_or_and_keys_are_and(value in "[a-c]{1,2}", one in "[a-c]{1,2}", two in "[a-c]{1,2}") {
        let given = json!({ "a": text(&value), "b": text(&value) });
        let each = [passes(&json!({ "a": [one] }), &given), passes(&json!({ "a": [two] }), &given)];
        prop_assert_eq!(passes(&json!({ "a": [one, two] }), &given), each[0] || each[1]);
        prop_assert_eq!(passes(&json!({ "a": [one], "b": [two] }), &given), each[0] && each[1]);
        prop_assert_eq!(passes(&json!({ "$or": [{ "a": [one] }, { "b": [two] }] }), &given), each[0] || each[1]);
    }

    /// Numbers compare as numbers, however they are written, and the same in attributes and body.
    #[test]
    fn numbers_compare_as_numbers(value in -1000i32..1000, bound in -1000i32..1000, order in prop::sample::select(vec!["<", "<=", "=", ">", ">="])) {
        let expected = match order { "<" => value < bound, "<=" => value <= bound, "=" => value == bound, ">" => value > bound, _ => value >= bound };
        let policy = json!({ "a": [{ "numeric": [order, bound] }] });
        for written in [value.to_string(), format!("{value}.0"), format!("{value}e0")] {
            prop_assert_eq!(passes(&policy, &json!({ "a": number(&written) })), expected);
        }
        let body = Filter::parse(&policy.to_string(), Scope::Body).unwrap();
        prop_assert_eq!(body.matches(&[], &json!({ "a": value }).to_string()), expected);
    }

    /// Whatever a policy is, it is read or refused.
    #[test]
    fn no_policy_is_too_strange(policy in "\\PC{0,60}", body in "\\PC{0,60}") {
        for scope in [Scope::Attributes, Scope::Body] {
            if let Ok(filter) = Filter::parse(&policy, scope) {
                filter.matches(&[], &body);
            }
        }
    }
}
