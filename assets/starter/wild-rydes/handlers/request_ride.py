"""Request a ride: find a unicorn, hand the ride on, answer the user."""

import json
import logging
import os
import uuid
from datetime import datetime, timedelta

import requests

_logger = logging.getLogger(__name__)
_logger.setLevel(os.environ.get('LOG_LEVEL', 'INFO'))

REQUEST_UNICORN_URL = os.environ['REQUEST_UNICORN_URL']
RIDE_RECORD_URL = os.environ['RIDE_RECORD_URL']

HTTP_TIMEOUT = 5  # seconds

# Version 1 UUIDs count time from the start of the Gregorian calendar.
UUID_EPOCH = datetime(1582, 10, 15)


def _generate_ride_id():
    """Return a new ride id. It carries the time at which it was made."""
    return uuid.uuid1()


def _get_timestamp_from_uuid(ride_id):
    """Return the time (UTC) at which a version 1 UUID was made."""
    return UUID_EPOCH + timedelta(microseconds=ride_id.time // 10)


def _get_unicorn(url=REQUEST_UNICORN_URL):
    """Ask the fleet for a unicorn."""
    response = requests.get(url, timeout=HTTP_TIMEOUT)
    response.raise_for_status()
    return response.json()


def _get_ride(pickup_location):
    """Return a ride with a unicorn that is on its way."""
    ride_id = _generate_ride_id()
    _logger.info('Ride %s starts at %s', ride_id, json.dumps(pickup_location))
    request_time = _get_timestamp_from_uuid(ride_id)
    return {
        'RideId': str(ride_id),
        'Unicorn': _get_unicorn(),
        'RequestTime': request_time.strftime('%Y-%m-%d %H:%M:%S.%f'),
    }


def _get_pickup_location(body):
    """Return the pickup location from the body of a request."""
    return json.loads(body)['PickupLocation']


def _post_ride_record(ride, url=RIDE_RECORD_URL):
    """Have the ride recorded, and wait until it is."""
    response = requests.post(url, json=ride, timeout=HTTP_TIMEOUT)
    response.raise_for_status()


def handler(event, context):
    """Answer POST /ride."""
    _logger.info('Request: %s', json.dumps(event))

    pickup_location = _get_pickup_location(event['body'])
    ride = _get_ride(pickup_location)
    _post_ride_record(ride)

    response = {
        'statusCode': 201,
        'body': json.dumps(ride),
        'headers': {
            'Access-Control-Allow-Origin': '*',
        },
    }
    _logger.info('Response: %s', json.dumps(response))
    return response
