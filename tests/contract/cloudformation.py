"""CloudFormation's read side, as tools ask it about a service that is deployed."""

import json
import os
import urllib.request

from support import client, fails

FILE = """
service: shop
provider: { name: aws, runtime: python3.13, region: us-east-2 }
functions:
  Ride: { handler: handlers/ride.handler, events: [{ http: GET /ride }] }
resources:
  Resources:
    Topic: { Type: AWS::SNS::Topic }
  Outputs:
    TopicArn: { Description: where rides are told, Value: !Ref Topic, Export: { Name: rides } }
"""

os.makedirs("shop/handlers")
with open("shop/serverless.yml", "w") as file:
    file.write(FILE)
with open("shop/handlers/ride.py", "w") as file:
    file.write("def handler(event, context): return {'statusCode': 200}\n")

cloud = client("cloudformation")


def deploy(path="deploy"):
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/rydes/{path}",
        json.dumps({"service": "shop"}).encode(),
        {"Authorization": f"Bearer {os.environ['RYDES_TOKEN']}"},
    )
    with urllib.request.urlopen(request) as answer:
        last = json.loads(answer.read().splitlines()[-1])
    assert last["type"] == "done", last


for call in [
    cloud.describe_stacks,
    cloud.describe_stack_resources,
    cloud.describe_stack_events,
    cloud.get_template,
    cloud.list_stack_resources,
]:
    with fails("ValidationError", "Stack with id shop-dev does not exist", status=400):
        call(StackName="shop-dev")
assert cloud.describe_stacks()["Stacks"] == []
assert cloud.list_exports()["Exports"] == []

deploy()
[stack] = cloud.describe_stacks(StackName="shop-dev")["Stacks"]
assert stack["StackStatus"] == "CREATE_COMPLETE" and stack["StackName"] == "shop-dev", stack
assert stack["StackId"].startswith("arn:aws:cloudformation:us-east-2:123456789012:stack/shop-dev/"), stack
assert {tag["Key"]: tag["Value"] for tag in stack["Tags"]}["STAGE"] == "dev", stack
outputs = {output["OutputKey"]: output for output in stack["Outputs"]}
topic = outputs["TopicArn"]
assert topic["Description"] == "where rides are told" and topic["ExportName"] == "rides", topic
assert topic["OutputValue"] in [found["TopicArn"] for found in client("sns").list_topics()["Topics"]]
assert urllib.request.urlopen(outputs["ServiceEndpoint"]["OutputValue"] + "/ride").status == 200
assert cloud.describe_stacks(StackName=stack["StackId"])["Stacks"] == [stack]

exports = cloud.get_paginator("list_exports").paginate().build_full_result()["Exports"]
[export] = [export for export in exports if export["Name"] == "rides"]
assert (export["Name"], export["Value"], export["ExportingStackId"]) == ("rides", topic["OutputValue"], stack["StackId"])

resources = cloud.describe_stack_resources(StackName="shop-dev")["StackResources"]
kinds = {found["LogicalResourceId"]: found["ResourceType"] for found in resources}
assert kinds["Topic"] == "AWS::SNS::Topic" and kinds["RideLambdaFunction"] == "AWS::Lambda::Function", kinds
assert all(found["ResourceStatus"] == "CREATE_COMPLETE" and found["Timestamp"] for found in resources), resources
summaries = cloud.get_paginator("list_stack_resources").paginate(StackName="shop-dev").build_full_result()
assert {found["LogicalResourceId"] for found in summaries["StackResourceSummaries"]} == set(kinds)
detail = cloud.describe_stack_resource(StackName="shop-dev", LogicalResourceId="Topic")["StackResourceDetail"]
assert detail["PhysicalResourceId"] == topic["OutputValue"], detail
with fails("ValidationError"):
    cloud.describe_stack_resource(StackName="shop-dev", LogicalResourceId="Nothing")

events = cloud.get_paginator("describe_stack_events").paginate(StackName="shop-dev").build_full_result()["StackEvents"]
assert (events[0]["LogicalResourceId"], events[0]["ResourceStatus"]) == ("shop-dev", "CREATE_COMPLETE"), events[0]
assert (events[-1]["LogicalResourceId"], events[-1]["ResourceStatus"]) == ("shop-dev", "CREATE_IN_PROGRESS"), events[-1]
assert len({event["EventId"] for event in events}) == len(events)

template = cloud.get_template(StackName="shop-dev")["TemplateBody"]
template = json.loads(template) if isinstance(template, str) else template
assert template["Resources"]["Topic"]["Type"] == "AWS::SNS::Topic"

names = [found["StackName"] for found in cloud.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]]
assert names == ["shop-dev"], names
deploy()
assert cloud.describe_stacks(StackName="shop-dev")["Stacks"] == [stack], "a deploy that changes nothing leaves no trace"

deploy("remove")
with fails("ValidationError"):
    cloud.describe_stacks(StackName="shop-dev")
assert cloud.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
[gone] = cloud.list_stacks()["StackSummaries"]
assert gone["StackStatus"] == "DELETE_COMPLETE" and gone["DeletionTime"], gone
cloud.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"])
with fails("UnknownOperationException"):
    cloud.delete_stack(StackName="shop-dev")
