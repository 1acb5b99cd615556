"""Lambda: reading functions, the kinds of invocation, and what a handler does with keys of its own role."""

import base64
import io
import json
import time

from support import ACCOUNT, REGION, as_function, client, fails, same

lambda_ = client("lambda")
logs = client("logs")
sns = client("sns")
sqs = client("sqs")


def arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def invoke(name, payload=None, **more):
    body = {} if payload is None else {"Payload": json.dumps(payload)}
    answer = lambda_.invoke(FunctionName=name, **body, **more)
    return answer, answer["Payload"].read()


# Functions.
same([one["FunctionName"] for one in lambda_.list_functions()["Functions"]], ["echo", "fails", "publishes"])
pages = lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
same([len(page["Functions"]) for page in pages], [2, 1])
for name in ("echo", arn("echo"), f"{ACCOUNT}:function:echo", "echo:$LATEST"):
    same(lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"], arn("echo"))
about = lambda_.get_function_configuration(FunctionName="echo")
same((about["Handler"], about["Timeout"], about["MemorySize"], about["State"]), ("handlers/echo.handler", 20, 256, "Active"))
same(about["Environment"]["Variables"], {"COLOUR": "golden"})
same(lambda_.list_tags(Resource=arn("echo"))["Tags"], {})
with fails("ResourceNotFoundException", arn("nobody"), status=404):
    lambda_.get_function(FunctionName="nobody")
with fails("ResourceNotFoundException", status=404):
    lambda_.get_function(FunctionName="echo", Qualifier="live")
with fails("ResourceNotFoundException", status=404):
    lambda_.get_policy(FunctionName="echo")
with fails("UnknownOperationException", "/2015-03-31/functions/echo"):
    lambda_.delete_function(FunctionName="echo")

# Synchronous.
answer, payload = invoke("echo", {"é": [1, 2.5, None]})
same((answer["StatusCode"], answer["ExecutedVersion"], "FunctionError" in answer), (200, "$LATEST", False))
same(json.loads(payload)["event"], {"é": [1, 2.5, None]})
same(json.loads(invoke("echo")[1])["event"], {})
answer, payload = invoke("echo", {}, LogType="Tail", ClientContext=base64.b64encode(b'{"custom": {"a": "b"}}').decode())
same(json.loads(payload)["custom"], {"a": "b"})
tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
assert tail[0].startswith("START RequestId: ") and tail[1] == "echoing" and tail[-1].startswith("REPORT RequestId: "), tail
answer, payload = invoke("fails", {})
same((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
error = json.loads(payload)
same((error["errorType"], error["errorMessage"], len(error["stackTrace"])), ("ValueError", "no", 1))
same(lambda_.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"], 204)
with fails("InvalidRequestContentException", "Could not parse request body into json", status=400):
    lambda_.invoke(FunctionName="echo", Payload=io.BytesIO(b"{"))
with fails("ResourceNotFoundException", status=404):
    lambda_.invoke(FunctionName="nobody")
with fails("RequestTooLargeException", status=413):
    lambda_.invoke(FunctionName="echo", Payload=json.dumps("x" * 6291456))

# A handler's clients find the sandbox, with keys of its role: only what that allows.
topic = sns.create_topic(Name="allowed")["TopicArn"]
queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard")
same(json.loads(invoke("publishes", {"topic": topic})[1])["ResponseMetadata"]["HTTPStatusCode"], 200)
message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]
same(json.loads(message["Body"])["Message"], "from a handler")
other = sns.create_topic(Name="other")["TopicArn"]
answer, payload = invoke("publishes", {"topic": other})
same((answer["FunctionError"], json.loads(payload)["errorType"]), ("Unhandled", "AuthorizationErrorException"))
with fails("AccessDeniedException", "lambda:InvokeFunction", status=403):
    as_function("lambda").invoke(FunctionName="echo")

# Asynchronous, and through a topic.
same(invoke("echo", {"later": 1}, InvocationType="Event")[0]["StatusCode"], 202)
sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn("echo"))
sns.publish(TopicArn=topic, Message="through a topic")
deadline = time.time() + 30
seen = ""
while not ("{'later': 1}" in seen and "through a topic" in seen):
    assert time.time() < deadline, seen
    events = logs.filter_log_events(logGroupName="/aws/lambda/echo")["events"]
    seen = "\n".join(event["message"] for event in events)
assert "/[$LATEST]" in logs.describe_log_streams(logGroupName="/aws/lambda/echo")["logStreams"][0]["logStreamName"]

# How events that fail are treated.
with fails("ResourceNotFoundException", "EventInvokeConfig", status=404):
    lambda_.get_function_event_invoke_config(FunctionName="fails")
dead = f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard"
put = lambda_.put_function_event_invoke_config(
    FunctionName="fails", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": dead}})
same((put["FunctionArn"], put["MaximumRetryAttempts"]), (arn("fails") + ":$LATEST", 0))
updated = lambda_.update_function_event_invoke_config(FunctionName="fails", MaximumEventAgeInSeconds=60)
same((updated["MaximumEventAgeInSeconds"], updated["DestinationConfig"]["OnFailure"]["Destination"]), (60, dead))
same(len(lambda_.list_function_event_invoke_configs(FunctionName="fails")["FunctionEventInvokeConfigs"]), 1)
sqs.purge_queue(QueueUrl=queue)
invoke("fails", {"ride": 7}, InvocationType="Event")
message = {}
while message.get("requestPayload") != {"ride": 7}:
    for one in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", []):
        message = json.loads(one["Body"])
same(message["requestContext"]["condition"], "RetriesExhausted")
same(message["responsePayload"]["errorMessage"], "no")
lambda_.delete_function_event_invoke_config(FunctionName="fails")
with fails("ResourceNotFoundException", status=404):
    lambda_.get_function_event_invoke_config(FunctionName="fails")
with fails("ValidationException", status=400):
    lambda_.invoke(FunctionName="no blanks")
