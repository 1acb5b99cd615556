"""Hold Python with boto3 loaded, and fork an instance of a function whenever the program orders one.

Standard input is the control socket. Orders come as `length (big-endian u32), JSON`, an order to fork with two descriptors: the
instance's channel and where its output goes. Reports go back in the same form. When the program is gone, so is everything that was
started here, and the scratch folder with it.
"""

import gc
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time

LENGTH = struct.Struct('>I')


def module(name):
    """A module of ours, which a handler cannot import and no file of the learner's can hide."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + '.py')
    made = type(sys)(f'<rydes>.{name}')
    with open(path, encoding='utf-8') as file:
        exec(compile(file.read(), f'<rydes>/{name}.py', 'exec'), made.__dict__)
    return made


instance = module('instance')
isolation = module('isolation')


class Zygote:
    """The process that instances are forked from."""

    def __init__(self, control, scratch):
        self.control, self.scratch = control, scratch
        self.buffer, self.descriptors = b'', []
        self.running = {}  # process id → id of the instance
        self.fence = isolation.Fence()
        self.wake, wake_up = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_up, False)
        signal.set_wakeup_fd(wake_up, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        if sys.platform == 'linux':
            self.fence.libc.prctl(isolation.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def report(self, **what):
        text = json.dumps(what).encode()
        self.control.sendall(LENGTH.pack(len(text)) + text)

    def serve(self, chores):
        """Fork on order; while there is none, do the next chore."""
        while True:
            ready, _, _ = select.select([self.control, self.wake], [], [], 0 if chores else None)
            if self.wake in ready:
                os.read(self.wake, 4096)
                self.bury()
            if self.control in ready and not self.receive():
                return
            if not ready and chores:
                chores.pop(0)()
                if not chores:
                    gc.collect()
                    gc.freeze()
                    self.report(warm=True)

    def receive(self):
        """Take what came; `False` when the program is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 16, 16)
        except OSError:
            return False
        if not data:
            return False
        self.buffer += data
        self.descriptors += descriptors
        while len(self.buffer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self.buffer)[0]
            if len(self.buffer) < end:
                break
            order, self.buffer = json.loads(self.buffer[LENGTH.size:end]), self.buffer[end:]
            if 'kill' in order:
                self.kill(order['kill'])
            else:
                self.fork(order)
        return True

    def fork(self, order):
        channel, output = self.descriptors[:2]
        del self.descriptors[:2]
        parent = os.getpid()
        try:
            process = os.fork()
        except OSError as error:
            os.close(channel)
            os.close(output)
            self.report(ended=order['fork'], status=1 << 8, why=str(error))
            return
        if process == 0:
            try:
                self.become(order, channel, output, parent)
            except BaseException as error:
                os._exit(last_words(error))
            os._exit(0)
        os.close(channel)
        os.close(output)
        self.running[process] = order['fork']
        self.report(forked=order['fork'], process=process)

    def become(self, order, channel, output, parent):
        """The life of an instance, from the fork to its end."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.fence.leave_the_group(parent)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(null)
        os.close(output)
        self.control.detach()  # descriptor 0, which is something else by now
        os.close(self.wake)
        os.set_inheritable(channel, False)
        for descriptor in self.descriptors:
            os.close(descriptor)
        logger = instance.set_up(order)
        if order['fenced']:
            self.fence.limit(order['function']['memory_mb'], order['folder'], order['writable'][0])
            self.fence.restrict([order['folder']], order['writable'], order['port'])
        instance.run(order, instance.Channel(channel, channel), logger)

    def kill(self, wanted):
        """End an instance and whoever it started."""
        for process, name in list(self.running.items()):
            if name == wanted:
                end(process)

    def bury(self):
        """Take note of who ended; nobody whom they started outlives them."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            name = self.running.pop(process, None)
            if name is None:
                continue
            try:
                os.killpg(process, signal.SIGKILL)
            except OSError:
                pass
            self.end_orphans()
            self.report(ended=name, status=status)

    def end_orphans(self):
        """Children that are no instances were left behind by instances that ended: this process inherited them."""
        for _ in range(1000):
            orphans = [child for child in children() if child not in self.running]
            if not orphans:
                return
            for orphan in orphans:
                end(orphan)
            for orphan in orphans:
                try:
                    os.waitpid(orphan, 0)
                except ChildProcessError:
                    pass

    def end_all(self):
        for process in list(self.running):
            end(process)
        for process in list(self.running):
            try:
                os.waitpid(process, 0)
            except ChildProcessError:
                pass
        self.running.clear()
        self.end_orphans()


def last_words(error):
    """Say why a process ends, as Python itself does, and give its exit code."""
    code = error.code if isinstance(error, SystemExit) else 1
    try:
        if not isinstance(error, SystemExit):
            sys.excepthook(type(error), error, error.__traceback__)
        elif code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass  # nowhere to say it
    return 0 if code is None else code & 0xff if isinstance(code, int) else 1


def end(process):
    for send in (os.killpg, os.kill):
        try:
            send(process, signal.SIGKILL)
        except OSError:
            pass


def children():
    """Process ids of this process's children, on Linux."""
    own = os.getpid()
    try:
        with open(f'/proc/self/task/{own}/children') as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def remember_files():
    """Read each file of botocore's data once for all sessions of all instances: they dominate the making of a client."""
    from botocore.loaders import JSONFileLoader

    read, known = JSONFileLoader.load_file, {}

    def load_file(self, path):
        if path not in known:
            known[path] = read(self, path)
        return known[path]

    JSONFileLoader.load_file = load_file


def make_clients():
    """Make the clients of the workshop once: what they load, the default session of every instance has."""
    import boto3

    session = boto3._get_default_session()
    keys = {'aws_access_key_id': 'none', 'aws_secret_access_key': 'none', 'region_name': 'us-east-2'}
    session.client('sns', **keys)
    session.resource('dynamodb', **keys).Table('none')
    # Every instance finds its own keys.
    session._session._credentials = None


def chores(modules):
    """What makes the first answers of instances fast, in pieces between which orders are taken."""

    def load(name):
        try:
            __import__(name)
        except Exception:
            pass  # a handler that needs it gets the error

    def attempt(chore):
        try:
            chore()
        except Exception:
            pass  # only slower without

    for name in modules:
        yield lambda name=name: load(name)
    yield lambda: attempt(remember_files)
    yield lambda: attempt(make_clients)


def be_single(settings):
    """Be one instance, in a process that nobody forks from: order and frames come and go by the standard streams."""
    if sys.platform == 'win32':
        import msvcrt
        for descriptor in range(3):
            msvcrt.setmode(descriptor, os.O_BINARY)
    for chore in chores(settings['modules']):
        chore()
    channel = instance.Channel(os.dup(0), os.dup(1))
    os.dup2(2, 1)
    frame = channel.read()
    if frame is None:
        return
    order = frame[0]
    logger = instance.set_up(order)
    if order['fenced'] and os.name == 'posix':
        fence = isolation.Fence()
        fence.limit(order['function']['memory_mb'], order['folder'], order['writable'][0])
        fence.restrict([order['folder']], order['writable'], order['port'])
    try:
        instance.run(order, channel, logger)
    except BaseException as error:
        os._exit(last_words(error))
    os._exit(0)


def main():
    settings = json.loads(sys.argv[1])
    sys.argv[:] = ['']
    sys.path[:] = [path for path in sys.path if path] + [path for path in settings['path'] if path not in sys.path]
    sys.dont_write_bytecode = True
    if settings.get('single'):
        be_single(settings)
        return
    control = socket.socket(fileno=0)
    zygote = Zygote(control, settings['scratch'])
    zygote.report(ready=True, landlock=zygote.fence.landlock, version=sys.version.split()[0])
    try:
        zygote.serve(list(chores(settings['modules'])))
    finally:
        zygote.end_all()
        shutil.rmtree(settings['scratch'], ignore_errors=True)


if __name__ == '__main__':
    main()
