"""STS: who am I?"""

import urllib.request

from support import ACCOUNT, as_function, client, fails, same

identity = client("sts").get_caller_identity()
same((identity["Account"], identity["Arn"]), (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/learner"))
assert identity["UserId"] and identity["ResponseMetadata"]["RequestId"]

identity = as_function("sts").get_caller_identity()
same(identity["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/contract-role/contract")
same(identity["UserId"].split(":")[1], "contract")

with fails("AccessDenied", "rydes env", status=403):
    client("sts").get_session_token()

# A presigned URL is as good as a signature in the header.
url = client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
with urllib.request.urlopen(url, timeout=10) as answer:
    body = answer.read().decode()
    assert answer.headers["content-type"] == "text/xml" and f"<Account>{ACCOUNT}</Account>" in body, body
