#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
"""How much, and how late: virtual time, so the figures are the same on every machine."""
import os
import select
import struct
import time

import fxo
from fxo import Events, Netlink, equal, ok

PORTS, FRAMES = 256, 100


def total(nl, stat):
    return sum(nl.port(p).stats[stat] for p in range(PORTS))


def read(fd):
    """[(time, sequence number)] of the frames that are there."""
    try:
        data = os.read(fd, 16 * fxo.FRAME.size)
    except BlockingIOError:
        return []
    return [struct.unpack_from("=QI", data, at) for at in range(0, len(data), fxo.FRAME.size)]


def case_event_to_reader():
    """READY comes by a timer, at a full millisecond: what follows is the way to us."""
    ev, nl, late = Events(), Netlink(), []
    nl.set(0, GUARD=250)
    nl.command("CLAIM", 0)
    for _ in range(10):
        ev.clear()
        nl.command("SEIZE", 0)
        while not any(e.name == "READY" for e in ev.log):
            select.select([ev.s], [], [])
            at = time.monotonic_ns()
            ev.poll(0)
        late.append(at - next(e.ns for e in ev.log if e.name == "READY"))
        nl.command("HANG_UP", 0)
        ev.wait("IDLE")
    print("# event to reader: %.3f ms at most" % (max(late) / 1e6))
    ok(max(late) < 100e3, "an event is with its reader within 0.1 ms", late)


def one_call():
    """What a line with a caller who is answered and gives up tells, and when: [(event, value, ms)]."""
    fxo.load()
    ev, nl = Events(), Netlink()
    nl.command("CLAIM", 0)
    nl.set(0, RING_NUMBER=2)
    fxo.sim(0, "ring 400 200 400 2000")
    ev.wait("INCOMING")
    nl.command("ANSWER", 0)
    ev.wait("READY")
    fxo.sim(0, "drop 600")
    ev.wait("DISCONNECT")
    nl.command("HANG_UP", 0)
    ev.wait("IDLE")
    events = [e for e in ev.log if e.name != "CHANGED"]
    return [(e.name, e.value, round(e.ms - events[0].ms)) for e in events]


def case_repeats():
    """The clock of a line is a millisecond; orders come when their sender has heard of the last."""
    calls = [one_call() for _ in range(20)]
    print("# " + " ".join("%s(%d)@%d" % e for e in calls[0]))
    equal("20 times the same call: the same to the millisecond", 1, len(set(map(tuple, calls))))
    equal("whose rings are these", [("RING", 1, 0), ("RING", 2, 3000)],
          [e for e in calls[0] if e[0] == "RING"])


def case_many_with_sound():
    fxo.load(PORTS)
    nl, last = Netlink(), {}
    for p in range(PORTS):
        nl.command("CLAIM", p)
        nl.command("SEIZE", p)
    Events().quiet(2)
    poll, block, fds = select.epoll(), b"\1\0" * 160, []
    for p in range(PORTS):
        fd = os.open("/dev/tandem_fxo%d" % p, os.O_RDWR | os.O_NONBLOCK)
        os.write(fd, block * 4)     # until all are open
        poll.register(fd, select.EPOLLIN)
        fds.append(fd)
    count, lost, late = dict.fromkeys(fds, 0), 0, 0
    began, busy = time.monotonic_ns(), time.process_time_ns()
    while min(count.values()) < FRAMES:
        for fd, _ in poll.poll():
            for at, seq in read(fd):
                late = max(late, time.monotonic_ns() - at)
                lost += fd in last and seq != last[fd] + 1
                last[fd] = seq
                os.write(fd, block)
                count[fd] += 1
    took, busy = time.monotonic_ns() - began, time.process_time_ns() - busy
    for fd in fds:
        os.close(fd)
    overrun, missing = total(nl, "RX_OVERRUN"), total(nl, "TX_UNDERRUN")
    print("# %d ports, %d frames each in %.0f ms; of each 20 ms a port took %.0f us of its reader; "
          "the last one was read %.1f ms after its time" %
          (PORTS, FRAMES, took / 1e6, busy / sum(count.values()) / 1e3, late / 1e6))
    equal("%d ports with sound both ways: no frame lost" % PORTS, 0, lost)
    equal("none came too late to be fetched", 0, overrun)
    ok(missing <= 2, "none was missing for the line, but between open() and write()", missing)


fxo.run(globals())
