"""Every operation that the sandbox promises, driven once: by boto3, or by the AWS CLI where `RYDES_CLIENT` says so.

The list is the promise; tests/it/operations.rs drives the same ones by the AWS SDK for Rust. Answers are those of the service, so that both clients read them.
"""

import contextlib
import io
import json
import os
import tempfile
import time
import urllib.request

from botocore import xform_name as method

from support import ACCOUNT, ENDPOINT, REGION, client, same

BY_COMMAND_LINE = os.environ.get("RYDES_CLIENT") == "aws"
FILE = """
service: shop
provider: { name: aws, runtime: python3.13, region: us-east-2 }
functions:
  Ride: { handler: handlers/ride.handler, events: [{ http: GET /ride }] }
resources:
  Resources: { Topic: { Type: AWS::SNS::Topic } }
  Outputs: { TopicArn: { Value: !Ref Topic, Export: { Name: rides } } }
"""
# What the command line cannot do, and why.
NOT_BY_COMMAND_LINE = {
    ("logs", "StartLiveTail"): "the command prints until its session ends, which takes three hours; boto3 and the SDK for Rust drive it",
}

driven = set()
done = []


def by_boto3(service, operation, given):
    """One call by boto3."""
    answer = getattr(client(service), method(operation))(**given)
    answer.pop("ResponseMetadata")
    return answer


def by_command_line(service, operation, given):
    """One call by the AWS CLI, in this process: its own start takes a second."""
    arguments = [service, method(operation, "-"), "--output", "json"]
    if operation == "Invoke":
        # The command takes no JSON, and a file for the answer.
        arguments += [word for name, value in given.items() for word in ("--" + method(name, "-"), value)]
    else:
        arguments += ["--no-paginate", "--cli-input-json", json.dumps(given)]
    if service == "sqs":
        # Version 1 asks `REGION.queue.amazonaws.com` whatever AWS_ENDPOINT_URL says.
        arguments += ["--endpoint-url", ENDPOINT]
    with tempfile.NamedTemporaryFile() as body, contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as errors:
        status = DRIVER.main(arguments + ([body.name] if operation == "Invoke" else []))
        answer = json.loads(out.getvalue() or "{}")
        if operation == "Invoke":
            answer["Payload"] = body.read()
    assert status == 0, f"aws {' '.join(arguments)}: {status} {errors.getvalue()}"
    return answer


if BY_COMMAND_LINE:
    import awscli.clidriver

    DRIVER, call = awscli.clidriver.create_clidriver(), by_command_line
else:
    call = by_boto3


def drive(service, operation, **given):
    """Drives one operation; returns the answer."""
    driven.add((service, operation))
    if BY_COMMAND_LINE and (service, operation) in NOT_BY_COMMAND_LINE:
        return {}
    try:
        answer = call(service, operation, given)
    except Exception as error:
        raise AssertionError(f"{service} {operation}: {error}") from error
    done.append((service, operation))
    return answer


def promised():
    """The operations of tests/contract/operations.txt."""
    lines = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations.txt")).read().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {(service, operation) for service, *operations in rows for operation in operations}


def strings(**values):
    """Message attributes."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


# STS and SSM.
same(drive("sts", "GetCallerIdentity")["Account"], ACCOUNT)
same(drive("ssm", "PutParameter", Name="/a/b", Value="v", Type="String")["Version"], 1)
same(drive("ssm", "GetParameter", Name="/a/b")["Parameter"]["Value"], "v")
same(drive("ssm", "GetParameters", Names=["/a/b", "/c"])["InvalidParameters"], ["/c"])
same(drive("ssm", "GetParametersByPath", Path="/a")["Parameters"][0]["Name"], "/a/b")
same(len(drive("ssm", "GetParameterHistory", Name="/a/b")["Parameters"]), 1)
same(drive("ssm", "DescribeParameters")["Parameters"][0]["Name"], "/a/b")
about = dict(ResourceType="Parameter", ResourceId="/a/b")
drive("ssm", "AddTagsToResource", Tags=[{"Key": "k", "Value": "v"}], **about)
same(drive("ssm", "ListTagsForResource", **about)["TagList"], [{"Key": "k", "Value": "v"}])
drive("ssm", "RemoveTagsFromResource", TagKeys=["k"], **about)
drive("ssm", "DeleteParameter", Name="/a/b")
same(drive("ssm", "DeleteParameters", Names=["/a/b"])["InvalidParameters"], ["/a/b"])

# SQS.
url = drive("sqs", "CreateQueue", QueueName="tail")["QueueUrl"]
same(drive("sqs", "GetQueueUrl", QueueName="tail")["QueueUrl"], url)
same(drive("sqs", "ListQueues")["QueueUrls"], [url])
drive("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
attributes = drive("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
same(attributes["VisibilityTimeout"], "40")
drive("sqs", "SendMessage", QueueUrl=url, MessageBody="a & <b>", MessageAttributes=strings(kind="ride"))
entries = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
same(len(drive("sqs", "SendMessageBatch", QueueUrl=url, Entries=entries)["Successful"]), 3)
messages = drive("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"])["Messages"]
same({message["Body"] for message in messages}, {"a & <b>", "m0", "m1", "m2"})
handles = [message["ReceiptHandle"] for message in messages]
drive("sqs", "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handles[0], VisibilityTimeout=90)
change = [{"Id": "a", "ReceiptHandle": handles[0], "VisibilityTimeout": 60}]
same(len(drive("sqs", "ChangeMessageVisibilityBatch", QueueUrl=url, Entries=change)["Successful"]), 1)
drive("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=handles[0])
same(len(drive("sqs", "DeleteMessageBatch", QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": handles[1]}])["Successful"]), 1)
drive("sqs", "TagQueue", QueueUrl=url, Tags={"k": "v"})
same(drive("sqs", "ListQueueTags", QueueUrl=url)["Tags"], {"k": "v"})
drive("sqs", "UntagQueue", QueueUrl=url, TagKeys=["k"])
same(drive("sqs", "ListDeadLetterSourceQueues", QueueUrl=url).get("queueUrls", []), [])
drive("sqs", "PurgeQueue", QueueUrl=url)

# SNS.
topic = drive("sns", "CreateTopic", Name="rides")["TopicArn"]
same(drive("sns", "ListTopics")["Topics"], [{"TopicArn": topic}])
drive("sns", "SetTopicAttributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Rides")
same(drive("sns", "GetTopicAttributes", TopicArn=topic)["Attributes"]["DisplayName"], "Rides")
drive("sns", "AddPermission", TopicArn=topic, Label="friend", AWSAccountId=["111122223333"], ActionName=["Publish"])
drive("sns", "RemovePermission", TopicArn=topic, Label="friend")
made = drive("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"], ReturnSubscriptionArn=True)["SubscriptionArn"]
same(drive("sns", "ListSubscriptions")["Subscriptions"][0]["SubscriptionArn"], made)
same(len(drive("sns", "ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"]), 1)
drive("sns", "SetSubscriptionAttributes", SubscriptionArn=made, AttributeName="RawMessageDelivery", AttributeValue="true")
same(drive("sns", "GetSubscriptionAttributes", SubscriptionArn=made)["Attributes"]["RawMessageDelivery"], "true")
assert drive("sns", "Publish", TopicArn=topic, Message='{"a": "é & <b>"}', MessageAttributes=strings(kind="ride"))["MessageId"]
batch = [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2"}]
same(len(drive("sns", "PublishBatch", TopicArn=topic, PublishBatchRequestEntries=batch)["Successful"]), 2)
drive("sns", "TagResource", ResourceArn=topic, Tags=[{"Key": "k", "Value": "v"}])
same(drive("sns", "ListTagsForResource", ResourceArn=topic)["Tags"], [{"Key": "k", "Value": "v"}])
drive("sns", "UntagResource", ResourceArn=topic, TagKeys=["k"])
drive("sns", "Unsubscribe", SubscriptionArn=made)
drive("sns", "DeleteTopic", TopicArn=topic)
drive("sqs", "DeleteQueue", QueueUrl=url)

# DynamoDB and its streams.
table, key = {"TableName": "rides"}, {"RideId": {"S": "1"}}
drive(
    "dynamodb", "CreateTable", **table, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "RideId", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"}],
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
)
about = drive("dynamodb", "DescribeTable", **table)["Table"]
same(drive("dynamodb", "ListTables")["TableNames"], ["rides"])
drive("dynamodb", "UpdateTable", **table, BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
drive("dynamodb", "PutItem", **table, Item=key | {"Km": {"N": "1"}})
drive("dynamodb", "UpdateItem", **table, Key=key, UpdateExpression="ADD Km :k", ExpressionAttributeValues={":k": {"N": "2"}})
same(drive("dynamodb", "GetItem", **table, Key=key)["Item"]["Km"], {"N": "3"})
same(drive("dynamodb", "Query", **table, KeyConditionExpression="RideId = :r", ExpressionAttributeValues={":r": key["RideId"]})["Count"], 1)
same(drive("dynamodb", "Scan", **table)["Count"], 1)
same(drive("dynamodb", "BatchWriteItem", RequestItems={"rides": [{"PutRequest": {"Item": {"RideId": {"S": "2"}}}}]})["UnprocessedItems"], {})
same(len(drive("dynamodb", "BatchGetItem", RequestItems={"rides": {"Keys": [key]}})["Responses"]["rides"]), 1)
drive("dynamodb", "TransactWriteItems", TransactItems=[{"Put": {**table, "Item": {"RideId": {"S": "3"}}}}])
same(len(drive("dynamodb", "TransactGetItems", TransactItems=[{"Get": {**table, "Key": key}}])["Responses"]), 1)
drive("dynamodb", "DeleteItem", **table, Key=key)
streams = drive("dynamodbstreams", "ListStreams", **table)["Streams"]
stream = {"StreamArn": streams[0]["StreamArn"]}
shards = drive("dynamodbstreams", "DescribeStream", **stream)["StreamDescription"]["Shards"]
start = drive("dynamodbstreams", "GetShardIterator", **stream, ShardId=shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
records = drive("dynamodbstreams", "GetRecords", ShardIterator=start)["Records"]
same([record["eventName"] for record in records], ["INSERT", "MODIFY", "INSERT", "INSERT", "REMOVE"])
drive("dynamodb", "DeleteTable", **table)

# CloudWatch Logs.
group, stream = {"logGroupName": "/test/rides"}, {"logStreamName": "s"}
arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/test/rides"
drive("logs", "CreateLogGroup", **group)
drive("logs", "PutRetentionPolicy", **group, retentionInDays=7)
same(drive("logs", "DescribeLogGroups", logGroupNamePrefix="/test")["logGroups"][0]["retentionInDays"], 7)
drive("logs", "DeleteRetentionPolicy", **group)
drive("logs", "CreateLogStream", **group, **stream)
same(len(drive("logs", "DescribeLogStreams", **group)["logStreams"]), 1)
now = int(time.time() * 1000)
drive("logs", "PutLogEvents", **group, **stream, logEvents=[{"timestamp": now, "message": "ride é"}])
same(drive("logs", "GetLogEvents", **group, **stream)["events"][0]["message"], "ride é")
same(drive("logs", "FilterLogEvents", **group, filterPattern="ride")["events"][0]["timestamp"], now)
drive("logs", "TagResource", resourceArn=arn, tags={"k": "v"})
same(drive("logs", "ListTagsForResource", resourceArn=arn)["tags"], {"k": "v"})
drive("logs", "UntagResource", resourceArn=arn, tagKeys=["k"])
tail = drive("logs", "StartLiveTail", logGroupIdentifiers=[arn])
if "responseStream" in tail:
    same(list(next(iter(tail["responseStream"]))), ["sessionStart"])
    tail["responseStream"].close()
drive("logs", "DeleteLogStream", **group, **stream)
drive("logs", "DeleteLogGroup", **group)

# CloudFormation and Lambda, on a service that is deployed.
os.makedirs("shop/handlers")
with open("shop/serverless.yml", "w") as file:
    file.write(FILE)
with open("shop/handlers/ride.py", "w") as file:
    file.write("def handler(event, context): return {'statusCode': 200}\n")
request = urllib.request.Request(
    f"{os.environ['AWS_ENDPOINT_URL']}/rydes/deploy", b'{"service": "shop"}', {"Authorization": f"Bearer {os.environ['RYDES_TOKEN']}"}
)
with urllib.request.urlopen(request) as told:
    last = json.loads(told.read().splitlines()[-1])
same(last["type"], "done")
stack = {"StackName": "shop-dev"}
same(drive("cloudformation", "DescribeStacks", **stack)["Stacks"][0]["StackStatus"], "CREATE_COMPLETE")
same(drive("cloudformation", "ListStacks")["StackSummaries"][0]["StackName"], "shop-dev")
kinds = {found["ResourceType"] for found in drive("cloudformation", "DescribeStackResources", **stack)["StackResources"]}
assert "AWS::SNS::Topic" in kinds, kinds
same(drive("cloudformation", "DescribeStackResource", **stack, LogicalResourceId="Topic")["StackResourceDetail"]["ResourceType"], "AWS::SNS::Topic")
assert drive("cloudformation", "ListStackResources", **stack)["StackResourceSummaries"]
assert drive("cloudformation", "DescribeStackEvents", **stack)["StackEvents"]
assert drive("cloudformation", "GetTemplate", **stack)["TemplateBody"]
same(drive("cloudformation", "ListExports")["Exports"][0]["ExportingStackId"].split("/")[1], "shop-dev")
function = {"FunctionName": "shop-dev-Ride"}
same(drive("lambda", "ListFunctions")["Functions"][0]["FunctionName"], "shop-dev-Ride")
same(drive("lambda", "GetFunction", **function)["Configuration"]["Handler"], "handlers/ride.handler")
arn = drive("lambda", "GetFunctionConfiguration", **function)["FunctionArn"]
answer = drive("lambda", "Invoke", **function, LogType="Tail")
body = answer["Payload"] if isinstance(answer["Payload"], bytes) else answer["Payload"].read()
same((json.loads(body), "LogResult" in answer), ({"statusCode": 200}, True))
same(drive("lambda", "ListTags", Resource=arn)["Tags"], {})
drive("lambda", "PutFunctionEventInvokeConfig", **function, MaximumRetryAttempts=0)
drive("lambda", "UpdateFunctionEventInvokeConfig", **function, MaximumEventAgeInSeconds=60)
same(drive("lambda", "GetFunctionEventInvokeConfig", **function)["MaximumRetryAttempts"], 0)
same(len(drive("lambda", "ListFunctionEventInvokeConfigs", **function)["FunctionEventInvokeConfigs"]), 1)
drive("lambda", "DeleteFunctionEventInvokeConfig", **function)

same(sorted(promised() - driven), [])
same(sorted(driven - promised()), [])
expected = promised() - (set(NOT_BY_COMMAND_LINE) if BY_COMMAND_LINE else set())
same(set(done), expected)
