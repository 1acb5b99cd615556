"""Fill the table of unicorns: a CloudFormation custom resource."""

import json
import logging
import os
import urllib.request
from pathlib import Path

import boto3

_logger = logging.getLogger(__name__)
_logger.setLevel(os.environ.get('LOG_LEVEL', 'INFO'))

DDB_TABLE_NAME = os.environ['DDB_TABLE_NAME']
DDB_TABLE = boto3.resource('dynamodb').Table(DDB_TABLE_NAME)
UNICORNS = Path(__file__).parent.parent / 'data' / 'unicorns.json'


def _load_table():
    """Write every unicorn; one that is there already is written over."""
    for unicorn in json.loads(UNICORNS.read_text(encoding='utf-8')):
        DDB_TABLE.put_item(Item=unicorn)


def _answer(event, status, reason):
    """Tell CloudFormation how it went: it waits for this, for up to an hour."""
    body = json.dumps({
        'Status': status,
        'Reason': reason,
        'PhysicalResourceId': DDB_TABLE_NAME,
        'StackId': event['StackId'],
        'RequestId': event['RequestId'],
        'LogicalResourceId': event['LogicalResourceId'],
    })
    _logger.info('Response: %s', body)
    # The address is signed for an empty content type.
    request = urllib.request.Request(
        event['ResponseURL'],
        data=body.encode(),
        headers={'Content-Type': ''},
        method='PUT',
    )
    urllib.request.urlopen(request).close()


def handler(event, context):
    """Create, update or delete the content of the table."""
    _logger.info('Event received: %s', json.dumps(event))
    try:
        # Deleting the stack deletes the table, and the unicorns with it.
        if event['RequestType'] != 'Delete':
            _load_table()
    except Exception as error:
        _logger.exception('Could not load the unicorns')
        _answer(event, 'FAILED', str(error))
    else:
        _answer(event, 'SUCCESS', 'Unicorns loaded')
