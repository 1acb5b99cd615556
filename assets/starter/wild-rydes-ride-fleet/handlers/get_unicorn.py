"""Pick a unicorn of the fleet."""

import json
import logging
import os
import random

import boto3

_logger = logging.getLogger(__name__)
_logger.setLevel(os.environ.get('LOG_LEVEL', 'INFO'))

DDB_TABLE_NAME = os.environ['DDB_TABLE_NAME']
DDB_TABLE = boto3.resource('dynamodb').Table(DDB_TABLE_NAME)


def _get_unicorn():
    """Return any unicorn. The fleet is small: one page of a scan holds it."""
    return random.choice(DDB_TABLE.scan()['Items'])


def handler(event, context):
    """Answer GET /unicorn."""
    _logger.info('Request: %s', json.dumps(event))

    response = {
        'statusCode': 200,
        'body': json.dumps(_get_unicorn()),
    }
    _logger.info('Response: %s', json.dumps(response))
    return response
