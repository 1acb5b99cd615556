"""Run one instance of a function: load its code once, then answer one request after the other.

What a handler sees is what Lambda's Python runtime shows it: the context object, the format of log lines, the errors. The
program is spoken to in frames, `lengths of header and payload (two big-endian u32), header (JSON), payload (bytes)`;
what is printed and logged goes to standard output, where a line that begins with NUL and the mark of this instance tells
where a request ends. A logged message of several lines is one line there, with carriage returns.
"""

import datetime
import decimal
import gc
import importlib
import io
import json
import logging
import os
import struct
import sys
import time
import traceback

OWN = '<rydes>'
FRAME = struct.Struct('>II')
LONGEST_ANSWER = 6291556  # bytes
MOST_LINES = 50  # of a stack trace


class Channel:
    """Frames to and from the program."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink

    def read(self):
        """The next header and payload; `None` when the program is gone."""
        lengths = self._exactly(FRAME.size)
        if lengths is None:
            return None
        header_length, payload_length = FRAME.unpack(lengths)
        header = self._exactly(header_length)
        payload = self._exactly(payload_length) if header is not None else None
        return None if payload is None else (json.loads(header), payload)

    def write(self, header, payload=b''):
        text = json.dumps(header).encode()
        data = memoryview(FRAME.pack(len(text), len(payload)) + text + payload)
        while data:
            data = data[os.write(self.sink, data):]

    def _exactly(self, length):
        parts = []
        while length:
            part = os.read(self.source, min(length, 1 << 20))
            if not part:
                return None
            parts.append(part)
            length -= len(part)
        return b''.join(parts)


class Fault(Exception):
    """The function cannot answer, and Lambda has a name for why."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class Identity:
    """Who called through Cognito: nobody."""

    __slots__ = ('cognito_identity_id', 'cognito_identity_pool_id')

    def __init__(self):
        self.cognito_identity_id = self.cognito_identity_pool_id = None

    def __repr__(self):
        return 'CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None])'


class Client:
    """The application of a mobile client."""

    def __init__(self, client):
        client = client or {}
        for name in ('installation_id', 'app_title', 'app_version_name', 'app_version_code', 'app_package_name'):
            setattr(self, name, client.get(name))


class ClientContext:
    """What a mobile client says of itself."""

    def __init__(self, context):
        self.custom, self.env = context.get('custom'), context.get('env')
        self.client = Client(context.get('client'))


class Context:
    """The second argument of a handler."""

    def __init__(self, function, request, received):
        self.function_name = function['name']
        self.function_version = '$LATEST'
        self.invoked_function_arn = function['arn']
        self.memory_limit_in_mb = str(function['memory_mb'])
        self.aws_request_id = request['request_id']
        self.log_group_name = function['log_group']
        self.log_stream_name = function['log_stream']
        self.identity = Identity()
        client = request.get('client_context')
        self.client_context = ClientContext(client) if client else None
        self.tenant_id = None
        self._deadline = received + request['timeout_ms'] / 1000

    def get_remaining_time_in_millis(self):
        """Milliseconds until the function is stopped."""
        return max(int((self._deadline - time.monotonic()) * 1000), 0)

    def log(self, message):
        """Write a line to the log."""
        print(message)

    def __repr__(self):
        fields = ('aws_request_id', 'log_group_name', 'log_stream_name', 'function_name', 'memory_limit_in_mb',
                  'function_version', 'invoked_function_arn', 'client_context', 'identity')
        return f"LambdaContext([{','.join(f'{name}={getattr(self, name)}' for name in fields)}])"


class LogHandler(logging.Handler):
    """Writes records as Lambda does: `[LEVEL]`, time, request id, message, with tabs between."""

    def __init__(self):
        super().__init__()
        formatter = logging.Formatter(
            '[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s', '%Y-%m-%dT%H:%M:%S')
        formatter.converter = time.gmtime
        self.setFormatter(formatter)
        self.request_id = ''
        # A filter, so that a formatter which the handler's code brings can use the field as well.
        self.addFilter(self._add_request_id)

    def _add_request_id(self, record):
        record.aws_request_id = self.request_id
        return True

    def emit(self, record):
        try:
            log(self.format(record))
        except Exception:
            self.handleError(record)


def log(message):
    """Write a message of any number of lines as one event."""
    sys.stdout.flush()
    sys.stdout.write(message.rstrip('\n').replace('\n', '\r') + '\n')
    sys.stdout.flush()


def encode(answer):
    """The JSON of what a handler returned."""

    def other(value):
        if isinstance(value, decimal.Decimal):
            return float(value)
        raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')

    try:
        try:
            return json.dumps(answer, default=other, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half a character
            return json.dumps(answer, default=other).encode()
    except MemoryError:
        raise
    except Exception as error:
        raise Fault('Runtime.MarshalError', f'Unable to marshal response: {error}') from error


def load(name):
    """The function that `folder/module.function` names."""
    try:
        module_name, function_name = name.rsplit('.', 1)
    except ValueError:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise Fault('Runtime.MalformedHandlerName', message) from None
    try:
        module = importlib.import_module(module_name.replace('/', '.'))
    except ImportError as error:
        raise Fault('Runtime.ImportModuleError', f"Unable to import module '{module_name}': {error}", frames(error)) from error
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}\n'
        raise Fault('Runtime.UserCodeSyntaxError', f"Syntax error in module '{module_name}': {error}", [place]) from error
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault('Runtime.HandlerNotFound', message)
    return getattr(module, function_name)


def frames(error):
    """The stack trace of an error, without our own part of it and that of the import machinery."""
    stack = [frame for frame in traceback.extract_tb(error.__traceback__)
             if not frame.filename.startswith((OWN, '<frozen importlib')) and frame.filename != importlib.__file__]
    lines = traceback.format_list(stack)
    if len(lines) > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f'  … {len(lines) - MOST_LINES} frames …\n', *lines[-half:]]
    return lines


def describe(error, request_id):
    """Log an error as Lambda does, and give its type and its JSON."""
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace
        logged = f'[ERROR] {kind}: {message}\nTraceback (most recent call last):\n{"".join(trace)}'
    else:
        kind, trace = type(error).__name__, frames(error)
        try:
            message = str(error)
        except Exception:
            message = f'<{kind} that cannot be printed>'
        logged = f'[ERROR] {kind}: {message}\nTraceback (most recent call last):\n{"".join(trace)}'
    log(logged)
    body = {'errorMessage': message, 'errorType': kind, 'requestId': request_id, 'stackTrace': trace}
    return kind, message, json.dumps(body).encode()


def peak_kilobytes():
    """The most memory that this process had."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == 'darwin' else peak


def has_children():
    """Whether processes that the handler started are still there."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return True
    except (OSError, AttributeError):
        return False


def set_up(order):
    """Make this process look like a fresh one in Lambda: standard streams, environment, folder, logging."""
    sys.stdin = open(os.devnull)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(1, 'w', closefd=False), 1 << 15), 'utf-8', 'backslashreplace', line_buffering=True)
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, 'w', closefd=False)), 'utf-8', 'backslashreplace', line_buffering=True)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    # In place: boto3's default session reads this very mapping.
    os.environ.clear()
    os.environ.update(order['environment'])
    if hasattr(time, 'tzset'):
        time.tzset()
    os.chdir(order['folder'])
    sys.path.insert(0, order['folder'])
    sys.argv = ['']
    sys.dont_write_bytecode = True
    handler = LogHandler()
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    return handler


def run(order, channel, logger):
    """Load the code, say so, and answer requests until the program hangs up."""
    own = os.getpid()
    mark = f'\0{order["mark"]}\n'
    if hasattr(os, 'register_at_fork'):
        # A process that a handler forks must not answer in its place.
        os.register_at_fork(after_in_child=lambda: os.close(channel.sink))
    function, failed = None, None
    # Imports make much and throw away little.
    gc.disable()
    try:
        function = load(order['handler'])
    except Exception as error:
        failed = error
    gc.enable()
    sys.stdout.flush()
    sys.stderr.flush()
    channel.write({'ready': True, 'failed': failed is not None})
    while True:
        frame = channel.read()
        if frame is None:
            return
        received = time.monotonic()
        request, payload = frame
        request_id = logger.request_id = request['request_id']
        os.environ['_X_AMZN_TRACE_ID'] = request.get('trace', '')
        answer = {'ok': True}
        try:
            if failed is not None:
                raise failed
            try:
                event = json.loads(payload)
            except ValueError as error:
                raise Fault('Runtime.UnmarshalError', f'Unable to unmarshal input: {error}') from error
            result = encode(function(event, Context(order['function'], request, received)))
            if len(result) > LONGEST_ANSWER:
                message = f'Response payload size exceeded maximum allowed payload size ({LONGEST_ANSWER} bytes).'
                raise Fault('Function.ResponseSizeTooLarge', message)
        except Exception as error:
            if os.getpid() == own:
                kind, message, result = describe(error, request_id)
                answer = {'ok': False, 'kind': kind, 'message': message[:4096]}
                if isinstance(error, MemoryError):
                    answer['out_of_memory'] = True
        if os.getpid() != own:
            os._exit(1)
        sys.stdout.flush()
        sys.stderr.flush()
        answer['over'] = failed is not None
        answer['peak_kb'] = peak_kilobytes()
        answer['leftovers'] = has_children()
        os.write(1, mark.encode())
        channel.write(answer, result)
        if failed is not None:
            return
