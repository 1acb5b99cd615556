"""What the contract scripts share: clients of the sandbox, and assertions that say what they saw."""

import contextlib
import os
import sys

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    sys.exit(f"{sys.executable} has no boto3, which the contract tests need: run .ci/run, or `python3 -m pip install boto3 requests`.")

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_DEFAULT_REGION"]
ACCOUNT = "123456789012"


def client(service, **settings):
    """A client of the sandbox as the learner; `settings` are boto3's own."""
    config = botocore.config.Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
    return boto3.client(service, **{"config": config, **settings})


def as_function(service, **settings):
    """A client with the keys of a function's role, which tests/it/contract.rs describes."""
    return client(
        service,
        aws_access_key_id=os.environ["ROLE_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["ROLE_SECRET_ACCESS_KEY"],
        aws_session_token=os.environ["ROLE_SESSION_TOKEN"],
        **settings,
    )


@contextlib.contextmanager
def fails(code, *words, status=None):
    """What stands below must fail with AWS's error `code`, whose message holds `words`."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        got, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        assert got == code, f"failed with {got} ({message}), not {code}"
        for word in words:
            assert word in message, f"{word!r} is not in the message of {got}: {message!r}"
        http = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert status in (None, http), f"{got} came with HTTP {http}, not {status}"
        assert error.response["ResponseMetadata"].get("RequestId"), "an error carries the id of its request"
    else:
        raise AssertionError(f"succeeded, and should have failed with {code}")


def same(actual, expected):
    """Both must be equal."""
    assert actual == expected, f"\n  got      {actual!r}\n  expected {expected!r}"
