//! The answers of the query protocol: JSON becomes XML.

use serde_json::Value;

use crate::sandbox::service::Fault;

/// The answer of `operation`, with lists as `<member>` and the fields in `maps` as `<entry>`.
pub(super) fn output(operation: &str, namespace: &str, maps: &[&str], output: &Value, request_id: &str) -> String {
    let mut xml = String::with_capacity(512);
    xml.extend(["<?xml version=\"1.0\"?>\n<", operation, "Response xmlns=\"", namespace, "\">"]);
    element(&mut xml, &format!("{operation}Result"), maps, output);
    xml.push_str("<ResponseMetadata>");
    text(&mut xml, "RequestId", request_id);
    xml.extend(["</ResponseMetadata></", operation, "Response>\n"]);
    xml
}

/// An error.
pub(super) fn fault(namespace: &str, fault: &Fault, request_id: &str) -> String {
    let mut xml = String::with_capacity(512);
    xml.extend(["<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"", namespace, "\"><Error>"]);
    text(&mut xml, "Type", if fault.status >= 500 { "Receiver" } else { "Sender" });
    text(&mut xml, "Code", &fault.code);
    text(&mut xml, "Message", &fault.message);
    if let Some(Value::Object(more)) = fault.more.as_deref() {
        more.iter().for_each(|(name, value)| element(&mut xml, name, &[], value));
    }
    xml.push_str("</Error>");
    text(&mut xml, "RequestId", request_id);
    xml.push_str("</ErrorResponse>\n");
    xml
}

/// An error of the services whose answers have no wrappers, such as S3.
pub(super) fn bare_fault(fault: &Fault, request_id: &str) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>".to_owned();
    text(&mut xml, "Code", &fault.code);
    text(&mut xml, "Message", &fault.message);
    text(&mut xml, "RequestId", request_id);
    xml.push_str("</Error>\n");
    xml
}

fn text(xml: &mut String, name: &str, value: &str) {
    xml.extend(["<", name, ">"]);
    escape(xml, value);
    xml.extend(["</", name, ">"]);
}

fn element(xml: &mut String, name: &str, maps: &[&str], value: &Value) {
    match value {
        Value::Null if name.ends_with("Result") => xml.extend(["<", name, "/>"]),
        Value::Null => {}
        Value::String(value) => text(xml, name, value),
        Value::Bool(_) | Value::Number(_) => text(xml, name, &value.to_string()),
        Value::Array(items) => {
            xml.extend(["<", name, ">"]);
            items.iter().for_each(|item| element(xml, "member", maps, item));
            xml.extend(["</", name, ">"]);
        }
        Value::Object(fields) if maps.contains(&name) => {
            xml.extend(["<", name, ">"]);
            for (key, value) in fields {
                xml.push_str("<entry>");
                text(xml, "key", key);
                element(xml, "value", maps, value);
                xml.push_str("</entry>");
            }
            xml.extend(["</", name, ">"]);
        }
        Value::Object(fields) => {
            xml.extend(["<", name, ">"]);
            fields.iter().for_each(|(name, value)| element(xml, name, maps, value));
            xml.extend(["</", name, ">"]);
        }
    }
}

fn escape(xml: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            // Parsers would make a line feed of it.
            '\r' => xml.push_str("&#xD;"),
            '\t' | '\n' => xml.push(letter),
            // XML cannot hold these at all.
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            _ => xml.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outputs_have_the_form_of_the_protocol() {
        let value = json!({
            "Attributes": {"Policy": "{\"a\": 1}", "Owner": "x"}, "Topics": [{"TopicArn": "arn"}], "NextToken": null, "On": true, "N": 3,
            "None": [],
        });
        assert_eq!(
            output("Do", "http://n/", &["Attributes"], &value, "id"),
            "<?xml version=\"1.0\"?>\n<DoResponse xmlns=\"http://n/\"><DoResult><Attributes><entry><key>Policy</key><value>{&quot;a&quot;: 1}</value>\
             </entry><entry><key>Owner</key><value>x</value></entry></Attributes><Topics><member><TopicArn>arn</TopicArn></member></Topics>\
             <On>true</On><N>3</N><None></None></DoResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>\n"
        );
        assert!(output("Do", "n", &[], &Value::Null, "id").contains("<DoResult/>"));
    }

    #[test]
    fn errors_have_the_form_of_the_protocol() {
        let not_found = Fault::sender("NotFound", "no <topic> & \u{1}\r").status(404);
        assert_eq!(
            fault("n", &not_found, "id"),
            "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"n\"><Error><Type>Sender</Type><Code>NotFound</Code><Message>no &lt;topic&gt; &amp; \u{fffd}&#xD;\
             </Message></Error><RequestId>id</RequestId></ErrorResponse>\n"
        );
        assert!(fault("n", &Fault::internal("x"), "id").contains("<Type>Receiver</Type>"));
    }
}
