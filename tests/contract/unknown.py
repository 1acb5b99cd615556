"""What the sandbox does not do, it names; never a silent success. Followed in the feed, as the monitor does."""

import http.client
import json
import os
import urllib.parse

from support import ENDPOINT, client, fails

feed = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlparse(ENDPOINT).port, timeout=10)
feed.request("GET", "/rydes/activity", headers={"Authorization": f"Bearer {os.environ['RYDES_TOKEN']}"})
lines = feed.getresponse()


def told(kind):
    """The next thing of this kind in the feed."""
    while True:
        activity = json.loads(lines.readline())
        if kind in activity:
            return activity[kind]


for service, operation, arguments in (
    ("ssm", "GetDocument", {"Name": "x"}),
    ("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "x"}),
    ("kinesis", "PutRecord", {"StreamName": "s", "Data": b"", "PartitionKey": "k"}),
    ("iam", "ListUsers", {}),
    ("cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": [{"MetricName": "m"}]}),
    ("apigateway", "GetRestApis", {}),
    ("s3", "ListBuckets", {}),
):
    api = client(service)
    method = next(name for name, real in api.meta.method_to_api_mapping.items() if real == operation)
    with fails("UnknownOperationException", "rydes sandbox", status=400):
        getattr(api, method)(**arguments)
    unknown = told("unknown")["operation"]
    assert unknown.startswith(api.meta.service_model.signing_name), unknown
    if service in ("ssm", "sts", "kinesis", "iam"):
        assert unknown.endswith(operation), unknown

s3 = client("s3")
with fails("UnknownOperationException"):
    s3.put_object(Bucket="bucket", Key="a key/with", Body=b"body")

client("ssm").put_parameter(Name="x", Value="1", Type="String")
with fails("ParameterAlreadyExists"):
    client("ssm").put_parameter(Name="x", Value="1", Type="String")
first = next(call for call in iter(lambda: told("called"), None) if call["operation"] == "PutParameter")
assert first["service"] == "ssm" and first["fault"] is None and first["input"]["Name"] == "x", first
assert first["key"] == os.environ["AWS_ACCESS_KEY_ID"] and first["caller"].endswith("user/learner"), first
assert told("called")["fault"][0] == "ParameterAlreadyExists"
