"""DynamoDB and its streams, as programs with boto3 see them: tables, items, searches, transactions, and what is refused."""

import decimal
import time

import boto3
from boto3.dynamodb.conditions import Attr, Key

from support import ACCOUNT, REGION, as_function, client, fails, same

dynamodb, streams = client("dynamodb"), client("dynamodbstreams")
arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
KEYS = [{"AttributeName": "Owner", "KeyType": "HASH"}, {"AttributeName": "RideId", "KeyType": "RANGE"}]
TYPES = [{"AttributeName": name, "AttributeType": "S"} for name in ("Owner", "RideId", "Unicorn")]
INDEX = {
    "IndexName": "unicorns",
    "KeySchema": [{"AttributeName": "Unicorn", "KeyType": "HASH"}, {"AttributeName": "RideId", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "ALL"},
}


def ride(number, owner="me", **more):
    """An item in DynamoDB's own notation."""
    return {"Owner": {"S": owner}, "RideId": {"S": f"{number:03}"}, **more}


# Tables.
made = dynamodb.create_table(
    TableName="rides", KeySchema=KEYS, AttributeDefinitions=TYPES, GlobalSecondaryIndexes=[INDEX], BillingMode="PAY_PER_REQUEST",
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
)["TableDescription"]
same((made["TableName"], made["TableArn"]), ("rides", f"{arn}/rides"))
dynamodb.get_waiter("table_exists").wait(TableName="rides", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
table = dynamodb.describe_table(TableName="rides")["Table"]
same((table["TableStatus"], table["KeySchema"], table["BillingModeSummary"]["BillingMode"]), ("ACTIVE", KEYS, "PAY_PER_REQUEST"))
same((table["GlobalSecondaryIndexes"][0]["IndexName"], table["StreamSpecification"]["StreamViewType"]), ("unicorns", "NEW_AND_OLD_IMAGES"))
assert table["LatestStreamArn"].startswith(f"{arn}/rides/stream/"), table
same(dynamodb.describe_table(TableName=f"{arn}/rides")["Table"]["TableName"], "rides")
simple = dict(KeySchema=KEYS[:1], AttributeDefinitions=TYPES[:1])
with fails("ResourceInUseException", "Table already exists: rides", status=400):
    dynamodb.create_table(TableName="rides", BillingMode="PAY_PER_REQUEST", **simple)
for name, more in (
    ("no blanks", simple | {"BillingMode": "PAY_PER_REQUEST"}),
    ("loose", dict(KeySchema=KEYS, AttributeDefinitions=TYPES[:1], BillingMode="PAY_PER_REQUEST")),
    ("unpaid", simple),
):
    with fails("ValidationException", status=400):
        dynamodb.create_table(TableName=name, **more)
try:
    dynamodb.describe_table(TableName="none")
    raise AssertionError("there is no such table")
except dynamodb.exceptions.ResourceNotFoundException as error:
    same(error.response["Error"]["Message"], "Requested resource not found: Table: none not found")
for name in ("bbb", "aaa"):
    dynamodb.create_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, **simple)
same([page["TableNames"] for page in dynamodb.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})], [["aaa", "bbb"], ["rides"]])
updated = dynamodb.update_table(TableName="aaa", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
same(updated["TableDescription"]["TableName"], "aaa")
throughput = dynamodb.describe_table(TableName="aaa")["Table"]["ProvisionedThroughput"]
same((throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]), (5, 6))
dynamodb.update_table(TableName="aaa", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
same(dynamodb.describe_table(TableName="aaa")["Table"]["StreamSpecification"]["StreamViewType"], "KEYS_ONLY")
dynamodb.tag_resource(ResourceArn=f"{arn}/aaa", Tags=[{"Key": "team", "Value": "unicorn"}])
same(dynamodb.list_tags_of_resource(ResourceArn=f"{arn}/aaa")["Tags"], [{"Key": "team", "Value": "unicorn"}])
dynamodb.untag_resource(ResourceArn=f"{arn}/aaa", TagKeys=["team"])
same(dynamodb.list_tags_of_resource(ResourceArn=f"{arn}/aaa")["Tags"], [])
dynamodb.update_time_to_live(TableName="aaa", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
same(dynamodb.describe_time_to_live(TableName="aaa")["TimeToLiveDescription"]["AttributeName"], "ends")
for name in ("aaa", "bbb"):
    same(dynamodb.delete_table(TableName=name)["TableDescription"]["TableName"], name)
dynamodb.get_waiter("table_not_exists").wait(TableName="bbb", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
with fails("ResourceNotFoundException", "bbb"):
    dynamodb.delete_table(TableName="bbb")

# Items, one by one.
every = ride(
    1, Unicorn={"S": "Shadowfax"}, Km={"N": "12.5"}, Blob={"B": b"\x00\xff"}, Yes={"BOOL": True}, No={"NULL": True},
    Stops={"L": [{"N": "1"}, {"S": "é 🦄"}]}, Place={"M": {"a": {"S": ""}}}, Words={"SS": ["a", "b"]}, Numbers={"NS": ["1", "2"]},
)
key = {name: every[name] for name in ("Owner", "RideId")}
same(dynamodb.put_item(TableName="rides", Item=every).get("Attributes"), None)
item = dynamodb.get_item(TableName="rides", Key=key, ConsistentRead=True)["Item"]
same({name: sorted(value["SS"] if "SS" in value else value["NS"]) if name in ("Words", "Numbers") else value for name, value in item.items()},
     every | {"Words": ["a", "b"], "Numbers": ["1", "2"]})
same("Item" in dynamodb.get_item(TableName="rides", Key={"Owner": {"S": "me"}, "RideId": {"S": "none"}}), False)
few = dynamodb.get_item(TableName="rides", Key=key, ProjectionExpression="#p.a, Stops[1]", ExpressionAttributeNames={"#p": "Place"})["Item"]
same(few, {"Place": {"M": {"a": {"S": ""}}}, "Stops": {"L": [{"S": "é 🦄"}]}})
answer = dynamodb.put_item(TableName="rides", Item=ride(1, Km={"N": "1"}), ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL")
same((answer["Attributes"]["Km"], answer["ConsumedCapacity"]["TableName"]), ({"N": "12.5"}, "rides"))
answer = dynamodb.update_item(
    TableName="rides", Key=key, UpdateExpression="SET Km = Km + :one, #s = if_not_exists(#s, :s) ADD Seats :one",
    ExpressionAttributeNames={"#s": "Status"}, ExpressionAttributeValues={":one": {"N": "1"}, ":s": {"S": "requested"}}, ReturnValues="ALL_NEW",
)
same(answer["Attributes"], ride(1, Km={"N": "2"}, Status={"S": "requested"}, Seats={"N": "1"}))
same(dynamodb.update_item(TableName="rides", Key=key, UpdateExpression="REMOVE Seats", ReturnValues="UPDATED_OLD")["Attributes"], {"Seats": {"N": "1"}})
same(dynamodb.delete_item(TableName="rides", Key=key, ReturnValues="ALL_OLD")["Attributes"]["Status"], {"S": "requested"})
same(dynamodb.delete_item(TableName="rides", Key=key)["ResponseMetadata"]["HTTPStatusCode"], 200)

# Conditions that do not hold.
dynamodb.put_item(TableName="rides", Item=ride(1, Km={"N": "7"}))
new = dict(ConditionExpression="attribute_not_exists(RideId)")
with fails("ConditionalCheckFailedException", "The conditional request failed", status=400):
    dynamodb.put_item(TableName="rides", Item=ride(1), **new)
try:
    dynamodb.put_item(TableName="rides", Item=ride(1), ReturnValuesOnConditionCheckFailure="ALL_OLD", **new)
    raise AssertionError("the condition does not hold")
except dynamodb.exceptions.ConditionalCheckFailedException as error:
    same(error.response["Item"], ride(1, Km={"N": "7"}))
for refused in (
    lambda: dynamodb.update_item(TableName="rides", Key=ride(2), UpdateExpression="SET Km = :k",
                                 ConditionExpression="attribute_exists(RideId)", ExpressionAttributeValues={":k": {"N": "1"}}),
    lambda: dynamodb.delete_item(TableName="rides", Key=ride(1), ConditionExpression="Km > :k", ExpressionAttributeValues={":k": {"N": "7"}}),
):
    with fails("ConditionalCheckFailedException", "The conditional request failed", status=400):
        refused()
same("Item" in dynamodb.get_item(TableName="rides", Key=ride(2)), False)

# What is not valid.
for words, refused in (
    ("Missing the key RideId in the item", lambda: dynamodb.put_item(TableName="rides", Item={"Owner": {"S": "me"}})),
    ("Type mismatch for key", lambda: dynamodb.put_item(TableName="rides", Item={"Owner": {"N": "1"}, "RideId": {"S": "1"}})),
    ("The provided key element does not match the schema", lambda: dynamodb.get_item(TableName="rides", Key={"Owner": {"S": "me"}})),
    ("empty string value", lambda: dynamodb.put_item(TableName="rides", Item={"Owner": {"S": ""}, "RideId": {"S": "1"}})),
    ("reserved keyword", lambda: dynamodb.update_item(TableName="rides", Key=ride(1), UpdateExpression="SET Status = :s",
                                                      ExpressionAttributeValues={":s": {"S": "x"}})),
    ("Syntax error", lambda: dynamodb.update_item(TableName="rides", Key=ride(1), UpdateExpression="SET SET")),
    (":missing", lambda: dynamodb.update_item(TableName="rides", Key=ride(1), UpdateExpression="SET Km = :missing")),
    ("part of the key", lambda: dynamodb.update_item(TableName="rides", Key=ride(1), UpdateExpression="SET RideId = :s",
                                                     ExpressionAttributeValues={":s": {"S": "x"}})),
    ("key schema element: Owner", lambda: dynamodb.query(TableName="rides", KeyConditionExpression="RideId = :r",
                                                                  ExpressionAttributeValues={":r": {"S": "1"}})),
    ("numeric value", lambda: dynamodb.put_item(TableName="rides", Item=ride(1, Km={"N": "far"}))),
    ("Item size", lambda: dynamodb.put_item(TableName="rides", Item=ride(1, Text={"S": "x" * 410_000}))),
):
    with fails("ValidationException", words, status=400):
        refused()
with fails("ResourceNotFoundException", "Requested resource not found", status=400):
    dynamodb.put_item(TableName="none", Item=ride(1))

# Many at once.
unicorns = ("Shadowfax", "Bucephalus", "Rocinante")
rides = [ride(number, Unicorn={"S": unicorns[number % 3]}, Km={"N": str(number)}) for number in range(1, 26)]
same(dynamodb.batch_write_item(RequestItems={"rides": [{"PutRequest": {"Item": item}} for item in rides]})["UnprocessedItems"], {})
with fails("ValidationException", status=400):
    dynamodb.batch_write_item(RequestItems={"rides": [{"PutRequest": {"Item": item}} for item in rides + [ride(99)]]})
with fails("ValidationException", "duplicates", status=400):
    dynamodb.batch_write_item(RequestItems={"rides": [{"PutRequest": {"Item": ride(1)}}] * 2})
keys = [{name: item[name] for name in ("Owner", "RideId")} for item in rides]
got = dynamodb.batch_get_item(RequestItems={"rides": {"Keys": keys[:3] + [{"Owner": {"S": "you"}, "RideId": {"S": "1"}}]}})
same((sorted(item["RideId"]["S"] for item in got["Responses"]["rides"]), got["UnprocessedKeys"]), (["001", "002", "003"], {}))


# Searches, page by page, forwards and backwards.
def numbers(operation, size, **search):
    pages = dynamodb.get_paginator(operation).paginate(TableName="rides", **search, PaginationConfig={"PageSize": size})
    return [[int(item["RideId"]["S"]) for item in page["Items"]] for page in pages]


mine = dict(KeyConditionExpression="#o = :o", ExpressionAttributeNames={"#o": "Owner"}, ExpressionAttributeValues={":o": {"S": "me"}})
same(sum(numbers("query", 10, **mine), []), list(range(1, 26)))
same(numbers("query", 10, **mine)[0], list(range(1, 11)))
same(numbers("query", 100, ScanIndexForward=False, **mine), [list(range(25, 0, -1))])
between = mine | {"KeyConditionExpression": "#o = :o AND RideId BETWEEN :a AND :b", "FilterExpression": "Km <> :n",
                  "ExpressionAttributeValues": {":o": {"S": "me"}, ":a": {"S": "005"}, ":b": {"S": "008"}, ":n": {"N": "6"}}}
same(numbers("query", 100, **between), [[5, 7, 8]])
page = dynamodb.query(TableName="rides", **between)
same((page["Count"], page["ScannedCount"], "LastEvaluatedKey" in page), (3, 4, False))
same(dynamodb.query(TableName="rides", Select="COUNT", **mine)["Count"], 25)
named = dict(IndexName="unicorns", KeyConditionExpression="Unicorn = :u", ExpressionAttributeValues={":u": {"S": "Rocinante"}})
same(sum(numbers("query", 3, **named), []), list(range(2, 26, 3)))
same(sorted(sum(numbers("scan", 7), [])), list(range(1, 26)))
same(sorted(sum(numbers("scan", 100, FilterExpression="Km >= :k", ExpressionAttributeValues={":k": {"N": "20"}}), [])), list(range(20, 26)))
parts = [sum(numbers("scan", 100, Segment=part, TotalSegments=3), []) for part in range(3)]
same(sorted(sum(parts, [])), list(range(1, 26)))

# The resource interface, as handlers use it.
resource = boto3.resource("dynamodb").Table("rides")
resource.put_item(Item={"Owner": "you", "RideId": "1", "Km": decimal.Decimal("1.50"), "Words": {"a"}})
same(resource.get_item(Key={"Owner": "you", "RideId": "1"})["Item"]["Km"], decimal.Decimal("1.5"))
same(resource.query(KeyConditionExpression=Key("Owner").eq("you") & Key("RideId").begins_with("1"))["Count"], 1)
same(resource.scan(FilterExpression=Attr("Words").contains("a"))["Count"], 1)
with resource.batch_writer() as batch:
    for number in range(60):
        batch.put_item(Item={"Owner": "batch", "RideId": str(number)})
same(resource.query(KeyConditionExpression=Key("Owner").eq("batch"))["Count"], 60)

# Transactions: all or nothing.
check = {"TableName": "rides", "Key": ride(1), "ConditionExpression": "Km = :k", "ExpressionAttributeValues": {":k": {"N": "1"}}}
raise_ = {"TableName": "rides", "Key": ride(2), "UpdateExpression": "ADD Km :k", "ExpressionAttributeValues": {":k": {"N": "100"}}}
write = [{"ConditionCheck": check}, {"Update": raise_}, {"Put": {"TableName": "rides", "Item": ride(50)}}, {"Delete": {"TableName": "rides", "Key": ride(25)}}]
same(dynamodb.transact_write_items(TransactItems=write, ClientRequestToken="once")["ResponseMetadata"]["HTTPStatusCode"], 200)
dynamodb.transact_write_items(TransactItems=write, ClientRequestToken="once")
read = [{"Get": {"TableName": "rides", "Key": ride(number)}} for number in (2, 50, 25)]
items = [response.get("Item") for response in dynamodb.transact_get_items(TransactItems=read)["Responses"]]
same((items[0]["Km"], items[1], items[2]), ({"N": "102"}, ride(50), None))
with fails("IdempotentParameterMismatchException", status=400):
    dynamodb.transact_write_items(TransactItems=write[1:], ClientRequestToken="once")
try:
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "rides", "Item": ride(51)}}, {"Put": {"TableName": "rides", "Item": ride(50), **new}}])
    raise AssertionError("one of its conditions does not hold")
except dynamodb.exceptions.TransactionCanceledException as error:
    same([reason["Code"] for reason in error.response["CancellationReasons"]], ["None", "ConditionalCheckFailed"])
    assert "[None, ConditionalCheckFailed]" in error.response["Error"]["Message"], error
same("Item" in dynamodb.get_item(TableName="rides", Key=ride(51)), False)

# PartiQL.
select = "SELECT Km FROM rides WHERE Owner = ? AND RideId = ?"
same(dynamodb.execute_statement(Statement=select, Parameters=[{"S": "me"}, {"S": "003"}])["Items"], [{"Km": {"N": "3"}}])

# Streams tell each change once and in its order.
with fails("ResourceNotFoundException", status=400):
    streams.describe_stream(StreamArn=f"{arn}/none/stream/2020-01-01T00:00:00.000")
[stream] = streams.list_streams(TableName="rides")["Streams"]
same((stream["StreamArn"], stream["TableName"]), (table["LatestStreamArn"], "rides"))
about = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
same((about["StreamStatus"], about["StreamViewType"], about.get("KeySchema")), ("ENABLED", "NEW_AND_OLD_IMAGES", KEYS))
# A shard that is written to has no end yet: readers take one with an end for closed.
same([shard["SequenceNumberRange"].get("EndingSequenceNumber") for shard in about["Shards"]], [None])


def read_all(start, **more):
    """All records of the stream from `start` on."""
    seen = []
    for shard in about["Shards"]:
        token = streams.get_shard_iterator(StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType=start, **more)["ShardIterator"]
        while token:
            page = streams.get_records(ShardIterator=token, Limit=100)
            seen += page["Records"]
            token = page.get("NextShardIterator") if page["Records"] else None
    return seen


latest = streams.get_shard_iterator(StreamArn=stream["StreamArn"], ShardId=about["Shards"][-1]["ShardId"], ShardIteratorType="LATEST")["ShardIterator"]
same(streams.get_records(ShardIterator=latest)["Records"], [])
dynamodb.put_item(TableName="rides", Item=ride(70, Km={"N": "1"}))
dynamodb.put_item(TableName="rides", Item=ride(70, Km={"N": "2"}))
dynamodb.put_item(TableName="rides", Item=ride(70, Km={"N": "2"}))
dynamodb.delete_item(TableName="rides", Key=ride(70))
records = streams.get_records(ShardIterator=latest)["Records"]
same([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
changed = records[1]["dynamodb"]
same((changed["Keys"], changed["OldImage"], changed["NewImage"]), (ride(70), ride(70, Km={"N": "1"}), ride(70, Km={"N": "2"})))
same((records[1]["eventSource"], records[1]["awsRegion"], changed["StreamViewType"]), ("aws:dynamodb", REGION, "NEW_AND_OLD_IMAGES"))
assert abs(changed["ApproximateCreationDateTime"].timestamp() - time.time()) < 60, changed
told = read_all("TRIM_HORIZON")
same([record["eventID"] for record in told[-3:]], [record["eventID"] for record in records])
same(len({record["eventID"] for record in told}), len(told))
after = read_all("AFTER_SEQUENCE_NUMBER", SequenceNumber=changed["SequenceNumber"])
same([record["eventName"] for record in after], ["REMOVE"])
same([record["eventName"] for record in read_all("AT_SEQUENCE_NUMBER", SequenceNumber=changed["SequenceNumber"])], ["MODIFY", "REMOVE"])
with fails("ValidationException", status=400):
    streams.get_records(ShardIterator="nonsense")

# A role may put, into its own table, and no more.
with fails("AccessDeniedException", "dynamodb:PutItem", f"{arn}/rides", status=400):
    as_function("dynamodb").put_item(TableName="rides", Item=ride(1))
with fails("AccessDeniedException", "dynamodb:Scan"):
    as_function("dynamodb").scan(TableName="rides")
with fails("UnknownOperationException", "CreateBackup"):
    dynamodb.create_backup(TableName="rides", BackupName="kept")
