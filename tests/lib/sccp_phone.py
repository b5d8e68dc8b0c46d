#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SCCP phone without hardware, for tests and the lab.

sccp_phone.py --server HOST --device SEP001122334455 [--type 7970] [--version 17] ...

Registers, then obeys lines on its standard input and prints what the router tells it, one
line per message: "state 3 line 1 ref 5", "prompt line 1 'Connected'", "lamp line 1 on".
Commands: offhook, onhook, digits 1002, enbloc 1002, soft KEY, button line 2, answer, hold,
resume, end, mute, connect (again), register, raw HEX, close, quit.

Audio: sends a tone of --hz (G.711) from an own port, writes what it hears to --record (WAV).
Layouts are written down here from public descriptions of the protocol, not from the
daemon's codec: the two check each other.
"""
import argparse
import audioop
import math
import os
import select
import socket
import struct
import sys
import time
import wave

TYPES = {"7960": 7, "7940": 8, "7970": 30006, "7975": 437, "7965": 436, "7911": 307,
         "7912": 30007, "ata186": 12, "7941": 115, "7962": 404}
SOFT = {"redial": 1, "newcall": 2, "hold": 3, "transfer": 4, "cfwdall": 5, "backspace": 8,
        "endcall": 9, "resume": 10, "answer": 11, "conference": 13, "dnd": 22}
STIMULI = {"redial": 1, "speeddial": 2, "hold": 3, "transfer": 4, "forwardall": 5, "line": 9,
           "release": 0x10}
LAMPS = {1: "off", 2: "on", 3: "wink", 4: "flash", 5: "blink"}
LABELS = {0x13: "Your current options", 0x16: "Ring Out", 0x17: "From ", 0x18: "Connected",
          0x19: "Busy", 0x1e: "Call Proceed", 0x20: "Enter number", 0x23: "Temp Fail",
          0x38: "Unknown Number", 0x2d: "Key Is Not Active", 0x03: "Hold"}
PAYLOADS = {4: (0, audioop.lin2ulaw, audioop.ulaw2lin), 2: (8, audioop.lin2alaw, audioop.alaw2lin)}


def text(raw):
    raw = raw.split(b"\0")[0]
    out, i = "", 0
    while i < len(raw):
        if raw[i] == 0x80 and i + 1 < len(raw):
            out += LABELS.get(raw[i + 1], "<%02x>" % raw[i + 1])
            i += 1
        else:
            out += chr(raw[i])
        i += 1
    return out


def strings(raw, n):
    parts = raw.split(b"\0")
    return [text(p) for p in (parts + [b""] * n)[:n]]


class Rtp:
    """One port: sends a tone, keeps what it hears."""

    def __init__(self, host, hz):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        for port in range(20000 + os.getpid() % 1000 * 10, 60000, 2):
            try:
                self.sock.bind((host, port))
                break
            except OSError:
                continue
        self.port = self.sock.getsockname()[1]
        self.hz, self.peer, self.payload = hz, None, None
        self.seq, self.stamp, self.next = 1, 0, 0.0
        self.sent = self.heard = 0
        self.pcm = b""
        self.ssrc = os.getpid() << 8 | self.port & 255

    def tick(self, now, mute):
        while self.peer and now >= self.next:
            self.next = self.next + 0.02 if self.next > now - 1 else now + 0.02
            pcm = b"".join(struct.pack("<h", 0 if mute else int(
                12000 * math.sin(2 * math.pi * self.hz * (self.stamp + i) / 8000)))
                for i in range(160))
            pt, enc, _ = PAYLOADS[self.payload]
            head = struct.pack(">BBHII", 0x80, pt, self.seq & 65535, self.stamp & 0xffffffff, self.ssrc)
            try:
                self.sock.sendto(head + enc(pcm, 2), self.peer)
                self.sent += 1
            except OSError:
                pass
            self.seq, self.stamp = self.seq + 1, self.stamp + 160

    def receive(self):
        data = self.sock.recv(2048)
        for pt, _, dec in PAYLOADS.values():
            if len(data) > 12 and data[1] & 127 == pt:
                self.heard += 1
                self.pcm += dec(data[12:], 2)


class Phone:
    def __init__(self, opt):
        self.opt, self.sock, self.buf, self.version = opt, None, b"", 0
        self.calls, self.line_of, self.active, self.ringing = {}, {}, 0, 0
        self.rtp, self.old_pcm, self.mute = None, b"", False
        self.codecs = [int(c) for c in opt.codecs.split(",")]
        self.keep_alive, self.next_alive, self.missed = 30, None, 0
        self.lines_left, self.asked, self.registered = [], False, False
        self.connect()

    def say(self, *words):
        print(*words, flush=True)

    # ---- connection

    def connect(self):
        info = socket.getaddrinfo(self.opt.server, self.opt.port, 0, socket.SOCK_STREAM)[0]
        self.sock = socket.socket(info[0], socket.SOCK_STREAM)
        if self.opt.bind:
            self.sock.bind((self.opt.bind, 0))
        try:
            self.sock.connect(info[4])
        except OSError as e:
            self.say("refused", e)
            self.sock = None
            return
        self.version, self.buf, self.calls, self.active, self.ringing = 0, b"", {}, 0, 0
        if not self.opt.silent:
            self.register()

    def send(self, mid, body=b"", version=None):
        if not self.sock:
            return
        v = self.version if version is None else version
        v = v if v >= 10 else 0
        try:
            self.sock.sendall(struct.pack("<III", len(body) + 4, v, mid) + body)
        except OSError as e:
            self.say("lost", e)

    def register(self):
        o = self.opt
        host = self.sock.getsockname()[0]
        ip4 = socket.inet_aton(host) if ":" not in host else bytes(4)
        ip6 = socket.inet_pton(socket.AF_INET6, host) if ":" in host else bytes(16)
        features = {True: bytes((0x00, 0x72, 0x85)), False: bytes((0x00, 0x60, 0x85))}[o.version >= 17]
        body = o.device.encode().ljust(16, b"\0") + struct.pack("<II", 0, 1) + ip4
        body += struct.pack("<III", TYPES.get(o.type) or int(o.type), 5, 0) + bytes((o.version,)) + features
        body += struct.pack("<II", 0, 0) + bytes.fromhex(o.device[-12:]).ljust(12, b"\0")
        body += struct.pack("<I", 0)
        if o.version >= 15:
            body += struct.pack("<I", 8) + ip6 + struct.pack("<I", 0) + b"SIM-1.0".ljust(32, b"\0")
        self.send(0x20, struct.pack("<I", 2) + b"Name=sim Load=1 Last=initialized".ljust(80, b"\0") + bytes(8), 0)
        self.send(1, body, 0)
        self.send(2, struct.pack("<I", 20000), 0)

    # ---- frames

    def read(self):
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.say("closed")
            self.sock.close()
            self.sock, self.registered = None, False
            return
        self.buf += data
        while len(self.buf) >= 12:
            n = struct.unpack_from("<I", self.buf)[0] + 8
            if len(self.buf) < n:
                return
            _, v, mid = struct.unpack_from("<III", self.buf)
            body, self.buf = self.buf[12:n], self.buf[n:]
            if v not in (0, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22):
                self.say("BAD-VERSION", v)
            handler = getattr(self, "on_%04x" % mid, None)
            if handler:
                handler(body)
            else:
                self.say("UNKNOWN-ID %04x" % mid)

    def u(self, body, *offsets):
        return [struct.unpack_from("<I", body, o)[0] if o + 4 <= len(body) else 0 for o in offsets]

    # ---- starting

    def on_0081(self, b):
        self.keep_alive = struct.unpack_from("<I", b)[0]
        if self.opt.keepalive:
            self.keep_alive = self.opt.keepalive
        self.version = b[16] if len(b) > 16 else 3
        self.next_alive = time.time() + self.keep_alive
        self.say("ack keepalive %d standby %d template '%s' version %d" % (
            self.u(b, 0)[0], self.u(b, 12)[0], text(b[4:10]), self.version))

    def on_009d(self, b):
        self.say("reject '%s'" % text(b[:32]))

    def on_009b(self, _):
        caps = b"".join(struct.pack("<IIII", c, 40, 0, 0) for c in self.codecs)
        if self.version >= 17:
            caps = struct.pack("<III", len(self.codecs), 0, 0) + bytes(300) + caps
            self.send(0x44, caps.ljust(2100, b"\0"))
        else:
            self.send(0x10, struct.pack("<I", len(self.codecs)) + caps.ljust(288, b"\0"))
        if not self.asked:
            self.asked = True
            for mid in (0x0f, 0x0e, 0x28, 0x25, 0x0c):
                self.send(mid)

    def on_0098(self, b):
        self.say("load '%s'" % text(b[:16]))

    def on_0097(self, b):
        n = struct.unpack_from("<I", b, 4)[0]
        pairs = [(b[12 + 2 * i], b[13 + 2 * i]) for i in range(n)]
        self.say("buttons", " ".join("%d:%02x" % p for p in pairs))
        self.lines_left = [i for i, t in pairs if t == 9]

    def on_0108(self, b):
        self.say("softkeys %d of %d" % tuple(self.u(b, 4, 8)))

    def on_0109(self, b):
        self.say("softkeysets %d length %d" % (self.u(b, 4)[0], len(b)))

    def on_0093(self, b):
        self.say("config '%s' lines %d" % (text(b[:16]), self.u(b, 104)[0]))
        for i in self.lines_left:
            self.send(0x0b, struct.pack("<I", i))
            self.send(0x09, struct.pack("<I", i))
        self.send(0x2d, struct.pack("<I", len(self.lines_left)))
        self.send(0x0d)

    def line_told(self, line, number, name, label):
        self.say("line %d '%s' '%s' '%s'" % (line, number, name, label))

    def on_0092(self, b):
        self.line_told(self.u(b, 0)[0], text(b[4:28]), text(b[28:68]), text(b[68:108]))

    def on_0147(self, b):
        self.line_told(self.u(b, 0)[0], *strings(b[8:], 3))

    def on_0090(self, b):
        self.say("forward line %d any %d" % tuple(self.u(b, 4, 0)))

    def on_0094(self, b):
        f = struct.unpack_from("<9I", b)
        self.say("time %04d-%02d-%02d %02d:%02d:%02d weekday %d" % (f[0], f[1], f[3], f[4], f[5], f[6], f[2]))
        if not self.registered:
            self.registered = True
            self.say("registered")

    def on_0100(self, _):
        self.missed = 0
        self.say("alive")

    def on_009f(self, b):
        self.say("reset %d" % self.u(b, 0)[0])

    def on_0118(self, b):
        self.say("unregistered %d" % self.u(b, 0)[0])

    def on_011a(self, _):
        self.say("token")

    def on_011b(self, b):
        self.say("token-reject %d" % self.u(b, 0)[0])

    def on_009e(self, b):
        self.say("server '%s'" % text(b[:48]))

    # ---- what the user sees and hears

    def on_0111(self, b):
        state, line, ref = self.u(b, 0, 4, 8)
        self.calls[ref], self.line_of[ref] = state, line
        if state == 2:
            self.calls.pop(ref, None)
            self.active = 0 if self.active == ref else self.active
            self.ringing = 0 if self.ringing == ref else self.ringing
        elif state == 4:
            self.ringing = ref
        elif state not in (8,):
            self.active = ref
            self.ringing = 0 if self.ringing == ref else self.ringing
        self.say("state %d line %d ref %d" % (state, line, ref))

    def on_0110(self, b):
        self.say("keys line %d ref %d set %d" % tuple(self.u(b, 0, 4, 8)))

    def prompt(self, line, t):
        self.say("prompt line %d '%s'" % (line, t))

    def on_0112(self, b):
        self.prompt(self.u(b, 36)[0], text(b[4:36]))

    def on_0145(self, b):
        self.prompt(self.u(b, 4)[0], text(b[12:]))

    def on_0113(self, b):
        self.say("prompt line %d cleared" % self.u(b, 0)[0])

    def on_0120(self, b):
        self.say("notify '%s'" % text(b[8:40]))

    def on_0144(self, b):
        self.say("notify '%s'" % text(b[8:]))

    def on_0121(self, _):
        self.say("notify cleared")

    def on_008f(self, b):
        self.say("info type %d from '%s' '%s' to '%s' '%s'" % (
            self.u(b, 136)[0], text(b[40:64]), text(b[0:40]), text(b[104:128]), text(b[64:104])))

    def on_014a(self, b):
        s = strings(b[32:], 15)
        if self.version < 16:
            calling, called, calling_name, called_name = s[0], s[1], s[8], s[9]
        else:
            calling, called, calling_name, called_name = s[0], s[2], s[9], s[10]
        self.say("info type %d from '%s' '%s' to '%s' '%s'" % (
            self.u(b, 8)[0], calling, calling_name, called, called_name))

    def on_0082(self, b):
        self.say("tone %02x line %d" % tuple(self.u(b, 0, 8)))

    def on_0083(self, b):
        self.say("tone off")

    def on_0085(self, b):
        self.say("ringer %d line %d" % tuple(self.u(b, 0, 8)))

    def on_0086(self, b):
        kind, instance, mode = self.u(b, 0, 4, 8)
        self.say("lamp %s %d %s" % ("line" if kind == 9 else "%02x" % kind, instance, LAMPS.get(mode)))

    def on_0088(self, b):
        self.say("speaker %s" % ("on" if self.u(b, 0)[0] == 1 else "off"))

    def on_0116(self, b):
        self.say("plane %d" % self.u(b, 0)[0])

    def on_011d(self, b):
        self.say("dialed '%s'" % text(b[:24 if self.version < 18 else 25]))

    def on_0119(self, b):
        self.say("backspace")

    # ---- media

    def addr(self, b, at):
        if self.version < 17:
            return socket.inet_ntoa(b[at:at + 4]), at + 4
        family = struct.unpack_from("<I", b, at)[0]
        raw = b[at + 4:at + 20]
        host = socket.inet_ntop(socket.AF_INET6, raw) if family == 1 else socket.inet_ntoa(raw[:4])
        return host, at + 20

    def packed_addr(self, host):
        if self.version < 17:
            return socket.inet_aton(host)
        if ":" in host:
            return struct.pack("<I", 1) + socket.inet_pton(socket.AF_INET6, host)
        return struct.pack("<I", 0) + socket.inet_aton(host).ljust(16, b"\0")

    def on_0105(self, b):
        _, party, ms, payload, ref = self.u(b, 0, 4, 8, 12, 24)
        host = self.sock.getsockname()[0]
        self.say("open payload %d ms %d party %d ref %d" % (payload, ms, party, ref))
        if self.opt.no_channel:
            self.send(0x22, struct.pack("<I", 2) + self.packed_addr(host) + struct.pack("<III", 0, party, ref))
            return
        self.drop_rtp()
        self.rtp = Rtp(host, self.opt.hz)
        self.send(0x22, struct.pack("<I", 0) + self.packed_addr(host) +
                  struct.pack("<III", self.rtp.port, party, ref))

    def on_0106(self, b):
        self.say("close party %d" % self.u(b, 4)[0])
        self.drop_rtp()

    def on_008a(self, b):
        party = self.u(b, 4)[0]
        host, at = self.addr(b, 8)
        port, ms, payload, tos = self.u(b, at, at + 4, at + 8, at + 12)
        self.say("start %s %d payload %d ms %d tos %d party %d" % (host, port, payload, ms, tos, party))
        if self.rtp:
            self.rtp.peer, self.rtp.payload, self.rtp.next = (host, port), payload, time.time()
        if self.version >= 11:
            self.send(0x154, struct.pack("<III", 0, party, 0) + self.packed_addr(host) +
                      struct.pack("<II", port, 0))

    def on_008b(self, b):
        self.say("stop party %d" % self.u(b, 4)[0])
        if self.rtp:
            self.rtp.peer = None

    def drop_rtp(self):
        if not self.rtp:
            return
        self.say("rtp sent %d heard %d" % (self.rtp.sent, self.rtp.heard))
        self.old_pcm = self.rtp.pcm
        if self.opt.record and self.rtp.pcm:
            with wave.open(self.opt.record, "wb") as w:
                w.setnchannels(1)
                w.setsampwidth(2)
                w.setframerate(8000)
                w.writeframes(self.rtp.pcm)
        self.rtp.sock.close()
        self.rtp = None

    # ---- the user

    def key(self, d):
        code = 14 if d == "*" else 15 if d == "#" else int(d, 16)
        self.send(3, struct.pack("<III", code, self.line_of.get(self.active, 0), self.active))

    def soft(self, name, ref=None):
        ref = self.active if ref is None else ref
        self.send(0x26, struct.pack("<III", SOFT[name], self.line_of.get(ref, 0), ref))

    def do(self, line):
        words = line.split()
        if not words:
            return True
        cmd, args = words[0], words[1:]
        if cmd == "offhook":
            self.send(6, struct.pack("<II", int(args[0]) if args else 0, 0))
        elif cmd == "onhook":
            self.send(7, struct.pack("<II", 0, 0))
        elif cmd == "digits":
            for d in args[0]:
                self.key(d)
        elif cmd == "enbloc":
            n = args[0].encode()
            if self.version >= 18:
                self.send(4, n.ljust(25, b"\0") + struct.pack("<I", 1) + bytes(3))
            else:
                self.send(4, n.ljust(24, b"\0") + (struct.pack("<I", 1) if self.version == 17 else b""))
        elif cmd == "soft":
            self.soft(args[0])
        elif cmd == "answer":
            self.soft("answer", self.ringing)
        elif cmd == "resume":
            held = [r for r, s in self.calls.items() if s == 8]
            self.soft("resume", held[0] if held else 0)
        elif cmd in ("hold", "end"):
            self.soft("endcall" if cmd == "end" else cmd)
        elif cmd == "button":
            self.send(5, struct.pack("<IIII", STIMULI[args[0]], int(args[1]) if len(args) > 1 else 0, 0, 0))
        elif cmd == "mute":
            self.mute = True
        elif cmd == "raw":
            self.sock.sendall(bytes.fromhex("".join(args)))
        elif cmd == "token":
            self.send(0x29, self.opt.device.encode().ljust(16, b"\0") + bytes(12) +
                      struct.pack("<I", TYPES.get(self.opt.type, 0)) + bytes(20))
        elif cmd == "unregister":
            self.send(0x27)
        elif cmd == "register":
            self.register()
        elif cmd == "connect":
            self.asked = self.registered = False
            self.connect()
        elif cmd == "close":
            self.sock.close()
            self.sock = None
        elif cmd == "quit":
            return False
        else:
            self.say("what?", line)
        return True

    def alive(self, now):
        if self.sock and self.next_alive and now >= self.next_alive:
            self.next_alive = now + self.keep_alive
            self.missed += 1
            self.send(0, b"", 0)

    def run(self):
        stdin, pending = sys.stdin.fileno(), b""
        while True:
            fds = [stdin] + ([self.sock] if self.sock else []) + ([self.rtp.sock] if self.rtp else [])
            wait = 0.005 if self.rtp and self.rtp.peer else 0.2
            ready = select.select(fds, [], [], wait)[0]
            now = time.time()
            if self.rtp and self.rtp.sock in ready:
                self.rtp.receive()
            if self.sock in ready:
                self.read()
            if stdin in ready:
                data = os.read(stdin, 4096)
                if not data:
                    break
                pending += data
                while b"\n" in pending:
                    one, pending = pending.split(b"\n", 1)
                    if not self.do(one.decode()):
                        self.drop_rtp()
                        return
            if self.rtp:
                self.rtp.tick(now, self.mute)
            self.alive(now)
        self.drop_rtp()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--server", required=True)
    p.add_argument("--port", type=int, default=2000)
    p.add_argument("--device", required=True)
    p.add_argument("--type", default="7970")
    p.add_argument("--version", type=int, default=17)
    p.add_argument("--bind")
    p.add_argument("--hz", type=float, default=440)
    p.add_argument("--codecs", default="4,2")
    p.add_argument("--record")
    p.add_argument("--keepalive", type=float)
    p.add_argument("--silent", action="store_true", help="connect, but say nothing")
    p.add_argument("--no-channel", action="store_true", help="refuse to open a port")
    Phone(p.parse_args()).run()


main()
