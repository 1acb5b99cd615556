"""Try the learner's functions: load a module, call one function of it at a time, and tell what it did.

The program puts this file beside a copy of the service and names `rydes_trial.handler` as the function's handler. Each
event says what to do; the answer tells what came of it: what was returned or raised and where, calls of AWS with the
line that made them, what the watched function was given, which clients were made and when. Names that a neighbouring
task defines are found where the module itself has none, as if they were built in.
"""

import builtins
import functools
import importlib.util
import inspect
import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.abspath(__file__)
STAND_INS = 12  # variables of the environment that nobody set
LONGEST = 2000  # characters of an argument that JSON has no form for


class Watch:
    """What happened since the last event."""

    def __init__(self):
        self.phase = 'import'
        self.calls, self.made, self.handed = [], [], []

    def take(self):
        seen = {'calls': self.calls, 'made': self.made, 'handed': self.handed}
        self.calls, self.made, self.handed = [], [], []
        return seen


watch = Watch()
state = {'module': None, 'order': None}


def stack():
    """The learner's part of the stack, innermost first: `(function, file, line)`."""
    found, frame = [], sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(FOLDER + os.sep) and name != OWN:
            found.append((frame.f_code.co_name, os.path.relpath(name, FOLDER), frame.f_lineno))
        frame = frame.f_back
    return found


def observe():
    """Note calls of AWS and the making of clients, wherever they come from."""
    import boto3
    from botocore.client import BaseClient

    call, make, gather = BaseClient._make_api_call, boto3.session.Session.client, boto3.session.Session.resource

    def _make_api_call(self, operation_name, api_params):
        frames = stack()
        watch.calls.append({
            'service': self.meta.service_model.service_name, 'operation': operation_name,
            'inside': [frame[0] for frame in frames],
            'file': frames[0][1] if frames else None, 'line': frames[0][2] if frames else None})
        return call(self, operation_name, api_params)

    def noting(kind, function):
        @functools.wraps(function)
        def noted(self, service_name, *arguments, **named):
            frames = stack()
            watch.made.append({
                'service': service_name, 'kind': kind, 'phase': watch.phase,
                'file': frames[0][1] if frames else None, 'line': frames[0][2] if frames else None})
            return function(self, service_name, *arguments, **named)
        return noted

    BaseClient._make_api_call = _make_api_call
    boto3.session.Session.client = noting('client', make)
    boto3.session.Session.resource = noting('resource', gather)


def plain(value):
    """A value as JSON has it; what JSON has no form for is told in words."""
    try:
        text = json.dumps(value)
        return json.loads(text)
    except Exception:
        try:
            return {'<python>': repr(value)[:LONGEST]}
        except Exception:
            return {'<python>': type(value).__name__}


def place(error):
    """File and line of the learner's code where an error left it."""
    found, trace = (None, None), error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(FOLDER + os.sep) and name != OWN:
            found = (os.path.relpath(name, FOLDER), trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and (error.filename or '').startswith(FOLDER):
        found = (os.path.relpath(error.filename, FOLDER), error.lineno)
    return found


def raised(error):
    file, line = place(error)
    try:
        message = str(error)
    except Exception:
        message = ''
    return {'class': type(error).__name__, 'message': message[:LONGEST], 'file': file, 'line': line,
            'module': getattr(error, 'name', None) if isinstance(error, ImportError) else None}


class Answer(dict):
    """What a function that is not written yet gives back: an answer of DynamoDB's."""

    def __init__(self):
        super().__init__(ResponseMetadata={'HTTPStatusCode': 200, 'RetryAttempts': 0})


def watching(function, shield):
    """The function, with what it is given noted. With `shield`, its own trouble is none of its caller's."""
    def note(arguments, named):
        frames = stack()
        given = [plain(value) for value in [*arguments, *named.values()]]
        watch.handed.append({'arguments': given, 'file': frames[0][1] if frames else None,
                             'line': frames[0][2] if frames else None})

    if function is None:
        def recorder(*arguments, **named):
            note(arguments, named)
            return Answer()
        return recorder

    @functools.wraps(function)
    def watched(*arguments, **named):
        note(arguments, named)
        if not shield:
            return function(*arguments, **named)
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            signature = None
        if signature is not None:
            signature.bind(*arguments, **named)  # a call that does not fit is the caller's trouble
        try:
            return function(*arguments, **named)
        except Exception:
            return Answer()
    return watched


def fallback(how):
    kind = how['kind']
    if kind == 'text':
        return how['value']
    if kind == 'recorder':
        return watching(None, False)
    import boto3
    return boto3 if kind == 'boto3' else boto3.client(how['service'])


class Reach(dict):
    """The built-in names, and those that neighbouring tasks define: which of these are used is noted."""

    def __init__(self, fallbacks):
        super().__init__(vars(builtins))
        self.fallbacks, self.borrowed = fallbacks, {}

    def __missing__(self, name):
        if name not in self.fallbacks:
            raise KeyError(name)
        if name not in self.borrowed:
            self.borrowed[name] = fallback(self.fallbacks[name])
        return self.borrowed[name]


def import_once(order):
    """Import the module anew. What it defines itself, only too late, it cannot borrow."""
    fallbacks = dict(order['fallbacks'])
    while True:
        module, reach = import_with(order, fallbacks)
        late = [name for name in reach.borrowed if name in vars(module) or name == 'boto3' and has_boto3(module)]
        if not late:
            return module, list(reach.borrowed)
        for name in late:
            del fallbacks[name]


def has_boto3(module):
    """Whether it imports boto3 in a form of its own, which it then has to use."""
    parts = [value for name, value in vars(module).items() if not name.startswith('__')]
    return any(isinstance(part, type(sys)) and part.__name__.partition('.')[0] == 'boto3'
               or inspect.isfunction(part) and (part.__module__ or '').partition('.')[0] == 'boto3' for part in parts)


def import_with(order, fallbacks):
    name = order['module']
    for known, module in list(sys.modules.items()):
        file = getattr(module, '__file__', None) or ''
        if file.startswith(FOLDER + os.sep) and file != OWN:
            del sys.modules[known]
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    module = importlib.util.module_from_spec(spec)
    reach = Reach(fallbacks)
    module.__dict__['__builtins__'] = reach
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    parent, _, child = name.rpartition('.')
    if parent:
        setattr(sys.modules[parent], child, module)
    return module, reach


def load(order):
    """Import the module; variables that nobody set get stand-ins, as only a deployment knows them."""
    os.environ.update(order['environment'])
    stand_ins = []
    while True:
        watch.phase = 'import'
        watch.take()
        try:
            module, borrowed = import_once(order)
            break
        except KeyError as error:
            trace = error.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            variable = error.args[0] if error.args else None
            from_environment = trace.tb_frame.f_code.co_filename == os.__file__
            if not from_environment or not isinstance(variable, str) or len(stand_ins) == STAND_INS:
                raise
            if variable in os.environ or variable in order.get('unset', ()):
                raise
            stand_ins.append(variable)
            os.environ[variable] = order['stand_in']
    watch.phase = 'call'
    return module, stand_ins, borrowed


def describe(value):
    """What a name of the module holds, as far as grading asks."""
    if isinstance(value, str):
        return {'kind': 'text', 'value': str(value)}
    if value is None:
        return {'kind': 'none'}
    module = type(value).__module__ or ''
    if isinstance(value, type(sys)):
        return {'kind': 'module', 'value': value.__name__}
    meta = getattr(value, 'meta', None) if module.startswith(('botocore', 'boto3')) else None
    if meta is not None and hasattr(meta, 'service_model'):
        return {'kind': 'client', 'value': meta.service_model.service_name}
    if meta is not None and hasattr(meta, 'client'):
        return {'kind': 'resource', 'value': meta.service_name}
    if module.startswith('boto3') or (getattr(value, '__module__', None) or '').startswith('boto3'):
        return {'kind': 'boto3', 'value': type(value).__name__}
    if callable(value):
        return {'kind': 'function', 'value': getattr(value, '__name__', type(value).__name__)}
    return {'kind': 'other', 'value': type(value).__name__}


def handler(event, context):
    """Do what the event says."""
    if not hasattr(watch, 'observes'):
        observe()
        watch.observes = True
    answer = {}
    order = event['load']
    if state['order'] != order:
        state['module'], state['order'] = None, None
        try:
            module, stand_ins, borrowed = load(order)
        except Exception as error:
            return {'loading': raised(error), **watch.take()}
        watched = order.get('watch')
        if watched and callable(module.__dict__.get(watched['name'])):
            module.__dict__[watched['name']] = watching(module.__dict__[watched['name']], watched['shield'])
        answer['names'] = {name: describe(value) for name, value in list(vars(module).items())
                           if not name.startswith('__')}
        answer['stand_ins'], answer['borrowed'] = stand_ins, borrowed
        if watched and watched['name'] in order['fallbacks'] and watched['name'] not in vars(module):
            # Whoever looks it up by name finds it as well.
            setattr(module, watched['name'], fallback(order['fallbacks'][watched['name']]))
        state['module'], state['order'] = module, order
    call = event.get('call')
    if call is None:
        return {**answer, **watch.take()}
    watch.take()
    try:
        function = getattr(state['module'], call['function'])
        returned = function(*call['arguments'], *([context] if call['context'] else []))
        try:
            text = json.dumps(returned)
        except Exception as error:
            answer['raised'] = {**raised(error), 'class': 'Runtime.MarshalError',
                                'message': f'Unable to marshal response: {error}'}
        else:
            answer['returned'] = json.loads(text)
            answer['unfinished'] = type(returned).__name__ in ('coroutine', 'generator', 'async_generator')
    except Exception as error:
        answer['raised'] = raised(error)
    return {**answer, **watch.take()}
