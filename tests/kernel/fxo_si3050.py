#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
"""The driver of Si3050 chips, on a model of their registers (si3050_model): three in a chain."""
import array
import math
import os

import fxo
from fxo import Events, Netlink, equal, ok

MODEL = "/sys/kernel/debug/si3050_model"
DRIVERS = "/sys/bus/spi/drivers/tandem_fxo_si3050"
LOBBY, SECOND, THIRD = 0, 1, 2
US, DE, AU, GB, ZA = ((ord(c[0]) << 8 | ord(c[1])) for c in ("US", "DE", "AU", "GB", "ZA"))


def load(_=None):
    fxo.unload()
    fxo.insmod("tandem_fxo")
    fxo.insmod("tandem_fxo_si3050")
    fxo.insmod("si3050_model", folder="../tests/kernel/si3050_model")
    settle()


def chip(line, *commands):
    with open("%s/%d/control" % (MODEL, line), "w") as f:
        f.write("\n".join(commands))


def state(line):
    return {k: int(v) for k, v in (row.split() for row in open("%s/%d/state" % (MODEL, line)))}


def registers(line, *numbers):
    s = state(line)
    return tuple(s["r%d" % n] for n in numbers)


def becomes(seconds, what):
    """Does it become true? The driver's thread has the bus to itself."""
    end = fxo.time.monotonic() + seconds
    while fxo.time.monotonic() < end:
        if what():
            return True
        fxo.time.sleep(0.002)
    return False


def settle():
    """The sides of all chips have found each other."""
    return becomes(2, lambda: all(p.mv == -48000 for p in Netlink().dump()))


def claimed(port=LOBBY, **config):
    nl = Netlink()
    nl.command("CLAIM", port)
    if config:
        nl.set(port, **config)
    return nl


def case_bring_up():
    ports = Netlink().dump()
    equal("three lines with battery", [("tandem_fxo_si3050", "IDLE", -48000)] * 3,
          [(p.board, p.state, p.mv) for p in ports])
    equal("named by the device tree", ["lobby", "fax", "door"], [p.name for p in ports])
    # power on, hears on hook, United States, 128 ms, tip not watched, linear and on the highway
    equal("registers of a resting line", (0, 0x08, 0, 0xc0, 0, 0x20, 3, 0x38),
          registers(LOBBY, 6, 5, 16, 26, 30, 31, 32, 33))
    equal("slots on the highway", [(0, 0, 0, 0), (48, 0, 48, 0), (112, 0, 112, 0)],
          [registers(n, 34, 35, 36, 37) for n in range(3)])
    equal("every access was as the bus wants it", 0, state(0)["bad"])


def case_countries():
    nl = claimed()
    # registers 16 (OHS, ACT, RZ), 26 (DCV, MINI, ILIM), 30 (ACIM), 31 (OHS2), 59 (SQ)
    for name, country, want in (("Germany", DE, (0x20, 0xc2, 2, 0x28, 0)),
                                ("Britain", GB, (0x20, 0xc2, 5, 0x28, 0)),
                                ("Australia", AU, (0x60, 0x50, 3, 0x20, 0x50)),
                                ("South Africa", ZA, (0x22, 0xc0, 3, 0x20, 0)),
                                ("nowhere", 0x5858, (0, 0xc0, 0, 0x20, 0))):
        nl.set(LOBBY, COUNTRY=country)
        ok(becomes(1, lambda w=want: registers(LOBBY, 16, 26, 30, 31, 59) == w), name,
           registers(LOBBY, 16, 26, 30, 31, 59))
    for impedance, acim in enumerate((0, 11, 1, 13, 3, 2, 4, 0)):
        nl.set(LOBBY, COUNTRY=US, IMPEDANCE=impedance)
        ok(becomes(1, lambda w=acim: registers(LOBBY, 30) == (w,)), "impedance %d" % impedance)
    nl.set(LOBBY, GAIN_IN=20 + 7, GAIN_OUT=20 - 3)
    ok(becomes(1, lambda: registers(LOBBY, 38, 39) == (0x13, 7)), "3 dB less for the line, 7 more from it")
    nl.set(LOBBY, GAIN_IN=40, GAIN_OUT=0)
    ok(becomes(1, lambda: registers(LOBBY, 38, 39) == (0x1f, 12)), "no more than the chip can do")
    equal("the others are as they were", (0, 0xc0, 0), registers(SECOND, 16, 26, 30))


def ring(dhz, on_ms, off_ms, times):
    for _ in range(times):
        chip(LOBBY, "ring %d" % dhz)
        fxo.time.sleep(on_ms / 1000)
        chip(LOBBY, "ring 0")
        fxo.time.sleep(off_ms / 1000)


def case_ring_answer_release():
    ev, nl = Events(), claimed(RING_NUMBER=2)
    for dhz in (167, 200, 250, 500):
        ev.clear()
        ring(dhz, 2000, 4000, 2)
        ev.quiet(0.01)
        rings = [e for e in ev.log if e.name == "RING"]
        equal("%.1f Hz rings" % (dhz / 10), [1, 2], [e.value for e in rings])
        ok(abs(rings[1].ms - rings[0].ms - 6000) <= 20, "six seconds apart")
        pauses = [e.ms for e in ev.log if e.name == "PAUSE"]
        ok(abs(pauses[0] - rings[0].ms - 2000) < 250, "and two long", pauses[0] - rings[0].ms)
        ok(any(e.name == "INCOMING" for e in ev.log), "the second is a call")
        ok(ev.wait("ABANDONED"), "nobody answered")
    chip(LOBBY, "ring 250")
    ev.wait("INCOMING", after=len(ev.log), seconds=3)
    chip(LOBBY, "ring 0")
    fxo.time.sleep(3)
    chip(LOBBY, "ring 250")
    ev.clear()
    ev.wait("RING", seconds=3)
    equal("answered", 0, nl.error("ANSWER", 0))
    ok(becomes(0.02, lambda: state(LOBBY)["off_hook"]), "off hook within 20 ms")
    chip(LOBBY, "ring 0")
    ev.wait("READY")
    equal("the voltage of a closed loop", -8000, nl.port(LOBBY).mv)
    ev.clear()
    chip(LOBBY, "battery 0")
    fxo.time.sleep(0.3)
    chip(LOBBY, "battery -48")
    equal("no current for 300 ms is nothing", [], ev.quiet(1))
    chip(LOBBY, "battery 0")
    gone = ev.wait("DISCONNECT", seconds=2)
    ok(gone and gone.value == fxo.H["TDFXO_REASON_BATTERY"], "for longer it is a release")
    chip(LOBBY, "battery -48")
    nl.command("HANG_UP", LOBBY)
    ok(becomes(0.02, lambda: not state(LOBBY)["off_hook"]), "on hook within 20 ms")
    equal("and the line is heard", (0x08,), registers(LOBBY, 5))
    equal("no event is missing", 0, ev.gaps)


def case_what_is_no_ring():
    ev, nl = Events(), claimed()
    ev.clear()
    ring(100, 2000, 200, 1)
    ring(1000, 2000, 200, 1)
    equal("10 Hz and 100 Hz are none", [], [e for e in ev.quiet(1) if e.name == "RING"])
    ok(nl.port(LOBBY).stats["RING_FREQ"] >= 1, "but counted")
    equal("nor is the battery gone meanwhile", -48000, nl.port(LOBBY).mv)
    chip(LOBBY, "battery 48")
    turned = ev.wait("POLARITY", seconds=2)
    ok(turned and turned.value == 1, "a reversal is seen on hook")


def case_battery():
    ev, nl = Events(), claimed()
    chip(LOBBY, "battery 0")
    ok(ev.wait("LINE_DOWN", seconds=3), "unplugged from the wall")
    equal("no seizure", "ENOLINK", nl.error("SEIZE", LOBBY))
    chip(LOBBY, "battery 9")
    ok(ev.wait("LINE_UP", seconds=3), "battery is back")
    equal("another telephone is on the line", "EBUSY", nl.error("SEIZE", LOBBY))


def case_ground_start():
    ev, nl = Events(), claimed(SECOND, GROUND_START=1)
    chip(SECOND, "battery 0")
    ok(becomes(1, lambda: registers(SECOND, 32) == (1,)), "tip is watched, ring is not grounded")
    nl.command("SEIZE", SECOND)
    ok(becomes(0.02, lambda: state(SECOND)["ring_grounded"]), "a seizure grounds ring")
    chip(SECOND, "tip 1", "battery -48")
    off = ev.wait("OFF_HOOK", port=SECOND, seconds=2)
    ok(off and becomes(0.02, lambda: state(SECOND)["off_hook"] and not state(SECOND)["ring_grounded"]),
       "tip answers: the loop is closed, ring let go")
    ev.wait("READY", port=SECOND)
    chip(SECOND, "tip 0", "battery 0")
    gone = ev.wait("DISCONNECT", port=SECOND, seconds=2)
    ok(gone and gone.value == fxo.H["TDFXO_REASON_TIP"], "tip open: released")
    nl.command("HANG_UP", SECOND)
    ev.wait("IDLE", port=SECOND)
    ev.clear()
    chip(SECOND, "tip 1")
    ok(ev.wait("INCOMING", port=SECOND, seconds=2), "tip ground is a call")
    equal("answered", 0, nl.error("ANSWER", SECOND))
    ok(becomes(0.02, lambda: state(SECOND)["off_hook"]), "off hook")


def case_pulses():
    ev, nl = Events(), claimed(THIRD)
    nl.command("SEIZE", THIRD)
    ev.wait("READY", port=THIRD)
    nl.command("DIAL", THIRD, DIGITS="307")
    ok(ev.wait("DIALLED", port=THIRD), "dialled")
    s = state(THIRD)
    equal("20 breaks", 20, s["breaks"])
    ok(59500 <= s["shortest"] and s["longest"] <= 60500, "each of 60 ms, to half a millisecond",
       (s["shortest"], s["longest"]))
    nl.command("FLASH", THIRD, FLASH=100)
    ok(ev.wait("READY", port=THIRD, after=len(ev.log)), "a flash, too")
    equal("one more", 21, state(THIRD)["breaks"])


def tone(hz, seconds):
    return array.array("h", (int(8000 * math.sin(2 * math.pi * hz * i / 8000))
                             for i in range(int(8000 * seconds)))).tobytes()


def case_sound():
    """A line says what it heard: each port hears itself, through its own slot."""
    fds = [fxo.device(p) for p in range(3)]
    tones, heard, seqs = [tone(hz, 1) for hz in (440, 620, 1000)], [[], [], []], [[], [], []]
    for i in range(50):
        for p, fd in enumerate(fds):
            os.write(fd, tones[p][i * 320:(i + 1) * 320])
            f = fxo.frames(fd, 1)[0]
            seqs[p].append(f[1])
            heard[p] += f[3:]
    for p, hz in enumerate((440, 620, 1000)):
        got = fxo.hertz(heard[p][2000:])
        ok(abs(got - hz) < 5, "line %d: %d Hz out and in" % (p, hz), got)
        equal("no frame is missing", list(range(seqs[p][0], seqs[p][0] + 50)), seqs[p])
        os.close(fds[p])


def case_lost_link():
    ev, nl = Events(), claimed(COUNTRY=DE)
    nl.command("SEIZE", LOBBY)
    ev.wait("READY")
    chip(LOBBY, "link 0")
    ok(ev.wait("DISCONNECT", seconds=2), "the line's side is dead: the call is over")
    nl.command("HANG_UP", LOBBY)
    ok(ev.wait("LINE_DOWN", seconds=5), "and the line is down")
    equal("the others work", "IDLE", nl.port(SECOND).state)
    chip(LOBBY, "link 1")
    ok(ev.wait("LINE_UP", seconds=2), "it lives again")
    ok(becomes(1, lambda: registers(LOBBY, 5, 26, 30) == (8, 0xc2, 2)), "set up as before",
       registers(LOBBY, 5, 26, 30))


def case_failing_bus():
    ev, nl = Events(), claimed()
    nl.command("SEIZE", LOBBY)
    ev.wait("READY", seconds=2)
    ev.clear()
    chip(LOBBY, "fail 100")
    ok(becomes(2, lambda: not state(LOBBY)["fail"]), "the bus fails 100 times")
    equal("a call goes on", [], ev.quiet(1))
    chip(LOBBY, "fail 2000")
    ok(ev.wait("DISCONNECT", seconds=2), "for longer it is over")
    nl.command("HANG_UP", LOBBY)
    ok(becomes(5, lambda: not state(LOBBY)["off_hook"]), "on hook when the bus works again")
    ok(becomes(5, lambda: nl.port(LOBBY).state == "IDLE"), "the line is free")
    equal("registers are as before", (0, 0xc0, 0, 0x20), registers(LOBBY, 16, 26, 30, 31))


def case_goes_in_a_call():
    ev = Events()
    nls = [claimed(p) for p in range(3)]
    for p, nl in enumerate(nls):
        nl.command("SEIZE", p)
    ev.wait("READY", port=2)
    nls[2].s.close()
    ok(becomes(0.02, lambda: not state(2)["off_hook"]), "its owner dies: on hook within 20 ms")
    device = next(n for n in os.listdir(DRIVERS) if n.startswith("spi"))
    fd = fxo.device(0)
    with open(DRIVERS + "/unbind", "w") as f:
        f.write(device)
    equal("unbound: on hook", [0, 0, 0], [state(p)["off_hook"] for p in range(3)])
    equal("line sides without power", [(0x10, 0)] * 3, [registers(p, 6, 33) for p in range(3)])
    ok(all(ev.wait("REMOVED", port=p, seconds=1) for p in range(3)), "ports are gone")
    try:
        fxo.frames(fd, 100)
        ok(False, "a reader is told")
    except OSError as e:
        equal("a reader is told", fxo.errno.ENODEV, e.errno)
    os.close(fd)
    with open(DRIVERS + "/bind", "w") as f:
        f.write(device)
    ok(settle() and len(Netlink().dump()) == 3, "bound again: as at first")
    nl = claimed()
    nl.command("SEIZE", LOBBY)
    becomes(1, lambda: state(LOBBY)["off_hook"])
    with open("/sys/bus/platform/drivers/si3050_model/unbind", "w") as f:
        f.write(next(n for n in os.listdir("/sys/bus/platform/drivers/si3050_model")
                     if n.startswith("si3050")))
    equal("the highway goes: the chips go first, on hook", (0, 0),
          (state(LOBBY)["off_hook"], len(Netlink().dump())))


def case_load_loops():
    for i in range(20):
        load()
        nl = claimed()
        nl.command("SEIZE", LOBBY)
        del nl
    equal("20 times loaded, unloaded off hook", 3, len(Netlink().dump()))


if os.environ.get("TD_VM") and not os.path.exists(fxo.MODULES + "/tandem_fxo_si3050.ko"):
    print("1..0 # SKIP this kernel has no SPI")
    raise SystemExit(4)
fxo.run(globals(), load=load)
