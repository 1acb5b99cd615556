"""SQS: queues, messages whose digests boto3 verifies, long polling, batches, dead letters."""

import json
import threading
import time

from support import ACCOUNT, ENDPOINT, REGION, client, fails, same

sqs = client("sqs")
ALL = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}


def receive(url, **more):
    return sqs.receive_message(QueueUrl=url, **{**ALL, **more}).get("Messages", [])


def bodies(messages):
    return [message["Body"] for message in messages]


# Queues.
url = sqs.create_queue(QueueName="rides", Attributes={"VisibilityTimeout": "60"}, tags={"team": "unicorn"})["QueueUrl"]
same(url, f"{ENDPOINT}/{ACCOUNT}/rides")
same(sqs.create_queue(QueueName="rides")["QueueUrl"], url)
same(sqs.get_queue_url(QueueName="rides")["QueueUrl"], url)
with fails("QueueAlreadyExists", "VisibilityTimeout", status=400):
    sqs.create_queue(QueueName="rides", Attributes={"VisibilityTimeout": "61"})
with fails("AWS.SimpleQueueService.NonExistentQueue", "does not exist", status=400):
    sqs.get_queue_url(QueueName="nothing")
try:
    sqs.send_message(QueueUrl=f"{ENDPOINT}/{ACCOUNT}/nothing", MessageBody="x")
    raise AssertionError("sent to no queue")
except sqs.exceptions.QueueDoesNotExist:
    pass
with fails("InvalidParameterValue"):
    sqs.create_queue(QueueName="no blanks")
with fails("InvalidAttributeValue", "VisibilityTimeout"):
    sqs.create_queue(QueueName="x", Attributes={"VisibilityTimeout": "43201"})
with fails("InvalidAttributeName", "Colour"):
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Colour": "white"})
for number in range(5):
    sqs.create_queue(QueueName=f"page-{number}")
same(len(sqs.list_queues()["QueueUrls"]), 6)
pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 2})
same([len(page["QueueUrls"]) for page in pages], [2, 2, 1])
for number in range(5):
    sqs.delete_queue(QueueUrl=f"{ENDPOINT}/{ACCOUNT}/page-{number}")
assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="page-")

same(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "unicorn"})
sqs.tag_queue(QueueUrl=url, Tags={"stage": "dev"})
sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
same(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"stage": "dev"})
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
same(attributes["QueueArn"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:rides")
same((attributes["VisibilityTimeout"], attributes["ApproximateNumberOfMessages"]), ("60", "0"))
assert abs(int(attributes["CreatedTimestamp"]) - time.time()) < 60, attributes
sqs.set_queue_attributes(QueueUrl=url, Attributes={"ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30"})
same(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"], {"VisibilityTimeout": "30"})

# Messages: boto3 raises an error of its own if a digest is wrong.
given = {
    "kind": {"DataType": "String", "StringValue": "Weiß 🦄"},
    "count": {"DataType": "Number.int", "StringValue": "2"},
    "blob": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"},
}
sent = sqs.send_message(QueueUrl=url, MessageBody="hello <&> 🦄\n", MessageAttributes=given, MessageSystemAttributes={
    "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"},
})
message = receive(url)[0]
same((message["Body"], message["MessageId"], message["MessageAttributes"]), ("hello <&> 🦄\n", sent["MessageId"], given))
same((message["MD5OfBody"], message["MD5OfMessageAttributes"]), (sent["MD5OfMessageBody"], sent["MD5OfMessageAttributes"]))
same(message["Attributes"]["ApproximateReceiveCount"], "1")
assert message["Attributes"]["AWSTraceHeader"].startswith("Root="), message
same(receive(url), [])
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
message = receive(url, MessageAttributeNames=["cou*", "count"])[0]
same(sorted(message["MessageAttributes"]), ["count"])
same(message["Attributes"]["ApproximateReceiveCount"], "2")
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
with fails("ReceiptHandleIsInvalid"):
    sqs.delete_message(QueueUrl=url, ReceiptHandle="nonsense")
with fails("InvalidParameterValue"):
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=1)
with fails("InvalidMessageContents"):
    sqs.send_message(QueueUrl=url, MessageBody="\x01")
with fails("InvalidParameterValue", "shorter than 1048576 bytes"):
    sqs.send_message(QueueUrl=url, MessageBody="x" * 1_048_577)
with fails("InvalidParameterValue", "DelaySeconds"):
    sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=901)
sqs.send_message(QueueUrl=url, MessageBody="x" * 1_048_576)
same(len(receive(url)[0]["Body"]), 1_048_576)
sqs.purge_queue(QueueUrl=url)
with fails("AWS.SimpleQueueService.PurgeQueueInProgress"):
    sqs.purge_queue(QueueUrl=url)

# Batches.
entries = [{"Id": str(number), "MessageBody": f"body {number}", "MessageAttributes": given} for number in range(10)]
same(len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]), 10)
messages = receive(url)
same(bodies(messages), [f"body {number}" for number in range(10)])
handles = [{"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)]
hidden = [{**entry, "VisibilityTimeout": 0} for entry in handles[:5]]
same(len(sqs.change_message_visibility_batch(QueueUrl=url, Entries=hidden)["Successful"]), 5)
same(bodies(receive(url)), [f"body {number}" for number in range(5)])
outcome = sqs.delete_message_batch(QueueUrl=url, Entries=[*handles[:9], {"Id": "bad", "ReceiptHandle": "nonsense"}])
same(len(outcome["Successful"]), 9)
same([(entry["Id"], entry["Code"]) for entry in outcome["Failed"]], [("bad", "ReceiptHandleIsInvalid")])
for code, bad in (
    ("EmptyBatchRequest", []),
    ("BatchEntryIdsNotDistinct", [{"Id": "a", "MessageBody": "1"}] * 2),
    ("InvalidBatchEntryId", [{"Id": "a b", "MessageBody": "1"}]),
    ("TooManyEntriesInBatchRequest", [{"Id": str(number), "MessageBody": "x"} for number in range(11)]),
    ("BatchRequestTooLong", [{"Id": str(number), "MessageBody": "x" * 200_000} for number in range(10)]),
):
    with fails(f"AWS.SimpleQueueService.{code}"):
        sqs.send_message_batch(QueueUrl=url, Entries=bad)

# Long polling ends with what arrives, not with its own wait.
polled = sqs.create_queue(QueueName="polled")["QueueUrl"]
got, waiter = [], client("sqs")
thread = threading.Thread(target=lambda: got.extend(waiter.receive_message(QueueUrl=polled, WaitTimeSeconds=20).get("Messages", [])))
thread.start()
sqs.send_message(QueueUrl=polled, MessageBody="wakes")
thread.join(timeout=15)
same(bodies(got), ["wakes"])
same(receive(polled, WaitTimeSeconds=1), [])

# Dead letters.
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
redrive = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "maxReceiveCount": 2})
source = sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})["QueueUrl"]
sqs.send_message(QueueUrl=source, MessageBody="poison")
same([bodies(receive(source)) for _ in range(3)], [["poison"], ["poison"], []])
letter = receive(dead)[0]
same((letter["Body"], letter["Attributes"]["DeadLetterQueueSourceArn"]), ("poison", f"arn:aws:sqs:{REGION}:{ACCOUNT}:source"))
same(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [source])

# FIFO.
fifo = sqs.create_queue(QueueName="rides.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
for body, key in (("1", "a"), ("2", "b"), ("again", "a")):
    sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=key)
first = receive(fifo, MaxNumberOfMessages=1)
same((bodies(first), first[0]["Attributes"]["MessageGroupId"]), (["1"], "g"))
same(receive(fifo), [])
sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first[0]["ReceiptHandle"])
same(bodies(receive(fifo)), ["2"])

# Regions keep apart.
elsewhere = client("sqs", region_name="eu-west-1")
with fails("AWS.SimpleQueueService.NonExistentQueue"):
    elsewhere.get_queue_url(QueueName="rides")

for queue in (url, polled, dead, source, fifo):
    sqs.delete_queue(QueueUrl=queue)
assert "QueueUrls" not in sqs.list_queues()
with fails("UnknownOperationException", "StartMessageMoveTask"):
    sqs.start_message_move_task(SourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead")
