"""SNS: topics, subscriptions, publishing, and what arrives in queues, over the query protocol."""

import json

from support import ACCOUNT, ENDPOINT, REGION, as_function, client, fails, same

sns, sqs = client("sns"), client("sqs")
arn = f"arn:aws:sns:{REGION}:{ACCOUNT}"


def queue(name):
    """A queue that topics may send to, and its ARN."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
    }]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def drain(url):
    """All messages of a queue, deleted."""
    every = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages"):
        every += messages
        entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
        same(sqs.delete_message_batch(QueueUrl=url, Entries=entries).get("Failed", []), [])
    return every


# Topics.
rides = sns.create_topic(Name="rides")["TopicArn"]
same(rides, f"{arn}:rides")
same(sns.create_topic(Name="rides")["TopicArn"], rides)
tagged = sns.create_topic(Name="tagged", Attributes={"DisplayName": "Tagged <&>"}, Tags=[{"Key": "team", "Value": "unicorn"}])["TopicArn"]
with fails("InvalidParameter", "different attributes", status=400):
    sns.create_topic(Name="tagged", Attributes={"DisplayName": "Other"})
for name in ("no blanks", "x" * 257, "queue.fifo"):
    with fails("InvalidParameter", "Topic Name", status=400):
        sns.create_topic(Name=name)
same({topic["TopicArn"] for topic in sns.list_topics()["Topics"]}, {rides, tagged})
for number in range(120):
    sns.create_topic(Name=f"page-{number}")
same(len(sns.list_topics()["Topics"]), 100)
pages = [len(page["Topics"]) for page in sns.get_paginator("list_topics").paginate()]
same(pages, [100, 22])
for number in range(120):
    sns.delete_topic(TopicArn=f"{arn}:page-{number}")
sns.delete_topic(TopicArn=f"{arn}:never-there")

attributes = sns.get_topic_attributes(TopicArn=tagged)["Attributes"]
same((attributes["TopicArn"], attributes["Owner"], attributes["DisplayName"]), (tagged, ACCOUNT, "Tagged <&>"))
same(json.loads(attributes["Policy"])["Statement"][0]["Resource"], tagged)
sns.set_topic_attributes(TopicArn=tagged, AttributeName="DisplayName", AttributeValue="Named anew")
same(sns.get_topic_attributes(TopicArn=tagged)["Attributes"]["DisplayName"], "Named anew")
with fails("InvalidParameter", "AttributeName"):
    sns.set_topic_attributes(TopicArn=tagged, AttributeName="Owner", AttributeValue="me")
sns.add_permission(TopicArn=tagged, Label="friend", AWSAccountId=["111122223333"], ActionName=["Publish"])
same(len(json.loads(sns.get_topic_attributes(TopicArn=tagged)["Attributes"]["Policy"])["Statement"]), 2)
sns.remove_permission(TopicArn=tagged, Label="friend")
same(len(json.loads(sns.get_topic_attributes(TopicArn=tagged)["Attributes"]["Policy"])["Statement"]), 1)

same(sns.list_tags_for_resource(ResourceArn=tagged)["Tags"], [{"Key": "team", "Value": "unicorn"}])
sns.tag_resource(ResourceArn=tagged, Tags=[{"Key": "stage", "Value": "dev"}])
sns.untag_resource(ResourceArn=tagged, TagKeys=["team"])
same(sns.list_tags_for_resource(ResourceArn=tagged)["Tags"], [{"Key": "stage", "Value": "dev"}])
with fails("ResourceNotFound", status=404):
    sns.list_tags_for_resource(ResourceArn=f"{arn}:nothing")
for call in (sns.get_topic_attributes, sns.list_subscriptions_by_topic):
    with fails("NotFound", "Topic does not exist", status=404):
        call(TopicArn=f"{arn}:nothing")
try:
    sns.publish(TopicArn=f"{arn}:nothing", Message="x")
    raise AssertionError("published to no topic")
except sns.exceptions.NotFoundException:
    pass
sns.delete_topic(TopicArn=tagged)
same([topic["TopicArn"] for topic in sns.list_topics()["Topics"]], [rides])

# Subscriptions. A second deploy must not subscribe twice.
url, endpoint = queue("rides")
subscription = sns.subscribe(TopicArn=rides, Protocol="sqs", Endpoint=endpoint, ReturnSubscriptionArn=True)["SubscriptionArn"]
same(sns.subscribe(TopicArn=rides, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"], subscription)
function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nobody"
other = sns.subscribe(TopicArn=rides, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
for protocol, bad in (("email", "a@example.com"), ("http", "http://example.com"), ("sqs", "rides"), ("lambda", "nobody"), ("pigeon", "x")):
    with fails("InvalidParameter", status=400):
        sns.subscribe(TopicArn=rides, Protocol=protocol, Endpoint=bad)
shown = {"SubscriptionArn": subscription, "Owner": ACCOUNT, "Protocol": "sqs", "Endpoint": endpoint, "TopicArn": rides}
listed = sns.list_subscriptions_by_topic(TopicArn=rides)["Subscriptions"]
assert len(listed) == 2 and shown in listed, listed
same(sorted(entry["SubscriptionArn"] for entry in sns.list_subscriptions()["Subscriptions"]), sorted([subscription, other]))
sns.unsubscribe(SubscriptionArn=other)
sns.unsubscribe(SubscriptionArn=other)
same(sns.list_subscriptions()["Subscriptions"], [shown])
attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
same([attributes[name] for name in ("Protocol", "RawMessageDelivery", "PendingConfirmation")], ["sqs", "false", "false"])
with fails("NotFound", "Subscription does not exist", status=404):
    sns.get_subscription_attributes(SubscriptionArn=other)

# What a queue gets.
given = {
    "kind": {"DataType": "String", "StringValue": "ride & <more>"},
    "count": {"DataType": "Number", "StringValue": "2"},
    "blob": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"},
    "tags": {"DataType": "String.Array", "StringValue": json.dumps(["a", 1, None])},
}
message = json.dumps({"RideId": "1", "Unicorn": {"Name": "Shadowfax", "Color": "Weiß 🦄"}}) + "\n+&="
published = sns.publish(TopicArn=rides, Message=message, Subject="A ride", MessageAttributes=given)["MessageId"]
envelope = json.loads(drain(url)[0]["Body"])
same((envelope["Type"], envelope["MessageId"], envelope["TopicArn"]), ("Notification", published, rides))
same((envelope["Message"], envelope["Subject"]), (message, "A ride"))
same(envelope["MessageAttributes"]["kind"], {"Type": "String", "Value": "ride & <more>"})
same(envelope["MessageAttributes"]["blob"], {"Type": "Binary", "Value": "AAH/"})
same(sorted(envelope["MessageAttributes"]), sorted(given))
assert envelope["UnsubscribeURL"].startswith(ENDPOINT), envelope
sns.publish(TargetArn=rides, Message="bare")
bare = json.loads(drain(url)[0]["Body"])
assert "Subject" not in bare and "MessageAttributes" not in bare, bare

sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true")
sns.publish(TopicArn=rides, Message=message, MessageAttributes=given)
raw = drain(url)[0]
same(raw["Body"], message)
same(raw["MessageAttributes"], given)
texts = {"default": "for all", "sqs": "for queues"}
sns.publish(TopicArn=rides, Message=json.dumps(texts), MessageStructure="json")
same([message["Body"] for message in drain(url)], ["for queues"])


def filtered(policy, scope="MessageAttributes"):
    for name, value in (("FilterPolicy", "{}"), ("FilterPolicyScope", scope), ("FilterPolicy", json.dumps(policy))):
        sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName=name, AttributeValue=value)


filtered({"kind": [{"prefix": "ride"}], "count": [{"numeric": [">", 1]}]})
sns.publish(TopicArn=rides, Message="passes", MessageAttributes=given)
sns.publish(TopicArn=rides, Message="does not")
same([message["Body"] for message in drain(url)], ["passes"])
filtered({"Unicorn": {"Color": ["White"]}}, "MessageBody")
same(sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["FilterPolicyScope"], "MessageBody")
for color in ("White", "Golden"):
    sns.publish(TopicArn=rides, Message=json.dumps({"Unicorn": {"Color": color}}))
same([json.loads(message["Body"])["Unicorn"]["Color"] for message in drain(url)], ["White"])
with fails("InvalidParameter", "FilterPolicy", status=400):
    filtered({"kind": [{"resembles": "ride"}]})
filtered({})

# What SNS refuses.
for words, bad in (
    ("Empty message", {"Message": ""}),
    ("Message too long", {"Message": "x" * 262_145}),
    ("Message too long", {"Message": "x" * 262_140, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "x"}}}),
    ("Subject", {"Subject": "two\nlines"}),
    ("Subject", {"Subject": "x" * 101}),
    ("No default entry", {"Message": "{}", "MessageStructure": "json"}),
    ("failed to parse", {"Message": "no json", "MessageStructure": "json"}),
    ("no value for required parameter", {"TopicArn": None}),
    ("elements", {"TopicArn": "rides"}),
    ("PhoneNumber", {"TopicArn": None, "PhoneNumber": "+15555550100"}),
):
    arguments = {"TopicArn": rides, "Message": "x", **bad}
    with fails("InvalidParameter", words, status=400):
        sns.publish(**{name: value for name, value in arguments.items() if value is not None})
with fails("ParameterValueInvalid", "non-empty message attribute value", status=400):
    sns.publish(TopicArn=rides, Message="x", MessageAttributes={"a": {"DataType": "String", "StringValue": ""}})
same(drain(url), [])
sns.publish(TopicArn=rides, Message="x" * 262_144)
same(len(drain(url)), 1)

# Batches.
entries = [{"Id": "good", "Message": "1", "MessageAttributes": given}, {"Id": "empty", "Message": ""}, {"Id": "late", "Message": "2"}]
batch = sns.publish_batch(TopicArn=rides, PublishBatchRequestEntries=entries)
same([entry["Id"] for entry in batch["Successful"]], ["good", "late"])
same([(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in batch["Failed"]], [("empty", "InvalidParameter", True)])
arrived = drain(url)
same([message["Body"] for message in arrived], ["1", "2"])
same(arrived[0]["MessageAttributes"], given)
for code, bad in (
    ("EmptyBatchRequest", []),
    ("BatchEntryIdsNotDistinct", [{"Id": "a", "Message": "1"}] * 2),
    ("InvalidBatchEntryId", [{"Id": "a b", "Message": "1"}]),
    ("TooManyEntriesInBatchRequest", [{"Id": str(number), "Message": "x"} for number in range(11)]),
    ("BatchRequestTooLong", [{"Id": str(number), "Message": "x" * 30_000} for number in range(10)]),
):
    with fails(code, status=400):
        sns.publish_batch(TopicArn=rides, PublishBatchRequestEntries=bad)

# Twelve thousand of twelve thousand; a unit test looks at each of them.
for start in range(0, 12_000, 10):
    entries = [{"Id": str(number), "Message": str(number)} for number in range(start, start + 10)]
    same(len(sns.publish_batch(TopicArn=rides, PublishBatchRequestEntries=entries)["Successful"]), 10)
counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
same(counts, {"ApproximateNumberOfMessages": "12000"})
sqs.purge_queue(QueueUrl=url)

# A role that may publish to `allowed` alone.
allowed = sns.create_topic(Name="allowed")["TopicArn"]
role = as_function("sns")
role.publish(TopicArn=allowed, Message="x")
with fails("AuthorizationError", "sns:Publish", status=403):
    role.publish(TopicArn=rides, Message="x")

# What the sandbox does not do, it names.
with fails("UnknownOperationException", "CreatePlatformEndpoint"):
    sns.create_platform_endpoint(PlatformApplicationArn=f"{arn}:app/GCM/x", Token="x")
