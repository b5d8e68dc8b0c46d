#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
"""Calls on simulated lines through the whole module: netlink in, events and sound out."""
import array
import math
import os

import fxo
from fxo import Events, Netlink, equal, ok, sim, sim_state


def claimed(port=0, **config):
    nl = Netlink()
    nl.command("CLAIM", port)
    if config:
        nl.set(port, **config)
    return nl


def case_ports():
    ports = Netlink().dump()
    equal("two lines, idle", [("sim0", "IDLE", 0), ("sim1", "IDLE", 0)],
          [(p.name, p.state, p.owned) for p in ports])
    equal("their voltage", [-48000, -48000], [p.mv for p in ports])
    stat = os.stat("/dev/tandem_fxo1")
    equal("the device's number", os.minor(stat.st_rdev) & 0xff | os.major(stat.st_rdev) << 8,
          ports[1].device)
    equal("usual settings", (1, 350, 2000),
          tuple(ports[0].config[k] for k in ("RING_NUMBER", "DISCONNECT", "GUARD")))


def case_ring_answer_hang_up():
    ev, nl = Events(), claimed(RING_NUMBER=3)
    ev.clear()
    sim(0, "ring 2000 4000")
    call = ev.wait("INCOMING")
    rings = [e for e in ev.log if e.name == "RING"]
    equal("three rings, then a call", [1, 2, 3], [e.value for e in rings])
    equal("six seconds apart", [6000, 6000], [round(b.ms - a.ms) for a, b in zip(rings, rings[1:])])
    ok(call.ns == rings[2].ns, "the call comes with its third ring")
    ok(all(e.heard - e.ns < 20e6 for e in rings), "heard within 20 ms",
       [(e.heard - e.ns) / 1e6 for e in rings])
    equal("cannot be seized now", "EBUSY", nl.error("SEIZE", 0))
    equal("answered", 0, nl.error("ANSWER", 0))
    equal("ringing stopped, current flows", ("0", "-8000", "1"),
          tuple(sim_state(0)[k] for k in ("ringing", "millivolts", "relays")))
    ready = ev.wait("READY")
    off = ev.wait("OFF_HOOK")
    equal("the loop settles", 500, round(ready.ms - off.ms))
    sim(0, "drop 349")
    equal("a short break is nothing", [], ev.quiet(1))
    sim(0, "drop 600")
    gone = ev.wait("DISCONNECT")
    equal("battery drop: released", fxo.H["TDFXO_REASON_BATTERY"], gone.value)
    equal("hang up", 0, nl.error("HANG_UP", 0))
    on, idle = ev.wait("ON_HOOK"), ev.wait("IDLE")
    equal("the guard time", 2000, round(idle.ms - on.ms))
    equal("no event is missing", 0, ev.gaps)
    stats = nl.port(0).stats
    equal("counted", (3, 1, 1), tuple(stats[k] for k in ("RINGS", "ANSWERS", "DISCONNECTS")))


def case_abandoned():
    ev, nl = Events(), claimed()
    sim(0, "ring 400 200 400 2000")
    first = ev.wait("INCOMING")
    while ev.wait("RING", after=len(ev.log)).value < 3:
        pass
    sim(0, "ring 0")
    end = ev.wait("ABANDONED")
    ok(end and nl.port(0).state == "IDLE", "the caller gave up")
    equal("one call, four rings at most", 1, len([e for e in ev.log if e.name == "INCOMING"]))
    ok(6000 <= end.ms - ev.log[-2].ms + 400 and first, "after six seconds of silence")


def case_ground_start_out():
    ev, nl = Events(), claimed(GROUND_START=1)
    sim(0, "ground 1", "battery -48000")
    equal("seized", 0, nl.error("SEIZE", 0))
    equal("grounds ring", "2", sim_state(0)["relays"])
    off = ev.wait("OFF_HOOK")
    ok(off is not None, "tip was grounded")
    equal("the loop is closed", "1", sim_state(0)["relays"])
    ev.wait("READY")
    sim(0, "tip 0")
    gone = ev.wait("DISCONNECT")
    equal("tip open: released", fxo.H["TDFXO_REASON_TIP"], gone.value)
    nl.command("HANG_UP", 0)
    ev.wait("IDLE")
    sim(0, "seizable 0")
    nl.command("SEIZE", 0)
    n = len(ev.log)
    failed = ev.wait("SEIZE_FAILED", after=n - 1)
    ok(failed, "nobody grounds tip: seizure failed")
    equal("and no wire is touched", "0", sim_state(0)["relays"])


def case_ground_start_in():
    for ring_only in (0, 1):
        fxo.load()
        ev, nl = Events(), claimed(GROUND_START=1, RING_ONLY=ring_only, RING_NUMBER=2)
        sim(0, "ground 1", "tip 1")
        seized = ev.wait("SEIZED")
        early = ev.wait("INCOMING", seconds=2)
        equal("tip ground alone is %s call" % ("no" if ring_only else "a"), not ring_only,
              early is not None)
        equal("cannot be seized", "EBUSY", nl.error("SEIZE", 0))
        sim(0, "ring 2000 4000")
        if ring_only:
            call = ev.wait("INCOMING")
            equal("the second ring is", 2, call.value)
        equal("answered", 0, nl.error("ANSWER", 0))
        ok(ev.wait("READY") and seized, "and up")
        sim(0, "tip 0")
        ok(ev.wait("DISCONNECT"), "released")


def case_pulses():
    ev, nl = Events(), claimed()
    equal("dialling without a call", "ENOTCONN", nl.error("DIAL", 0, DIGITS="12"))
    nl.command("SEIZE", 0)
    equal("too early", "EAGAIN", nl.error("DIAL", 0, DIGITS="12"))
    ev.wait("READY")
    ev.clear()
    start = fxo.time.monotonic_ns() / 1e6
    nl.command("DIAL", 0, DIGITS="5047")
    done = ev.wait("DIALLED")
    equal("the exchange read", "5047", sim_state(0)["dialled"])
    # 26 pulses of 100 ms, three pauses of 800 instead of 40
    ok(abs(done.ms - start - (2600 + 3 * 760)) < 60, "in exactly its time", done.ms - start)
    equal("digits only", "EINVAL", nl.error("DIAL", 0, DIGITS="12A"))
    nl.command("FLASH", 0, FLASH=300)
    equal("a flash opens the loop", "0", sim_state(0)["relays"])
    ok(ev.wait("READY", after=len(ev.log)), "and closes it again")


def tone(hz, seconds):
    return array.array("h", (int(8000 * math.sin(2 * math.pi * hz * i / 8000))
                             for i in range(int(8000 * seconds)))).tobytes()


def speak(fd, hz, n):
    """n frames each way in step: writes the tone as frames are read; what was heard."""
    sound, heard, seqs = tone(hz, n / 50), [], []
    for i in range(n):
        os.write(fd, sound[i * 320:(i + 1) * 320])
        f = fxo.frames(fd, 1)[0]
        seqs.append(f[1])
        heard += f[3:]
    return heard, seqs


def case_loopback_call():
    ev, nl, other = Events(), claimed(), claimed(1)
    sim(0, "peer 1", "reversal 1")
    nl.command("SEIZE", 0)
    ok(ev.wait("INCOMING", port=1), "who goes off hook rings the other")
    ev.wait("READY")
    ev.quiet(1)         # just after our own hook a reversal would say nothing
    equal("answers", 0, other.error("ANSWER", 1))
    ok(ev.wait("ANSWERED"), "the caller's battery is reversed")
    ev.wait("READY", port=1)
    a, b = fxo.device(0), fxo.device(1)
    try:
        fxo.device(0)
        ok(False, "one listener at a time")
    except OSError as e:
        equal("one listener at a time", fxo.errno.EBUSY, e.errno)
    n, heard_a, heard_b, seqs = 100, [], [], []
    to_b, to_a = tone(440, n / 50), tone(1000, n / 50)
    for i in range(n):
        os.write(a, to_b[i * 320:(i + 1) * 320])
        os.write(b, to_a[i * 320:(i + 1) * 320])
        fa, fb = fxo.frames(a, 1)[0], fxo.frames(b, 1)[0]
        seqs.append(fa[1])
        heard_a += fa[3:]
        heard_b += fb[3:]
    ok(abs(fxo.hertz(heard_b[4000:]) - 440) < 2, "b hears a's 440 Hz", fxo.hertz(heard_b[4000:]))
    ok(abs(fxo.hertz(heard_a[4000:]) - 1000) < 4, "a hears b's 1000 Hz", fxo.hertz(heard_a[4000:]))
    equal("no frame is missing", list(range(seqs[0], seqs[0] + n)), seqs)
    try:
        os.read(a, 100)
        ok(False, "a part of a frame is refused")
    except OSError as e:
        equal("a part of a frame is refused", fxo.errno.EINVAL, e.errno)
    os.close(a)
    os.close(b)
    nl.command("HANG_UP", 0)
    gone = ev.wait("DISCONNECT", port=1)
    ok(gone and gone.value in (fxo.H["TDFXO_REASON_BATTERY"], fxo.H["TDFXO_REASON_REVERSAL"]),
       "the other hears of the end")


def case_no_line():
    ev, nl = Events(), claimed()
    sim(0, "battery 0")
    ok(ev.wait("LINE_DOWN"), "unplugged from the wall: an alarm")
    equal("no seizure", "ENOLINK", nl.error("SEIZE", 0))
    sim(0, "battery 9000")
    ok(ev.wait("LINE_UP"), "battery is back")
    equal("another telephone is on the line", "EBUSY", nl.error("SEIZE", 0))
    sim(0, "battery 48000")
    equal("now it can be seized", 0, nl.error("SEIZE", 0))


fxo.run(globals())
