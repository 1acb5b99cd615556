//! SNS and SQS through the AWS SDK for Rust, as the monitor tails a topic.

use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use rydes::sandbox::{Options, Sandbox};
use serde_json::Value;

use crate::sdk::settings;

fn attribute(kind: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap()
}

#[tokio::test]
async fn a_queue_tails_a_topic() {
    let sandbox = Sandbox::start(Options::scratch()).await.unwrap();
    let settings = settings(&sandbox);
    let (sns, sqs) = (aws_sdk_sns::Client::new(&settings), aws_sdk_sqs::Client::new(&settings));
    let topic = sns.create_topic().name("rides").send().await.unwrap().topic_arn.unwrap();
    let policy = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"*","Condition":{{"ArnEquals":{{"aws:SourceArn":"{topic}"}}}}}}]}}"#
    );
    let made = sqs.create_queue().queue_name("tail").attributes(QueueAttributeName::Policy, policy).send();
    let url = made.await.unwrap().queue_url.unwrap();
    let known = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn).send();
    let arn = known.await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    let subscribe = || sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(&arn).send();
    let subscription = subscribe().await.unwrap().subscription_arn;
    assert_eq!(subscribe().await.unwrap().subscription_arn, subscription);

    // Somebody waits for messages before there are any.
    let receive = {
        let (sqs, url) = (sqs.clone(), url.clone());
        tokio::spawn(async move {
            let all = MessageSystemAttributeName::All;
            let receive =
                sqs.receive_message().queue_url(url).wait_time_seconds(20).message_system_attribute_names(all);
            receive.send().await.unwrap().messages.unwrap_or_default()
        })
    };
    let blob =
        MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 1, 255])).build().unwrap();
    let published = sns
        .publish()
        .topic_arn(&topic)
        .message("{\"RideId\": \"1 & <2>\"}")
        .message_attributes("kind", attribute("String", "ride"))
        .message_attributes("blob", blob)
        .send();
    let id = published.await.unwrap().message_id.unwrap();
    let messages = tokio::time::timeout(std::time::Duration::from_secs(15), receive).await.unwrap().unwrap();
    let envelope: Value = serde_json::from_str(messages[0].body().unwrap()).unwrap();
    assert_eq!(envelope["MessageId"], id);
    assert_eq!(envelope["Message"], "{\"RideId\": \"1 & <2>\"}");
    assert_eq!(envelope["MessageAttributes"]["kind"]["Value"], "ride");
    assert_eq!(envelope["MessageAttributes"]["blob"]["Value"], "AAH/");
    sqs.delete_message().queue_url(&url).receipt_handle(messages[0].receipt_handle().unwrap()).send().await.unwrap();

    let entry = |id: &str, message: &str| PublishBatchRequestEntry::builder().id(id).message(message).build().unwrap();
    let batch = sns.publish_batch().topic_arn(&topic);
    let batch = batch.publish_batch_request_entries(entry("a", "1")).publish_batch_request_entries(entry("b", ""));
    let batch = batch.send().await.unwrap();
    assert_eq!((batch.successful().len(), batch.failed()[0].code()), (1, "InvalidParameter"));

    let none = sns.publish().topic_arn(format!("{topic}x")).message("x").send().await.unwrap_err();
    assert!(none.as_service_error().is_some_and(|error| error.is_not_found_exception()), "{none:?}");
    let none = sqs.get_queue_url().queue_name("none").send().await.unwrap_err();
    assert!(none.as_service_error().is_some_and(|error| error.is_queue_does_not_exist()), "{none:?}");
    let empty = sns.publish().topic_arn(&topic).message("").send().await.unwrap_err();
    assert_eq!(empty.as_service_error().and_then(ProvideErrorMetadata::code), Some("InvalidParameter"));
    sandbox.stop().await.unwrap();
}
