"""Write ride records to DynamoDB."""

import json
import logging
import os

import boto3

_logger = logging.getLogger(__name__)
_logger.setLevel(os.environ.get('LOG_LEVEL', 'INFO'))

DDB_TABLE_NAME = os.environ['DDB_TABLE_NAME']
DDB_TABLE = boto3.resource('dynamodb').Table(DDB_TABLE_NAME)


def handler(event, context):
    """Answer POST /record."""
    _logger.info('Event received: %s', json.dumps(event))

    ride_record = json.loads(event['body'])
    try:
        DDB_TABLE.put_item(Item=ride_record)
    except Exception:
        _logger.exception('Could not write the ride record')
        raise

    response = {
        'statusCode': 201,
        'body': json.dumps({'success': True}),
    }
    _logger.info('Response: %s', json.dumps(response))
    return response
