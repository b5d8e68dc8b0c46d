# SPDX-License-Identifier: GPL-2.0-or-later
"""For tests/kernel/fxo_*: the netlink family of tandem_fxo spoken from scratch (numbers as in
kernel/uapi/tandem_fxo.h, read from there), the simulator's files, and TAP.

A test is a function case_...; run(globals()) runs them all on fresh lines.
"""
import ctypes
import errno
import os
import re
import select
import socket
import struct
import sys
import time
import traceback

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODULES = os.path.join(os.environ.get("TD_BUILD", ROOT + "/build"), "module", "kernel")
IMAGES = {}
SIM = "/sys/kernel/debug/tandem_fxo_sim"


def read_header():
    """Names of kernel/uapi/tandem_fxo.h -> numbers."""
    names = {}
    text = open(ROOT + "/kernel/uapi/tandem_fxo.h").read()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for body in re.findall(r"enum \w+ \{(.*?)\};", text, re.S):
        for number, name in enumerate(re.findall(r"\b(_*TDFXO\w+)", body)):
            names[name] = number
    return names


H = read_header()


def name_of(prefix, number):
    return next(n[len(prefix):] for n, v in H.items() if n.startswith(prefix) and v == number)


# ---- TAP -------------------------------------------------------------------------

results = failures = 0


def ok(good, what, more=""):
    global results, failures
    results += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", results, what), flush=True)
    if not good and more:
        print("# " + str(more).replace("\n", "\n# "), flush=True)
    return good


def equal(what, want, got):
    return ok(want == got, what, "wanted %r, got %r" % (want, got))


# ---- generic netlink ---------------------------------------------------------------

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE, GENL_ID_CTRL = 2, 3, 16
NETLINK_GENERIC, SO_RCVBUFFORCE = 16, 33
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK = 270, 1, 11


def attr(kind, value):
    if isinstance(value, int):
        value = struct.pack("=I", value & 0xffffffff)
    elif isinstance(value, str):
        value = value.encode() + b"\0"
    elif isinstance(value, dict):
        kind |= 0x8000
        value = b"".join(attr(k, v) for k, v in value.items())
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + b"\0" * (-len(data) % 4)


def attrs(data):
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            break
        found[kind & 0x3fff] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


def u32(data):
    return struct.unpack("=I", data)[0]


class Refused(OSError):
    pass


class Netlink:
    def __init__(self, group=False):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.s.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.s.bind((0, 0))
        self.seq = 0
        family = self.request(GENL_ID_CTRL, 3, attr(2, "tandem_fxo"))[0]
        self.id = struct.unpack("=H", family[1])[0]
        groups = [attrs(g) for g in attrs(family[7]).values()]
        self.group = {g[1].rstrip(b"\0"): u32(g[2]) for g in groups}[b"events"]
        if group:
            if os.geteuid() == 0:
                self.s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
            self.s.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.group)

    def send(self, kind, cmd, payload, flags=NLM_F_ACK):
        self.seq += 1
        self.s.send(struct.pack("=IHHII", 20 + len(payload), kind, NLM_F_REQUEST | flags, self.seq, 0)
                    + struct.pack("=BBH", cmd, 1, 0) + payload)

    def receive(self):
        data = self.s.recv(1 << 16)
        while len(data) >= 16:
            size, kind, _, seq, _ = struct.unpack_from("=IHHII", data)
            yield kind, seq, data[16:size]
            data = data[(size + 3) & ~3:]

    def request(self, kind, cmd, payload, dump=False):
        self.send(kind, cmd, payload, NLM_F_DUMP if dump else NLM_F_ACK)
        answers = []
        while True:
            for what, seq, body in self.receive():
                if seq != self.seq:
                    continue
                if what == NLMSG_ERROR:
                    err = struct.unpack_from("=i", body)[0]
                    if err:
                        raise Refused(-err, self.sentence(body))
                    return answers
                if what == NLMSG_DONE:
                    return answers
                answers.append(attrs(body[4:]))

    @staticmethod
    def sentence(body):
        size = struct.unpack_from("=I", body, 4)[0]
        for start in (20, 4 + ((size + 3) & ~3)):     # capped, or the whole request
            text = attrs(body[start:]).get(1, b"")
            if text.endswith(b"\0"):
                return text.rstrip(b"\0").decode(errors="replace")
        return ""

    # ---- the family

    def command(self, cmd, port, **more):
        payload = attr(H["TDFXO_A_PORT"], port)
        for name, value in more.items():
            payload += attr(H["TDFXO_A_" + name], value)
        return self.request(self.id, H["TDFXO_CMD_" + cmd], payload)

    def error(self, cmd, port, **more):
        """The name of the error, or 0."""
        try:
            self.command(cmd, port, **more)
            return 0
        except Refused as e:
            return errno.errorcode[e.errno]

    def set(self, port, **config):
        self.command("PORT_SET", port, CONFIG={H["TDFXO_CFG_" + k]: v for k, v in config.items()})

    def port(self, port):
        return Port(self.command("PORT_GET", port)[0])

    def dump(self):
        return [Port(a) for a in self.request(self.id, H["TDFXO_CMD_PORT_GET"], b"", dump=True)]


class Port:
    def __init__(self, a):
        def get(name, make=u32):
            return make(a[H["TDFXO_A_" + name]])
        self.index, self.rings, self.owned, self.seq = map(get, ("PORT", "RINGS", "OWNED", "SEQ"))
        self.state = name_of("TDFXO_STATE_", get("STATE"))
        self.mv = get("MILLIVOLTS", lambda d: struct.unpack("=i", d)[0])
        self.name = get("NAME", lambda d: d.rstrip(b"\0").decode())
        self.board = get("BOARD", lambda d: d.rstrip(b"\0").decode())
        self.device = get("DEVICE", lambda d: struct.unpack("=Q", d)[0])
        self.config = {name_of("TDFXO_CFG_", k): u32(v) for k, v in get("CONFIG", attrs).items()}
        self.stats = {name_of("TDFXO_STAT_", k): u32(v) for k, v in get("STATS", attrs).items()}


class Event:
    def __init__(self, a):
        def get(name):
            return u32(a[H["TDFXO_A_" + name]])
        self.port, self.value, self.seq, self.rings = map(get, ("PORT", "VALUE", "SEQ", "RINGS"))
        self.name = name_of("TDFXO_EVENT_", get("EVENT"))
        self.state = name_of("TDFXO_STATE_", get("STATE"))
        self.ns = struct.unpack("=Q", a[H["TDFXO_A_TIME"]])[0]
        self.ms = self.ns / 1e6
        self.heard = time.monotonic_ns()

    def __repr__(self):
        return "%.0f port %d %s(%d)" % (self.ms, self.port, self.name, self.value)


class Events(Netlink):
    """The multicast group, in order; checks the numbers as they come."""

    def __init__(self):
        super().__init__(group=True)
        self.log, self.last, self.gaps = [], {}, 0

    def poll(self, seconds):
        if not select.select([self.s], [], [], seconds)[0]:
            return False
        for kind, _, body in self.receive():
            if kind != self.id or body[0] != H["TDFXO_CMD_EVENT"]:
                continue
            e = Event(attrs(body[4:]))
            if e.port in self.last and e.seq != self.last[e.port] + 1 and e.name != "ADDED":
                self.gaps += 1
            self.last[e.port] = e.seq
            self.log.append(e)
        return True

    def wait(self, name, port=0, seconds=60, after=0):
        """The first such event from number `after` of the log on, or None."""
        end = time.monotonic() + seconds
        while True:
            for e in self.log[after:]:
                if e.name == name and e.port == port:
                    return e
            left = end - time.monotonic()
            if left <= 0 or not self.poll(left):
                return None

    def quiet(self, seconds):
        """Let so much time pass; the events of it."""
        n, end = len(self.log), time.monotonic() + seconds
        while time.monotonic() < end:
            self.poll(max(0, end - time.monotonic()))
        return self.log[n:]

    def clear(self):
        self.quiet(0.001)
        self.log = []


# ---- modules and lines -----------------------------------------------------------------


def loaded():
    return {line.split()[0] for line in open("/proc/modules")}


LIBC = ctypes.CDLL(None, use_errno=True)
SYS_FINIT_MODULE, SYS_DELETE_MODULE = 313, 176          # x86-64


def insmod(name, parameters="", folder=""):
    """Out of memory: hundreds of times from the host's file system would take minutes."""
    if name not in IMAGES:
        memory = os.memfd_create(name)
        with open("%s/%s/%s.ko" % (MODULES, folder, name), "rb") as f:
            os.write(memory, f.read())
        IMAGES[name] = os.open("/proc/self/fd/%d" % memory, os.O_RDONLY)
        os.close(memory)        # executed or loaded: nobody may have it open to write
    if LIBC.syscall(SYS_FINIT_MODULE, IMAGES[name], parameters.encode(), 0):
        raise OSError(ctypes.get_errno(), "insmod " + name)


def rmmod(name):
    """0, or the error"""
    return ctypes.get_errno() if LIBC.syscall(SYS_DELETE_MODULE, name.encode(), os.O_NONBLOCK) else 0


def unload():
    for name in ("tandem_fxo_sim", "si3050_model", "tandem_fxo_si3050", "tandem_fxo"):
        if name in loaded():
            rmmod(name)


def load(lines=2):
    unload()
    insmod("tandem_fxo")
    insmod("tandem_fxo_sim", "lines=%d" % lines)


def sim(line, *commands):
    with open("%s/%d/control" % (SIM, line), "w") as f:
        f.write("\n".join(commands))


def sim_state(line):
    return dict((row.split(" ", 1) + [""])[:2] for row in
                open("%s/%d/state" % (SIM, line)).read().splitlines())


def device(port):
    """Opens a port's sound by the number that netlink tells."""
    return os.open("/dev/tandem_fxo%d" % port, os.O_RDWR)


FRAME = struct.Struct("=QII160h")


def frames(fd, n):
    data = b""
    while len(data) < n * FRAME.size:
        data += os.read(fd, n * FRAME.size - len(data))
    return [FRAME.unpack_from(data, i * FRAME.size) for i in range(n)]


def hertz(samples):
    """Frequency by zero crossings of the positive slope, 0 for silence."""
    if max(samples) < 500:
        return 0
    up = [i for i in range(1, len(samples)) if samples[i - 1] < 0 <= samples[i]]
    return 8000 * (len(up) - 1) / (up[-1] - up[0]) if len(up) > 1 else 0


def run(names, lines=2, load=load):
    if not os.environ.get("TD_VM") and "tandem_fxo" not in loaded():
        print("1..0 # SKIP no tandem_fxo in this kernel (tools/vm)")
        sys.exit(4)
    for name, case in list(names.items()):
        if not name.startswith("case_"):
            continue
        try:
            load(lines)
            case()
        except Exception:
            ok(False, name, traceback.format_exc())
    unload()
    print("1..%d" % results)
    sys.exit(failures > 0)
