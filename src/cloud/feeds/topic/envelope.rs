//! A message of the queue, read: with the envelope of SNS, or as somebody else put it there.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use chrono::DateTime;
use serde_json::Value;

use crate::ride::{Happening, Time};

/// What was published, and when by the clock of SNS; `topic` is the topic that the queue is subscribed to.
pub(super) fn read(message: &Message, topic: &str) -> (Option<Time>, Happening) {
    let text = message.body().unwrap_or_default();
    let envelope: Option<Value> = serde_json::from_str(text).ok().filter(|envelope: &Value| {
        envelope["Type"] == "Notification" && envelope["Message"].is_string() && envelope["MessageId"].is_string()
    });
    let Some(envelope) = envelope else {
        let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
        let at = sent.and_then(|millis| millis.parse().ok()).map(Time::from_millis);
        let id = message.message_id().unwrap_or_default().to_owned();
        return (at, Happening::Message { topic: topic.to_owned(), id, body: text.to_owned(), envelope: None });
    };
    let words = |key: &str| envelope[key].as_str().unwrap_or_default().to_owned();
    let at = DateTime::parse_from_rfc3339(&words("Timestamp")).ok().map(|time| Time(time.timestamp_micros()));
    let topic = envelope["TopicArn"].as_str().unwrap_or(topic).to_owned();
    let happening =
        Happening::Message { topic, id: words("MessageId"), body: words("Message"), envelope: Some(text.to_owned()) };
    (at, happening)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        let sent = (MessageSystemAttributeName::SentTimestamp, "1795848954409".to_owned());
        Message::builder().message_id("sqs-1").body(body).set_attributes(Some([sent].into())).build()
    }

    #[test]
    fn the_envelope_of_sns_is_opened() {
        let body = r#"{"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:t", "Message": "{\"RideId\": \"r\"}", "Timestamp": "2026-11-28T06:55:54.409Z"}"#;
        let (at, happening) = read(&message(body), "arn:other");
        assert_eq!(at, Some(Time(1_795_848_954_409_000)));
        let expected = Happening::Message {
            topic: "arn:t".to_owned(),
            id: "m-1".to_owned(),
            body: "{\"RideId\": \"r\"}".to_owned(),
            envelope: Some(body.to_owned()),
        };
        assert_eq!(happening, expected);
    }

    #[test]
    fn anything_else_is_told_as_it_is() {
        let long = "x".repeat(256 << 10);
        for body in
            ["", "not JSON", "{\"RideId\": \"r\"}", "[1]", "{\"Type\": \"Notification\"}", "\u{fffd}\u{1}", &long]
        {
            let (at, happening) = read(&message(body), "arn:t");
            assert_eq!(at, Some(Time(1_795_848_954_409_000)));
            let (topic, id) = ("arn:t".to_owned(), "sqs-1".to_owned());
            assert_eq!(happening, Happening::Message { topic, id, body: body.to_owned(), envelope: None });
        }
    }
}
