"""Who is refused, and with which of AWS's errors: query services, JSON services and REST services differ."""

import datetime
import json
import os
import unittest.mock
import urllib.error
import urllib.request

import botocore.auth

from support import ENDPOINT, as_function, client, fails, same

nobody = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x" * 40}
wrong_secret = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": "x" * 40}
token_missing = {"aws_access_key_id": os.environ["ROLE_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["ROLE_SECRET_ACCESS_KEY"]}
token_left = {"aws_session_token": "left over"} | {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"]
}

for keys in (nobody, token_missing, token_left):
    with fails("InvalidClientTokenId", "security token", status=403):
        client("sts", **keys).get_caller_identity()
    with fails("UnrecognizedClientException", "security token", status=400):
        client("ssm", **keys).get_parameter(Name="x")
    with fails("UnrecognizedClientException", "security token", status=403):
        client("lambda", **keys).list_functions()

with fails("SignatureDoesNotMatch", "Secret Access Key", status=403):
    client("sts", **wrong_secret).get_caller_identity()
with fails("InvalidSignatureException", "Secret Access Key", status=400):
    client("ssm", **wrong_secret).get_parameter(Name="x")

# Clocks that are too far apart.
for minutes, words in ((-20, "Signature expired"), (20, "Signature not yet current")):
    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + datetime.timedelta(minutes=minutes)

    name = "get_current_datetime" if hasattr(botocore.auth, "get_current_datetime") else None
    if name:
        late = lambda remove_tzinfo=True: Shifted.now(datetime.timezone.utc).replace(tzinfo=None)
        patch = unittest.mock.patch.object(botocore.auth, name, late)
    else:
        patch = unittest.mock.patch.object(botocore.auth.datetime, "datetime", Shifted)
    with patch, fails("SignatureDoesNotMatch", words, status=403):
        client("sts").get_caller_identity()
    with patch, fails("InvalidSignatureException", words, status=400):
        client("ssm").get_parameter(Name="x")


def post(body, **headers):
    """Status and body of an unsigned request."""
    request = urllib.request.Request(ENDPOINT, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


status, body = post("Action=GetCallerIdentity&Version=2011-06-15", Content_Type="application/x-www-form-urlencoded")
assert status == 403 and "<Code>MissingAuthenticationToken</Code>" in body, body
status, body = post("{}", Content_Type="application/x-amz-json-1.1", X_Amz_Target="AmazonSSM.GetParameter")
same((status, json.loads(body)["__type"]), (400, "MissingAuthenticationTokenException"))
status, body = post("Action=X", Content_Type="application/x-www-form-urlencoded", Authorization="AWS4-HMAC-SHA256 Credential=x")
assert status == 400 and "<Code>IncompleteSignature</Code>" in body, body

# A body that is not the one that was signed.
import botocore.awsrequest
import botocore.credentials

credentials = botocore.credentials.Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.DescribeParameters"}
for signed, sent, expected in (("{}", "{}", 200), ("{}", '{"MaxResults": 5}', 400), ("{", "{", 400), ("[]", "[]", 400)):
    request = botocore.awsrequest.AWSRequest("POST", ENDPOINT + "/", headers, signed)
    botocore.auth.SigV4Auth(credentials, "ssm", "us-east-2").add_auth(request)
    status, body = post(sent, **{name.replace("-", "_"): value for name, value in request.headers.items()})
    same((sent, status), (sent, expected))
    code = json.loads(body).get("__type")
    same(code, None if status == 200 else "SerializationException" if signed == sent else "InvalidSignatureException")

# Payloads that clients leave unsigned.
request = botocore.awsrequest.AWSRequest("POST", ENDPOINT + "/", headers | {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, "{}")


class Unsigned(botocore.auth.SigV4Auth):
    def payload(self, request):
        return "UNSIGNED-PAYLOAD"


Unsigned(credentials, "ssm", "us-east-2").add_auth(request)
same(post("{}", **{name.replace("-", "_"): value for name, value in request.headers.items()})[0], 200)

# The region is the one of the signature; each has a state of its own.
client("ssm", region_name="eu-west-1").put_parameter(Name="here", Value="1", Type="String")
same(len(client("ssm", region_name="eu-west-1").describe_parameters()["Parameters"]), 1)
same(len(client("ssm").describe_parameters()["Parameters"]), 0)
assert as_function("sts").get_caller_identity()["Account"]
