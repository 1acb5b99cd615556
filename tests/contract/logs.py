"""CloudWatch Logs: groups, streams, events with paging, filters, and a live tail."""

import json
import threading
import time

from support import ACCOUNT, REGION, as_function, client, fails, same

logs = client("logs")
arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"


def now():
    return int(time.time() * 1000)


def put(group, stream, *messages, at=None):
    events = [{"timestamp": at or now(), "message": message} for message in messages]
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def messages(events):
    return [event["message"] for event in events]


# Groups.
logs.create_log_group(logGroupName="/aws/lambda/ride", tags={"stage": "dev"})
with fails("ResourceAlreadyExistsException", "log group", status=400):
    logs.create_log_group(logGroupName="/aws/lambda/ride")
with fails("InvalidParameterException", "logGroupName"):
    logs.create_log_group(logGroupName="two words")
for number in range(60):
    logs.create_log_group(logGroupName=f"many/{number:02}")
pages = list(logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="many/"))
same([len(page["logGroups"]) for page in pages], [50, 10])
group = logs.describe_log_groups(logGroupNamePattern="LAMBDA/R")["logGroups"][0]
same((group["logGroupName"], group["arn"]), ("/aws/lambda/ride", f"{arn}:/aws/lambda/ride:*"))
same((group["logGroupArn"], group["storedBytes"]), (f"{arn}:/aws/lambda/ride", 0))
assert abs(group["creationTime"] - now()) < 60_000, group
with fails("InvalidParameterException", "mutually exclusive"):
    logs.describe_log_groups(logGroupNamePattern="a", logGroupNamePrefix="a")
logs.put_retention_policy(logGroupName="/aws/lambda/ride", retentionInDays=7)
same(logs.describe_log_groups(logGroupNamePrefix="/aws")["logGroups"][0]["retentionInDays"], 7)
with fails("InvalidParameterException", "retentionInDays"):
    logs.put_retention_policy(logGroupName="/aws/lambda/ride", retentionInDays=8)
logs.delete_retention_policy(logGroupName="/aws/lambda/ride")
assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix="/aws")["logGroups"][0]
logs.tag_resource(resourceArn=f"{arn}:/aws/lambda/ride", tags={"team": "rides"})
logs.untag_resource(resourceArn=f"{arn}:/aws/lambda/ride", tagKeys=["stage"])
same(logs.list_tags_for_resource(resourceArn=f"{arn}:/aws/lambda/ride")["tags"], {"team": "rides"})

# Streams.
for stream in ("b", "a", "c"):
    logs.create_log_stream(logGroupName="/aws/lambda/ride", logStreamName=stream)
with fails("ResourceAlreadyExistsException", "log stream"):
    logs.create_log_stream(logGroupName="/aws/lambda/ride", logStreamName="a")
with fails("ResourceNotFoundException", "log group", status=400):
    logs.create_log_stream(logGroupName="none", logStreamName="a")
start = now() - 10_000
put("/aws/lambda/ride", "a", "oldest", at=start)
put("/aws/lambda/ride", "b", "newest", at=start + 2)
put("/aws/lambda/ride", "c", "between", at=start + 1)
by_time = dict(logGroupName="/aws/lambda/ride", orderBy="LastEventTime", descending=True)
pages = list(logs.get_paginator("describe_log_streams").paginate(**by_time, PaginationConfig={"PageSize": 2}))
same([[stream["logStreamName"] for stream in page["logStreams"]] for page in pages], [["b", "c"], ["a"]])
stream = pages[1]["logStreams"][0]
same((stream["firstEventTimestamp"], stream["lastEventTimestamp"]), (start, start))
same(stream["arn"], f"{arn}:/aws/lambda/ride:log-stream:a")
logs.delete_log_stream(logGroupName="/aws/lambda/ride", logStreamName="c")
with fails("ResourceNotFoundException", "log stream"):
    logs.get_log_events(logGroupName="/aws/lambda/ride", logStreamName="c")

# What a batch of events may be.
answer = put("/aws/lambda/ride", "a", "later", at=now() + 3 * 3_600_000)
same(answer["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 0})
answer = put("/aws/lambda/ride", "a", "of old", at=now() - 15 * 24 * 3_600_000)
same(answer["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1})
assert put("/aws/lambda/ride", "b", "again", at=start + 3)["nextSequenceToken"]
with fails("InvalidParameterException", "Upload too large"):
    put("/aws/lambda/ride", "a", *["x" * 250_000] * 5)
with fails("InvalidParameterException", "chronological"):
    events = [{"timestamp": start, "message": "2"}, {"timestamp": start - 1, "message": "1"}]
    logs.put_log_events(logGroupName="/aws/lambda/ride", logStreamName="a", logEvents=events)
with fails("ResourceNotFoundException", "log stream"):
    put("/aws/lambda/ride", "none", "m")

# One stream, page by page; at the end the same token comes back.
logs.create_log_group(logGroupName="pages")
logs.create_log_stream(logGroupName="pages", logStreamName="s")
for number in range(10):
    put("pages", "s", f"line {number}", at=start + number)
seen, token = [], None
while True:
    more = {"nextToken": token} if token else {}
    page = logs.get_log_events(logGroupName="pages", logStreamName="s", startFromHead=True, limit=4, **more)
    seen.append(messages(page["events"]))
    if page["nextForwardToken"] == token:
        break
    token = page["nextForwardToken"]
same([len(page) for page in seen], [4, 4, 2, 0])
same(sum(seen, []), [f"line {number}" for number in range(10)])
newest = logs.get_log_events(logGroupIdentifier=f"{arn}:pages", logStreamName="s", limit=3)
same(messages(newest["events"]), ["line 7", "line 8", "line 9"])
before = logs.get_log_events(logGroupName="pages", logStreamName="s", limit=3, nextToken=newest["nextBackwardToken"])
same(messages(before["events"]), ["line 4", "line 5", "line 6"])
put("pages", "s", "since", at=start + 99)
page = logs.get_log_events(logGroupName="pages", logStreamName="s", nextToken=token)
same(messages(page["events"]), ["since"])
with fails("InvalidParameterException", "nextToken"):
    logs.get_log_events(logGroupName="pages", logStreamName="s", nextToken="f/0/s")

# Filters over a group.
logs.create_log_group(logGroupName="filters")
for stream in ("ride/1", "ride/2", "other"):
    logs.create_log_stream(logGroupName="filters", logStreamName=stream)
rides = [json.dumps({"level": "ERROR" if number % 4 == 0 else "INFO", "ride": {"km": number}}) for number in range(40)]
for number, ride in enumerate(rides):
    put("filters", f"ride/{number % 2 + 1}", ride, at=start + number)
put("filters", "other", "[ERROR] timed out after 3.00 seconds", at=start + 50)
paginate = logs.get_paginator("filter_log_events").paginate


def filtered(pattern, **more):
    pages = paginate(logGroupName="filters", filterPattern=pattern, **more)
    return messages([event for page in pages for event in page["events"]])


same(filtered("", logStreamNamePrefix="ride/", PaginationConfig={"PageSize": 7}), rides)
same(filtered("", logStreamNames=["ride/2"]), rides[1::2])
same(filtered("{ $.level = ERROR && $.ride.km > 30 }"), [rides[32], rides[36]])
same(filtered('{ $.level = "E*" && ($.ride.km = 0 || $.ride.km = 4) }'), [rides[0], rides[4]])
same(filtered('ERROR "timed out"'), ["[ERROR] timed out after 3.00 seconds"])
same(filtered("?seconds ?nothing"), ["[ERROR] timed out after 3.00 seconds"])
same(len(filtered("ERROR -timed")), 10)
same(filtered(r"%after \d\.\d+ s%"), ["[ERROR] timed out after 3.00 seconds"])
same(filtered("[level = ERROR, ..., unit = sec*]"), ["[ERROR] timed out after 3.00 seconds"])
same(filtered("", startTime=start + 5, endTime=start + 6), rides[5:7])
ids = [event["eventId"] for page in paginate(logGroupName="filters") for event in page["events"]]
same(len(set(ids)), 41)
again = [event["eventId"] for page in paginate(logGroupName="filters", PaginationConfig={"PageSize": 3}) for event in page["events"]]
same(again, ids)
for pattern in ("{ $.a", "a/b", "[a", '"open', "%(%"):
    with fails("InvalidParameterException", "Invalid filter pattern"):
        filtered(pattern)

# A live tail tells what matches, soon, and each second when nothing comes.
logs.create_log_group(logGroupName="tail")
logs.create_log_stream(logGroupName="tail", logStreamName="s")
stream = logs.start_live_tail(logGroupIdentifiers=[f"{arn}:tail"], logEventFilterPattern="ride")["responseStream"]
events = iter(stream)
first = next(events)["sessionStart"]
same((first["logGroupIdentifiers"], first["logEventFilterPattern"]), ([f"{arn}:tail"], "ride"))


def later():
    time.sleep(0.2)
    put("tail", "s", "ride 1", "noise", "ride 2")


writer = threading.Thread(target=later)
writer.start()
seen = []
while len(seen) < 2:
    update = next(events)["sessionUpdate"]
    same(update["sessionMetadata"], {"sampled": False})
    seen += update["sessionResults"]
same(messages(seen), ["ride 1", "ride 2"])
same((seen[0]["logGroupIdentifier"], seen[0]["logStreamName"]), (f"{ACCOUNT}:tail", "s"))
same(next(events)["sessionUpdate"]["sessionResults"], [])
writer.join()
stream.close()
with fails("InvalidParameterException", "ARN"):
    logs.start_live_tail(logGroupIdentifiers=["tail"])
with fails("ResourceNotFoundException", "log group"):
    logs.start_live_tail(logGroupIdentifiers=[f"{arn}:none"])

# A role may do what its policies say, and no more.
with fails("AccessDeniedException", "logs:DescribeLogGroups", status=400):
    as_function("logs").describe_log_groups()
with fails("AccessDeniedException", "logs:PutLogEvents", f"{arn}:tail:log-stream:s"):
    events = [{"timestamp": now(), "message": "m"}]
    as_function("logs").put_log_events(logGroupName="tail", logStreamName="s", logEvents=events)

# What is deleted is gone.
logs.delete_log_group(logGroupName="tail")
with fails("ResourceNotFoundException", "log group"):
    logs.filter_log_events(logGroupName="tail")
with fails("ResourceNotFoundException", "log group"):
    logs.delete_log_group(logGroupName="tail")
with fails("UnknownOperationException", "StartQuery", "sandbox"):
    logs.start_query(logGroupName="pages", startTime=0, endTime=1, queryString="fields @message")
