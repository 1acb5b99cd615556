//! SQS and SNS.

use aws_config::SdkConfig;
use aws_sdk_sns::types::{PublishBatchRequestEntry, Tag};
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, QueueAttributeName,
    SendMessageBatchRequestEntry,
};

use super::{Driven, drive};

pub(super) async fn queues_and_topics(settings: &SdkConfig, driven: &mut Driven) {
    let sqs = aws_sdk_sqs::Client::new(settings);
    let url = drive!(driven, "sqs" "CreateQueue", sqs.create_queue().queue_name("tail")).queue_url.unwrap();
    let got = drive!(driven, "sqs" "GetQueueUrl", sqs.get_queue_url().queue_name("tail"));
    assert_eq!(got.queue_url(), Some(url.as_str()));
    assert_eq!(drive!(driven, "sqs" "ListQueues", sqs.list_queues()).queue_urls(), std::slice::from_ref(&url));
    let set = sqs.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::VisibilityTimeout, "40");
    drive!(driven, "sqs" "SetQueueAttributes", set);
    let get = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
    let attributes = drive!(driven, "sqs" "GetQueueAttributes", get).attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "40");
    drive!(driven, "sqs" "SendMessage", sqs.send_message().queue_url(&url).message_body("a & <b>"));
    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().unwrap();
    let batch = sqs.send_message_batch().queue_url(&url).entries(entry("b")).entries(entry("c"));
    assert_eq!(drive!(driven, "sqs" "SendMessageBatch", batch).successful().len(), 2);
    let receive = sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(1);
    let messages = drive!(driven, "sqs" "ReceiveMessage", receive).messages.unwrap();
    let mut bodies: Vec<&str> = messages.iter().filter_map(|message| message.body()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["a & <b>", "b", "c"]);
    let handle = |number: usize| messages[number].receipt_handle().unwrap();
    let change = sqs.change_message_visibility().queue_url(&url).receipt_handle(handle(0)).visibility_timeout(90);
    drive!(driven, "sqs" "ChangeMessageVisibility", change);
    let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id("a").receipt_handle(handle(0));
    let entry = entry.visibility_timeout(60).build().unwrap();
    let change = sqs.change_message_visibility_batch().queue_url(&url).entries(entry);
    assert_eq!(drive!(driven, "sqs" "ChangeMessageVisibilityBatch", change).successful().len(), 1);
    let delete = sqs.delete_message().queue_url(&url).receipt_handle(handle(0));
    drive!(driven, "sqs" "DeleteMessage", delete);
    let entry = DeleteMessageBatchRequestEntry::builder().id("a").receipt_handle(handle(1)).build().unwrap();
    let delete = sqs.delete_message_batch().queue_url(&url).entries(entry);
    assert_eq!(drive!(driven, "sqs" "DeleteMessageBatch", delete).successful().len(), 1);
    drive!(driven, "sqs" "TagQueue", sqs.tag_queue().queue_url(&url).tags("k", "v"));
    let tags = drive!(driven, "sqs" "ListQueueTags", sqs.list_queue_tags().queue_url(&url)).tags.unwrap();
    assert_eq!(tags["k"], "v");
    drive!(driven, "sqs" "UntagQueue", sqs.untag_queue().queue_url(&url).tag_keys("k"));
    let sources = sqs.list_dead_letter_source_queues().queue_url(&url);
    assert!(drive!(driven, "sqs" "ListDeadLetterSourceQueues", sources).queue_urls().is_empty());
    drive!(driven, "sqs" "PurgeQueue", sqs.purge_queue().queue_url(&url));

    topics(settings, driven, &attributes[&QueueAttributeName::QueueArn]).await;
    drive!(driven, "sqs" "DeleteQueue", sqs.delete_queue().queue_url(&url));
}

async fn topics(settings: &SdkConfig, driven: &mut Driven, queue: &str) {
    let sns = aws_sdk_sns::Client::new(settings);
    let topic = drive!(driven, "sns" "CreateTopic", sns.create_topic().name("rides")).topic_arn.unwrap();
    assert_eq!(drive!(driven, "sns" "ListTopics", sns.list_topics()).topics()[0].topic_arn(), Some(topic.as_str()));
    let set = sns.set_topic_attributes().topic_arn(&topic).attribute_name("DisplayName").attribute_value("Rides");
    drive!(driven, "sns" "SetTopicAttributes", set);
    let got = drive!(driven, "sns" "GetTopicAttributes", sns.get_topic_attributes().topic_arn(&topic));
    assert_eq!(got.attributes.unwrap()["DisplayName"], "Rides");
    let add = sns.add_permission().topic_arn(&topic).label("friend");
    drive!(driven, "sns" "AddPermission", add.aws_account_id("111122223333").action_name("Publish"));
    drive!(driven, "sns" "RemovePermission", sns.remove_permission().topic_arn(&topic).label("friend"));
    let subscribe = sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(queue).return_subscription_arn(true);
    let made = drive!(driven, "sns" "Subscribe", subscribe).subscription_arn.unwrap();
    let listed = drive!(driven, "sns" "ListSubscriptions", sns.list_subscriptions());
    assert_eq!(listed.subscriptions()[0].subscription_arn(), Some(made.as_str()));
    let list = sns.list_subscriptions_by_topic().topic_arn(&topic);
    assert_eq!(drive!(driven, "sns" "ListSubscriptionsByTopic", list).subscriptions().len(), 1);
    let set = sns.set_subscription_attributes().subscription_arn(&made);
    let set = set.attribute_name("RawMessageDelivery").attribute_value("true");
    drive!(driven, "sns" "SetSubscriptionAttributes", set);
    let get = sns.get_subscription_attributes().subscription_arn(&made);
    let got = drive!(driven, "sns" "GetSubscriptionAttributes", get);
    assert_eq!(got.attributes.unwrap()["RawMessageDelivery"], "true");
    drive!(driven, "sns" "Publish", sns.publish().topic_arn(&topic).message("é & <b>"));
    let entry = PublishBatchRequestEntry::builder().id("a").message("1").build().unwrap();
    let batch = sns.publish_batch().topic_arn(&topic).publish_batch_request_entries(entry);
    assert_eq!(drive!(driven, "sns" "PublishBatch", batch).successful().len(), 1);
    let tag = Tag::builder().key("k").value("v").build().unwrap();
    drive!(driven, "sns" "TagResource", sns.tag_resource().resource_arn(&topic).tags(tag));
    let list = sns.list_tags_for_resource().resource_arn(&topic);
    assert_eq!(drive!(driven, "sns" "ListTagsForResource", list).tags()[0].value(), "v");
    drive!(driven, "sns" "UntagResource", sns.untag_resource().resource_arn(&topic).tag_keys("k"));
    drive!(driven, "sns" "Unsubscribe", sns.unsubscribe().subscription_arn(&made));
    drive!(driven, "sns" "DeleteTopic", sns.delete_topic().topic_arn(&topic));
}
