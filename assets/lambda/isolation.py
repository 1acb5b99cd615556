"""Fence an instance in: what it may read, write, signal, connect to and use up.

Runs in a process that was just forked and has one thread. What a kernel does not offer is left out: `fence` returns the
names of the fences that stand. Nothing here needs anything but the standard library.
"""

import ctypes
import os
import struct
import sys

LINUX = sys.platform == 'linux'

MIB = 1024 * 1024
# Lambda's own limit is 1024 of each; far fewer keep a fork bomb from being felt.
PROCESSES = 128
OPEN_FILES = 1024
# Of one file. Lambda's /tmp holds as much in all.
FILE_SIZE = 512 * MIB
# What the interpreter with boto3 takes of a function's memory, here as in Lambda.
RUNTIME_MB = 64

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SIGKILL = 9

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
CAP_DAC_READ_SEARCH = 2
CAP_VERSION_3 = 0x20080522

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
CONNECT_TCP, BIND_TCP = 1 << 1, 1 << 0
# Abstract Unix sockets, and signals to whoever is outside.
SCOPES = 3

# What a system keeps programs in. Everything else may hold people's files; what Python needs of it is named one by one.
SYSTEM = ('bin', 'etc', 'gnu', 'lib', 'lib32', 'lib64', 'libx32', 'nix', 'opt', 'sbin', 'snap', 'usr')


class Fence:
    """What the zygote prepares once for all its forks."""

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True) if os.name == 'posix' else None
        self.landlock = self._landlock_version()
        self.user_namespace = LINUX and os.getuid() != 0 and self._user_namespace_works()

    # The parts, in the order in which an instance asks for them.

    def leave_the_group(self, parent):
        """Lead a session of one's own, die with the parent, inherit whoever one's children leave behind."""
        os.setsid()
        if not LINUX:
            return
        self.libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        self.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died before the kernel was told

    def limit(self, memory_mb, folder, scratch):
        """Limit memory, files and processes, and have `scratch` be /tmp as well, where that can be."""
        import resource

        def lower(kind, value):
            hard = resource.getrlimit(kind)[1]
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(kind, (value, value))

        lower(resource.RLIMIT_CORE, 0)
        lower(resource.RLIMIT_NOFILE, OPEN_FILES)
        lower(resource.RLIMIT_FSIZE, FILE_SIZE)
        if not LINUX:
            return ['limits']
        free = max(memory_mb - RUNTIME_MB, 32) * MIB
        lower(resource.RLIMIT_DATA, _data_size() + free)
        # The first to go if the machine runs short.
        with open('/proc/self/oom_score_adj', 'w') as file:
            file.write('1000')
        processes = PROCESSES
        if os.getuid() == 0:
            self._own_tmp(folder, scratch)
            if not self._count_alone():
                return ['limits']
        elif self.user_namespace and self._enter_user_namespace():
            self._own_tmp(folder, scratch)
        else:
            # The kernel counts all processes of the user.
            processes += _tasks_of(os.getuid())
        lower(resource.RLIMIT_NPROC, processes)
        return ['limits', 'processes']

    def restrict(self, readable, writable, port):
        """Let nothing be read but `readable` and the system, written but `writable`, connected to but `port`."""
        if not LINUX:
            return []
        self.libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        version = self.landlock
        if version < 1:
            return []
        files = (1 << 13) - 1
        files |= REFER if version >= 2 else 0
        files |= TRUNCATE if version >= 3 else 0
        files |= IOCTL_DEV if version >= 5 else 0
        network = CONNECT_TCP | BIND_TCP if version >= 4 else 0
        scoped = SCOPES if version >= 6 else 0
        attributes = struct.pack('=QQQ', files, network, scoped)[: 24 if version >= 6 else 16 if version >= 4 else 8]
        ruleset = self._syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)

        def allow(path, access):
            try:
                parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                return
            if not os.path.isdir(path):
                access &= ON_FILES
            rule = struct.pack('=Qi', access & files, parent)
            self._syscall(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
            os.close(parent)

        for path in self._system():
            allow(path, READ)
        for path in readable:
            allow(path, READ)
        for path in ('/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom'):
            allow(path, READ_FILE | WRITE_FILE)
        for path in writable:
            allow(path, files)
        if network and port:
            self._syscall(LANDLOCK_ADD_RULE, ruleset, 2, struct.pack('=QQ', CONNECT_TCP, port), 0)
        self._syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)
        stands = ['files']
        stands += ['network'] if network else []
        stands += ['signals'] if scoped else []
        return stands

    # How.

    def _syscall(self, number, *arguments):
        values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
        result = self.libc.syscall(ctypes.c_long(number), *values)
        if result < 0:
            error = ctypes.get_errno()
            raise OSError(error, f'system call {number}: {os.strerror(error)}')
        return result

    def _landlock_version(self):
        if not LINUX:
            return 0
        try:
            return self._syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
        except OSError:
            return 0

    def _system(self):
        """The folders of the system and of Python, found once."""
        if not hasattr(self, '_system_folders'):
            folders = [f'/{name}' for name in SYSTEM]
            # Their names in /etc are links.
            folders += [os.path.realpath(path) for path in ('/etc/resolv.conf', '/etc/localtime', '/etc/hosts')]
            folders += ['/proc', '/sys/devices/system/cpu', '/sys/fs/cgroup']
            folders += [sys.prefix, sys.exec_prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))]
            folders += sys.path
            own = _home()
            self._system_folders = [
                folder for folder in dict.fromkeys(folders)
                if folder.startswith('/') and not own.startswith(folder.rstrip('/') + '/') and folder.rstrip('/') != own
            ]
        return self._system_folders

    def _count_alone(self):
        """Have the kernel count root's processes as some other user's: it does not limit root itself."""
        own = os.getpid()
        for user in (0x40000000 + own, 20000 + own % 40000):
            try:
                os.setresuid(user, 0, 0)
                break
            except OSError:
                continue
        else:
            return False
        for capability in range(64):
            if capability != CAP_DAC_READ_SEARCH and self.libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
                break
        kept = 1 << CAP_DAC_READ_SEARCH
        header = struct.pack('=Ii', CAP_VERSION_3, 0)
        return self.libc.capset(header, struct.pack('=6I', kept, kept, 0, 0, 0, 0)) == 0

    def _enter_user_namespace(self):
        """Have the kernel count this instance's processes apart from the user's."""
        user, group = os.getuid(), os.getgid()
        if self.libc.unshare(CLONE_NEWUSER) != 0:
            return False
        try:
            for name, text in (('setgroups', 'deny'), ('uid_map', f'{user} {user} 1'), ('gid_map', f'{group} {group} 1')):
                with open(f'/proc/self/{name}', 'w') as file:
                    file.write(text)
        except OSError:
            return False
        return True

    def _own_tmp(self, folder, scratch):
        """Show the scratch folder as /tmp, where handlers in Lambda write, unless something that is needed would be hidden."""
        needed = [folder, scratch, sys.prefix, sys.base_prefix, *sys.path]
        if any(os.path.realpath(path).startswith('/tmp/') for path in needed):
            return
        if self.libc.unshare(CLONE_NEWNS) == 0 and self.libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None) == 0:
            self.libc.mount(os.fsencode(scratch), b'/tmp', None, MS_BIND, None)

    def _user_namespace_works(self):
        """Tried in a process of its own: half a namespace would leave an instance without a user."""
        child = os.fork()
        if child == 0:
            os._exit(0 if self._enter_user_namespace() else 1)
        return os.waitpid(child, 0)[1] == 0


def _home():
    try:
        import pwd
        return os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):
        return '/nonexistent'


def _data_size():
    """Bytes that count against RLIMIT_DATA already."""
    with open('/proc/self/status') as file:
        for line in file:
            if line.startswith('VmData:'):
                return int(line.split()[1]) * 1024
    return 64 * MIB


def _tasks_of(user):
    """How many threads a user has."""
    tasks = 0
    for name in os.listdir('/proc'):
        try:
            if name.isdigit() and os.stat(f'/proc/{name}').st_uid == user:
                tasks += len(os.listdir(f'/proc/{name}/task'))
        except OSError:
            continue
    return tasks
