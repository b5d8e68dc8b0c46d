#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
"""What must not hurt: owners that die, strangers, random netlink, ports that go under a reader,
modules that come and go."""
import errno
import os
import random
import signal
import struct
import threading
import time

import fxo
from fxo import Events, Netlink, equal, ok, sim, sim_state


def child(work):
    """A process that has done its work when this returns; its pid."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            keep = work()
            os.write(w, b"x")
            signal.pause()
            del keep
        finally:
            os._exit(1)
    os.close(w)
    os.read(r, 1)
    os.close(r)
    return pid


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    at = time.monotonic_ns()
    os.waitpid(pid, 0)
    return at


def off_hook(watchdog, ports=2):
    def work():
        nl = Netlink()
        for p in range(ports):
            nl.command("CLAIM", p, WATCHDOG=watchdog)
            nl.command("SEIZE", p)
        return nl
    return work


def case_owner_killed():
    ev = Events()
    pid = child(off_hook(0))
    equal("two lines off hook", ["1", "1"], [sim_state(i)["relays"] for i in (0, 1)])
    at = kill(pid)
    gone = [ev.wait("ON_HOOK", port=p) for p in (0, 1)]
    ok(all(e and e.ns - at < 20e6 for e in gone), "kill -9: on hook within 20 ms",
       [e and (e.ns - at) / 1e6 for e in gone])
    equal("on the wires", ["0", "0"], [sim_state(i)["relays"] for i in (0, 1)])
    equal("and nobody's", [0, 0], [p.owned for p in Netlink().dump()])
    equal("counted", 1, Netlink().port(0).stats["WATCHDOG"])


def case_owner_replaced():
    ev = Events()
    kill(child(off_hook(2000)))
    ev.quiet(1)
    equal("within its watchdog time a line is held", "1", sim_state(0)["relays"])
    nl = Netlink()
    nl.command("CLAIM", 0)
    ev.quiet(3)
    equal("the next owner has the call", ("1", 1), (sim_state(0)["relays"], nl.port(0).owned))
    equal("the other line was let go", "0", sim_state(1)["relays"])
    e = ev.wait("ON_HOOK", port=1)
    ok(e and e.value == 1, "by the watchdog")


def case_strangers():
    nl, other = Netlink(), Netlink()
    equal("orders take a claim", "EPERM", nl.error("SEIZE", 0))
    nl.command("CLAIM", 0)
    equal("claimed once", "EBUSY", other.error("CLAIM", 0))
    equal("another's port: no orders", "EPERM", other.error("SEIZE", 0))
    equal("no settings", "EBUSY", other.error("PORT_SET", 0, CONFIG={1: 0}))
    equal("no release", "EPERM", other.error("RELEASE", 0))
    equal("no such port", "ENODEV", nl.error("CLAIM", 7))
    equal("out of range", "ERANGE", nl.error("PORT_SET", 0, CONFIG={fxo.H["TDFXO_CFG_RING_NUMBER"]: 11}))
    equal("no such setting", "EINVAL", nl.error("PORT_SET", 0, CONFIG={200: 1}))
    equal("the port is missing", "EINVAL", errno.errorcode.get(
        refused(nl, fxo.H["TDFXO_CMD_SEIZE"], b""), 0))
    equal("no port of such a number", "ERANGE", nl.error("CLAIM", 1024))
    try:
        nl.command("DIAL", 0, DIGITS="1")
    except fxo.Refused as e:
        equal("with a sentence", "no call", e.strerror)


def refused(nl, cmd, payload, flags=fxo.NLM_F_ACK):
    try:
        nl.request(nl.id, cmd, payload)
        return 0
    except OSError as e:
        return e.errno


def case_unprivileged():
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        os.setgid(65534)
        os.setuid(65534)
        nl = Netlink()
        found = [nl.error(c, 0) for c in ("CLAIM", "SEIZE", "ANSWER", "HANG_UP", "RELEASE")]
        found.append(nl.error("PORT_SET", 0, CONFIG={fxo.H["TDFXO_CFG_GUARD"]: 300}))
        found.append(nl.error("DIAL", 0, DIGITS="1"))
        found.append(nl.error("FLASH", 0, FLASH=100))
        found.append(nl.port(0).state)
        for step in (lambda: Events(), lambda: fxo.device(0)):
            try:
                step()
                found.append(0)
            except OSError as e:
                found.append(errno.errorcode[e.errno])
        os.write(w, " ".join(map(str, found)).encode())
        os._exit(0)
    os.close(w)
    found = os.read(r, 4096).decode().split()
    os.waitpid(pid, 0)
    equal("without the privilege every order is refused", ["EPERM"] * 8, found[:8])
    equal("looking is allowed", "IDLE", found[8])
    equal("no events, no sound", ["EPERM", "EPERM"], found[9:])


def junk(rnd):
    """An attribute: plausible, wrong in size, nested in itself, or noise."""
    kind = rnd.choice((rnd.randrange(0, 24), rnd.randrange(0, 0x10000)))
    shape = rnd.randrange(5)
    if shape == 0:
        body = struct.pack("=I", rnd.choice((0, 1, 2, 5, 1023, 1024, 0xffffffff, rnd.getrandbits(32))))
    elif shape == 1:
        body = rnd.randbytes(rnd.randrange(0, 40))
    elif shape == 2:
        body = fxo.attr(rnd.randrange(0, 40), rnd.getrandbits(32)) * rnd.randrange(1, 5)
        kind |= rnd.choice((0, 0x8000))
    elif shape == 3:
        body = rnd.choice((b"0123456789\0", b"1,2", b"x" * 200, b"\0"))
    else:
        body = fxo.attr(kind & 0x3fff, fxo.attr(kind & 0x3fff, b"") * 3)
    size = rnd.choice((4 + len(body),) * 9 + (rnd.randrange(0, 0x10000),))
    return struct.pack("=HH", size, kind) + body + b"\0" * (-len(body) % 4)


def case_fuzz():
    rnd, nl, n = random.Random(1), Netlink(), int(os.environ.get("FXO_FUZZ", "100000"))
    nl.s.setsockopt(fxo.SOL_NETLINK, fxo.NETLINK_EXT_ACK, 0)
    answers, port = {}, fxo.attr(fxo.H["TDFXO_A_PORT"], 0)
    done = 0
    while done < n:
        for _ in range(100):
            payload = b"".join([rnd.choice((port, b""))] + [junk(rnd) for _ in range(rnd.randrange(4))])
            cmd, flags = rnd.randrange(0, 13), rnd.choice((fxo.NLM_F_ACK,) * 7 + (fxo.NLM_F_ACK | 0x300,))
            try:
                nl.send(nl.id, cmd, payload, flags)
            except OSError as e:        # the dump before is not fetched yet
                answers[e.errno] = answers.get(e.errno, 0) + 1
            done += 1
        while True:
            try:
                data = nl.s.recv(1 << 16, fxo.socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError as e:
                answers[e.errno] = answers.get(e.errno, 0) + 1
                continue
            if struct.unpack_from("=H", data, 4)[0] == fxo.NLMSG_ERROR:
                err = -struct.unpack_from("=i", data, 16)[0]
                answers[err] = answers.get(err, 0) + 1
    names = {errno.errorcode.get(k, k): v for k, v in sorted(answers.items())}
    ok(answers.get(errno.EINVAL, 0) > n / 20, "%d random messages" % n, names)
    print("# answers: %s" % names, flush=True)
    equal("the lines are as they were", ["sim0", "sim1"], [p.name for p in Netlink().dump()])


def case_unplugged_under_a_reader():
    ev, nl = Events(), Netlink()
    nl.command("CLAIM", 0)
    nl.command("SEIZE", 0)
    fd, seen = fxo.device(0), []

    def reader():
        try:
            while True:
                fxo.frames(fd, 1)
        except OSError as e:
            seen.append(e.errno)

    thread = threading.Thread(target=reader)
    thread.start()
    ev.wait("READY")
    sim(0, "unplug")
    thread.join(10)
    equal("the reader is told", [errno.ENODEV], seen)
    ok(ev.wait("REMOVED"), "and everybody")
    equal("on hook", "0", sim_state(0)["relays"])
    try:
        os.write(fd, b"\0" * 320)
        ok(False, "a writer, too")
    except OSError as e:
        equal("a writer, too", errno.ENODEV, e.errno)
    sim(0, "plug")
    ok(ev.wait("ADDED", seconds=5), "plugged in again")
    equal("it is another port, nobody's", [("sim0", 0)],
          [(p.name, p.owned) for p in nl.dump() if p.name == "sim0"])
    os.close(fd)


def case_unload_in_a_call():
    ev, nl = Events(), Netlink()
    sim(0, "peer 1")
    nl.command("CLAIM", 0)
    nl.command("CLAIM", 1)
    nl.command("SEIZE", 0)
    ev.wait("INCOMING", port=1)
    nl.command("ANSWER", 1)
    ev.wait("READY", port=1)
    fd = fxo.device(0)
    equal("the board's module goes in a call", 0, fxo.rmmod("tandem_fxo_sim"))
    ok(all(ev.wait("REMOVED", port=p) for p in (0, 1)), "calls end: ports removed")
    equal("the core stays while somebody reads", errno.EAGAIN, fxo.rmmod("tandem_fxo"))
    os.close(fd)
    equal("and goes then", 0, fxo.rmmod("tandem_fxo"))


def case_load_loops():
    fxo.unload()
    n, bad = int(os.environ.get("FXO_LOADS", "200")), 0
    for i in range(n):
        fxo.load(1 + i % 4)
        nl = Netlink()
        nl.command("CLAIM", 0)
        if i % 2:
            sim(0, "ring 1000 2000")
        else:
            nl.command("SEIZE", 0)
        bad += fxo.rmmod("tandem_fxo_sim") or fxo.rmmod("tandem_fxo")
    equal("%d times loaded and unloaded, ringing or off hook" % n, 0, bad)


def case_many():
    fxo.load(1024)
    ev = Events()
    for p in range(1024):
        sim(p, "ring 2000 4000")
        ev.poll(0)
    last = ev.wait("INCOMING", port=1023, seconds=30)
    ev.quiet(0.5)
    equal("1024 lines ring, no event is lost", (1024, 0),
          (len([e for e in ev.log if e.name == "INCOMING"]), ev.gaps))
    ok(last is not None, "the last, too")


fxo.run(globals())
