#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many SCCP phones in one process, with two routers each: what a phone does when one fails.

sccpfleet.py --servers A,B --count N [--bind HOST] [--keepalive S] [--first HEX]

Each phone registers at the first router that answers, with a second connection to the other one
that only keeps alive, half as often. Three keepalives without an answer, or a connection that
ends, and it registers at the next router. Registered at the second one, it counts the answers of
the first: three in a row and it asks for a token there; with it, it unregisters and comes home.
Without (reject, n seconds) it asks again after those.

Prints one line per event of a phone and a sum whenever that changes: "sum A 200 B 0 none 0".
"""
import argparse
import selectors
import socket
import struct
import sys
import time

KEEP_ALIVE, REGISTER, TIME_REQ, UNREGISTER, TOKEN_REQ, CAPS_RES = 0, 1, 0x0d, 0x27, 0x29, 0x10
RETRY = 1.0


def frame(mid, body=b""):
    return struct.pack("<III", len(body) + 4, 0, mid) + body


class Link:
    """A connection of one phone to one router."""

    def __init__(self, phone, which):
        self.phone, self.which = phone, which
        self.sock, self.open, self.buf = None, False, b""
        self.acks = self.missed = 0
        self.next_alive = self.next_try = 0.0

    def connect(self, now):
        fleet = self.phone.fleet
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setblocking(False)
        self.buf, self.open, self.acks, self.missed = b"", False, 0, 0
        self.since = now
        if fleet.opt.bind:
            self.sock.bind((fleet.opt.bind, 0))
        self.sock.connect_ex((fleet.servers[self.which], 2000))
        fleet.sel.register(self.sock, selectors.EVENT_WRITE, self)

    def close(self, now):
        if self.sock:
            self.phone.fleet.sel.unregister(self.sock)
            self.sock.close()
        self.sock, self.open, self.acks, self.missed = None, False, 0, 0
        self.next_try = now + RETRY

    def send(self, mid, body=b""):
        try:
            self.sock.send(frame(mid, body))
        except OSError:
            pass

    def ready(self, mask, now):
        if mask & selectors.EVENT_WRITE and not self.open:
            if self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self.lost("refused", now)
                return
            self.open = True
            self.phone.fleet.sel.modify(self.sock, selectors.EVENT_READ, self)
            self.next_alive = now
            self.phone.opened(self, now)
            return
        try:
            data = self.sock.recv(16384)
        except OSError:
            data = b""
        if not data:
            self.lost("closed", now)
            return
        self.buf += data
        while len(self.buf) >= 12:
            n = struct.unpack_from("<I", self.buf)[0] + 8
            if len(self.buf) < n:
                break
            mid, body, self.buf = struct.unpack_from("<I", self.buf, 8)[0], self.buf[12:n], self.buf[n:]
            self.phone.message(self, mid, body, now)
            if not self.sock:
                break

    def lost(self, why, now):
        self.close(now)
        self.phone.link_lost(self, why, now)


class Phone:
    def __init__(self, fleet, number):
        self.fleet, self.number = fleet, number
        self.device = b"SEP%012X" % (int(fleet.opt.first, 16) + number)
        self.links = [Link(self, 0), Link(self, 1)]
        self.home = None                # where it is registered
        self.aim = 0                    # where it wants to be
        self.token, self.token_at = None, 0.0
        self.none_since = time.time()

    def say(self, *words):
        print("%.2f" % (time.time() - self.fleet.begin), self.number, *words, flush=True)

    def name(self, which):
        return "AB"[which]

    def register(self, link):
        body = self.device.ljust(16, b"\0") + struct.pack("<II", 0, 1)
        body += socket.inet_aton(link.sock.getsockname()[0]) + struct.pack("<III", 7, 5, 0)
        self.send_register = True
        link.send(REGISTER, body + bytes((11, 0x60, 0x85, 0)))

    def opened(self, link, now):
        if self.home is None and link.which == self.aim:
            self.register(link)

    def next_router(self, which, now):
        self.aim = 1 - which
        link = self.links[self.aim]
        if link.open:
            self.register(link)
        elif not link.sock:
            link.connect(now)

    def link_lost(self, link, why, now):
        if self.home == link.which:
            self.say("lost", self.name(link.which), why)
            self.set_home(None, now)
            self.next_router(link.which, now)
        elif self.home is None and self.aim == link.which:
            self.next_router(link.which, now)
        if link.which == 0:
            self.token = None

    def set_home(self, which, now):
        if which is None:
            self.none_since = now
        elif self.home is None:
            self.fleet.longest = max(self.fleet.longest, now - self.none_since)
        self.home = which

    def message(self, link, mid, body, now):
        if mid == 0x100:
            link.acks, link.missed = link.acks + 1, 0
        elif mid == 0x81:
            if self.home is not None and self.home != link.which:
                self.links[self.home].close(now)
            self.set_home(link.which, now)
            self.aim, self.token = link.which, None
            link.missed, link.next_alive = 0, now + self.fleet.opt.keepalive
            self.say("registered", self.name(link.which))
            link.send(TIME_REQ)
        elif mid == 0x9b:
            link.send(CAPS_RES, struct.pack("<IIIII", 1, 4, 20, 0, 0).ljust(292, b"\0"))
        elif mid == 0x9d:
            self.say("rejected", self.name(link.which), body.split(b"\0")[0].decode())
        elif mid == 0x11a:
            self.say("token")
            self.token = "used"
            self.links[self.home].send(UNREGISTER)
        elif mid == 0x11b:
            wait = struct.unpack_from("<I", body)[0]
            self.say("token-reject", wait)
            self.token, self.token_at = None, now + wait
        elif mid == 0x118 and self.home == link.which:
            if struct.unpack_from("<I", body)[0] == 0:
                self.say("unregistered", self.name(link.which))
                self.set_home(None, now)
                self.aim = 0
                self.register(self.links[0])
            else:
                self.token, self.token_at = None, now + RETRY

    def tick(self, now):
        ka = self.fleet.opt.keepalive
        for link in self.links:
            at_home = link.which == self.home
            if not link.sock:
                if now >= link.next_try:
                    link.connect(now)
                continue
            if not link.open:
                if now - link.since > 3 * ka:
                    link.lost("silent", now)
                continue
            if now < link.next_alive:
                continue
            if link.missed >= 3 and (at_home or link.which == self.aim):
                self.say("missed", link.missed, self.name(link.which))
                link.lost("silent", now)
                continue
            if link.missed:
                link.acks = 0
            link.send(KEEP_ALIVE)
            link.missed += 1
            link.next_alive = now + (ka if at_home or self.home is None else 2 * ka)
        first = self.links[0]
        if self.home == 1 and first.acks >= 3 and not self.token and now >= self.token_at:
            self.say("probed", first.acks)
            self.token = "asked"
            first.send(TOKEN_REQ, self.device.ljust(16, b"\0") + bytes(12) + struct.pack("<I", 7) + bytes(20))


class Fleet:
    def __init__(self, opt):
        self.opt, self.servers = opt, opt.servers.split(",")
        self.sel, self.begin, self.longest = selectors.DefaultSelector(), time.time(), 0.0
        self.phones = [Phone(self, i) for i in range(opt.count)]
        for p in self.phones:
            p.links[0].connect(self.begin)
            p.links[1].next_try = self.begin + 1
        self.told = None

    def run(self):
        while True:
            for key, mask in self.sel.select(0.05):
                if key.data.sock is key.fileobj:
                    key.data.ready(mask, time.time())
            now = time.time()
            for p in self.phones:
                p.tick(now)
            homes = [p.home for p in self.phones]
            total = homes.count(0), homes.count(1), homes.count(None)
            if total != self.told:
                self.told = total
                print("sum A %d B %d none %d longest %.3f" % (*total, self.longest), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--servers", required=True)
    p.add_argument("--count", type=int, default=1)
    p.add_argument("--bind")
    p.add_argument("--keepalive", type=float, default=1.0)
    p.add_argument("--first", default="020000000000")
    try:
        Fleet(p.parse_args()).run()
    except KeyboardInterrupt:
        sys.exit(0)


main()
