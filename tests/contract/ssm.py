"""SSM Parameter Store, as the services of the workshop and the Serverless Framework use it."""

import datetime

from support import ACCOUNT, REGION, client, fails, same

ssm = client("ssm")
arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"


def put(name, value, kind="String", **more):
    return ssm.put_parameter(Name=name, Value=value, Type=kind, **more)


# Writing and reading.
answer = put("/wild-rydes/dev/SnsTopicArn", "arn:1")
same((answer["Version"], answer["Tier"]), (1, "Standard"))
parameter = ssm.get_parameter(Name="/wild-rydes/dev/SnsTopicArn")["Parameter"]
age = datetime.datetime.now(datetime.timezone.utc) - parameter.pop("LastModifiedDate")
assert abs(age) < datetime.timedelta(minutes=1), age
same(parameter, {
    "Name": "/wild-rydes/dev/SnsTopicArn", "Type": "String", "Value": "arn:1", "Version": 1, "DataType": "text",
    "ARN": f"{arn}/wild-rydes/dev/SnsTopicArn",
})
with fails("ParameterAlreadyExists", "overwrite", status=400):
    put("/wild-rydes/dev/SnsTopicArn", "arn:2")
same(put("/wild-rydes/dev/SnsTopicArn", "arn:2", Overwrite=True)["Version"], 2)
same(ssm.put_parameter(Name="/wild-rydes/dev/SnsTopicArn", Value="arn:3", Overwrite=True)["Version"], 3)
for name, value in (
    ("/wild-rydes/dev/SnsTopicArn", "arn:3"),
    ("/wild-rydes/dev/SnsTopicArn:1", "arn:1"),
    (f"{arn}/wild-rydes/dev/SnsTopicArn", "arn:3"),
    (f"{arn}/wild-rydes/dev/SnsTopicArn:2", "arn:2"),
):
    found = ssm.get_parameter(Name=name)["Parameter"]
    same((found["Name"], found["Value"]), ("/wild-rydes/dev/SnsTopicArn", value))
same(ssm.get_parameter(Name="/wild-rydes/dev/SnsTopicArn:1")["Parameter"]["Selector"], ":1")
with fails("ParameterVersionNotFound", "version 9"):
    ssm.get_parameter(Name="/wild-rydes/dev/SnsTopicArn:9")
for name in ("/nothing", "nothing", f"{arn}/nothing", "arn:aws:ssm:eu-west-1:123456789012:parameter/wild-rydes/dev/SnsTopicArn"):
    with fails("ParameterNotFound", status=400):
        ssm.get_parameter(Name=name)
history = ssm.get_parameter_history(Name="/wild-rydes/dev/SnsTopicArn", MaxResults=2)
same([(row["Version"], row["Value"]) for row in history["Parameters"]], [(1, "arn:1"), (2, "arn:2")])
history = ssm.get_parameter_history(Name="/wild-rydes/dev/SnsTopicArn", NextToken=history["NextToken"])
same([row["Version"] for row in history["Parameters"]], [3])
assert "NextToken" not in history

# Types.
put("list", "a,b", "StringList")
put("secret", "hidden", "SecureString")
same(ssm.get_parameter(Name="list")["Parameter"]["Type"], "StringList")
assert "hidden" not in ssm.get_parameter(Name="secret")["Parameter"]["Value"]
same(ssm.get_parameter(Name="secret", WithDecryption=True)["Parameter"]["Value"], "hidden")

# What is refused.
for name in ("ssm-x", "/a//b", "a/b", "a b", "/a/"):
    with fails("ValidationException"):
        put(name, "x")
with fails("AccessDeniedException", "reserved"):
    put("/aws/x", "x")
with fails("HierarchyLevelLimitExceededException"):
    put("/a" * 16, "x")
with fails("ValidationException", "type is required"):
    ssm.put_parameter(Name="new", Value="x")
with fails("ValidationException", "enum"):
    put("new", "x", "Text")
with fails("ValidationException", "4096"):
    put("new", "x" * 4097)
same(put("big", "x" * 4097, Tier="Intelligent-Tiering")["Tier"], "Advanced")
with fails("ValidationException", "nest"):
    put("new", "{{x}}")
with fails("ParameterPatternMismatchException"):
    put("new", "x1", AllowedPattern="[a-z]+")
with fails("InvalidAllowedPatternException"):
    put("new", "x1", AllowedPattern="[")
put("patterned", "x1", AllowedPattern="[a-z0-9]+")
with fails("ValidationException", "tags and overwrite"):
    put("list", "x", Overwrite=True, Tags=[{"Key": "k", "Value": "v"}])

# Several.
found = ssm.get_parameters(Names=["list", "nothing", "secret"])
same(sorted(row["Name"] for row in found["Parameters"]), ["list", "secret"])
same(found["InvalidParameters"], ["nothing"])
with fails("ValidationException", "less than or equal to 10"):
    ssm.get_parameters(Names=[f"n{number}" for number in range(11)])

# By path.
for number in range(12):
    put(f"/app/dev/p{number:02}", str(number))
put("/app/dev/deep/er", "x")
put("/application/x", "x")
names = [row["Name"] for page in ssm.get_paginator("get_parameters_by_path").paginate(Path="/app/dev") for row in page["Parameters"]]
same(names, [f"/app/dev/p{number:02}" for number in range(12)])
page = ssm.get_parameters_by_path(Path="/app", Recursive=True, MaxResults=5)
same((len(page["Parameters"]), "NextToken" in page), (5, True))
every = [row["Name"] for page in ssm.get_paginator("get_parameters_by_path").paginate(Path="/app/", Recursive=True) for row in page["Parameters"]]
same(len(every), 13)
same(ssm.get_parameters_by_path(Path="/app")["Parameters"], [])
with fails("ValidationException", "forward slash"):
    ssm.get_parameters_by_path(Path="app")
with fails("ValidationException", "maxResults"):
    ssm.get_parameters_by_path(Path="/app", MaxResults=11)
with fails("InvalidNextToken"):
    ssm.get_parameters_by_path(Path="/app", NextToken="*")
same(len(ssm.get_parameters_by_path(Path="/app/dev", ParameterFilters=[{"Key": "Type", "Values": ["SecureString"]}])["Parameters"]), 0)
with fails("InvalidFilterKey"):
    ssm.get_parameters_by_path(Path="/app", ParameterFilters=[{"Key": "Name", "Values": ["x"]}])


# Described.
def described(**arguments):
    pages = ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 7}, **arguments)
    return [row["Name"] for page in pages for row in page["Parameters"]]


def where(key, *values, option=None):
    return described(ParameterFilters=[{"Key": key, "Values": list(values)} | ({"Option": option} if option else {})])


same(len(described()), 19)
same(where("Type", "StringList"), ["list"])
same(where("Name", "list", "secret"), ["list", "secret"])
same(len(where("Name", "/app/", option="BeginsWith")), 13)
same(where("Name", "Topic", option="Contains"), ["/wild-rydes/dev/SnsTopicArn"])
same(len(where("Path", "/app/dev", option="OneLevel")), 12)
same(len(where("Path", "/app", option="Recursive")), 13)
same(where("Tier", "Advanced"), ["big"])
same(described(Filters=[{"Key": "Name", "Values": ["sec"]}]), ["secret"])
with fails("InvalidFilterKey"):
    where("Colour", "red")
with fails("InvalidFilterOption"):
    where("Type", "String", option="Contains")
row = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["secret"]}])["Parameters"][0]
same((row["KeyId"], row["Version"], row["Tier"], row["ARN"]), ("alias/aws/ssm", 1, "Standard", f"{arn}/secret"))
same(row["LastModifiedUser"], f"arn:aws:iam::{ACCOUNT}:user/learner")
assert "Value" not in row

# Tags.
put("tagged", "x", Tags=[{"Key": "team", "Value": "rides"}])
ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="tagged", Tags=[{"Key": "b", "Value": "2"}, {"Key": "team", "Value": "ops"}])
same(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="tagged")["TagList"], [{"Key": "b", "Value": "2"}, {"Key": "team", "Value": "ops"}])
same(where("tag:team", "ops"), ["tagged"])
ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="tagged", TagKeys=["b", "none"])
same(len(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="tagged")["TagList"]), 1)
with fails("InvalidResourceId"):
    ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="nothing")
with fails("InvalidResourceType"):
    ssm.list_tags_for_resource(ResourceType="Document", ResourceId="tagged")
with fails("TooManyTagsError"):
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="tagged", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])

# Removing.
ssm.delete_parameter(Name="tagged")
with fails("ParameterNotFound"):
    ssm.delete_parameter(Name="tagged")
gone = ssm.delete_parameters(Names=["list", "nothing", f"{arn}/secret"])
same((gone["DeletedParameters"], gone["InvalidParameters"]), (["list", f"{arn}/secret"], ["nothing"]))
same(put("list", "again")["Version"], 1)
