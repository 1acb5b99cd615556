"""The agent: a decorator of handlers."""


class Thundra:
    """Returns what it decorates."""

    def __init__(self, *arguments, **settings):
        self.api_key = settings.get('api_key')

    def __call__(self, function):
        return function

    call = __call__
