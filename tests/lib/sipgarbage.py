#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sipgarbage.py HOST [--seed N] KIND [FILE...] - what a SIP port must stand, over UDP or TCP.

  known FILE...     each torture message, its From made the phone 1001 that the daemon knows
  cut FILE...       each message, cut off after every 17 bytes
  mutate FILE...    --count copies with bytes flipped, dropped, doubled and pieces swapped
  oversized         datagrams up to the largest, with long and with many headers and bodies
  streams FILE...   TCP: all in one stream, one byte at a time, bodies that never end, headers
                    that never end, lengths that lie, connections that say half a word and stay
Answers are not waited for; what comes is read away. Prints how much was sent. Deterministic:
the same seed sends the same bytes.
"""
import argparse
import random
import re
import select
import socket
import time

VALID = (b"INVITE sip:1002@%s SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.2:5060;branch=z9hG4bK%d\r\n"
         b"Max-Forwards: 70\r\nFrom: <sip:1001@%s>;tag=g%d\r\nTo: <sip:1002@%s>\r\n"
         b"Call-ID: g%d\r\nCSeq: 1 INVITE\r\nContact: <sip:1001@10.1.0.2>\r\n%s"
         b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s")
SDP = (b"v=0\r\no=- 1 1 IN IP4 10.1.0.2\r\ns=-\r\nc=IN IP4 10.1.0.2\r\nt=0 0\r\n"
       b"m=audio 4000 RTP/AVP 0\r\n")


class Udp:
    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect((host, 5060))
        self.n = self.bytes = 0

    def send(self, data):
        try:
            self.n, self.bytes = self.n + 1, self.bytes + self.sock.send(data)
        except OSError:
            pass            # an ICMP error of an earlier one, or too long for a datagram
        if self.n % 20 == 0:
            self.drain(0.02)    # at a pace that the daemon can read all

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while select.select([self.sock], [], [], max(0, end - time.monotonic()))[0]:
            try:
                self.sock.recv(65535)
            except OSError:
                pass


def read(path):
    with open(path, "rb") as f:
        return f.read()


def known(udp, host, files):
    for n, path in enumerate(files):
        data = re.sub(rb"(?im)^(from|f)[ \t]*:[^\r\n]*(\r\n[ \t][^\r\n]*)*",
                      b"From: <sip:1001@%s>;tag=k%d" % (host, n), read(path), count=1)
        udp.send(data)
        # and to a number that exists, so that it comes as far as the core
        udp.send(re.sub(rb"^(INVITE) \S+", rb"\1 sip:1002@" + host, data, count=1))


def cut(udp, files):
    for path in files:
        data = read(path)
        for end in range(1, len(data), 17):
            udp.send(data[:end])


def mutate(udp, rnd, count, seeds):
    for _ in range(count):
        data = bytearray(rnd.choice(seeds))
        for _ in range(rnd.randint(1, 8)):
            at = rnd.randrange(len(data))
            way = rnd.randrange(5)
            if way == 0:
                data[at] = rnd.randrange(256)
            elif way == 1:
                del data[at:at + rnd.randint(1, 20)]
            elif way == 2:
                data[at:at] = data[at:at + rnd.randint(1, 60)] * rnd.randint(1, 20)
            elif way == 3:
                other = rnd.choice(seeds)
                data[at:at + 40] = other[rnd.randrange(len(other)):][:40]
            else:
                data[at:at] = rnd.choice([b"\r\n", b"\0", b"%00", b"%", b";", b"<", b"\xff\xfe",
                                          b"4294967296", b"-1", b" \r\n "])
            if not data:
                break
        udp.send(bytes(data[:60000]))


def oversized(udp, host):
    def invite(n, headers, body, length=None):
        return VALID % (host, n, host, n, host, n, headers,
                        len(body) if length is None else length, body)
    for n, size in enumerate((1400, 4000, 16000, 32000, 60000, 64500)):
        udp.send(invite(n, b"", b"x" * size))
        udp.send(invite(100 + n, b"Subject: " + b"s" * size + b"\r\n", SDP))
        udp.send(invite(200 + n, b"V: a\r\n" * (size // 6), SDP))
        udp.send(invite(300 + n, b"Record-Route: <sip:a@b;lr>\r\n" * (size // 28), SDP))
        udp.send(invite(400 + n, b"", SDP + b"a=x\r\n" * (size // 5)))
        udp.send(invite(500 + n, b"", SDP + b"m=audio 4000 RTP/AVP 0\r\n" * (size // 24)))
        udp.send(invite(600 + n, b"", SDP, length=2 ** 31 - n))
        udp.send(b"\r\n" * (size // 2))
        udp.send(b"\0" * size)
        udp.send(bytes(range(256)) * (size // 256))


def connect(host):
    s = socket.create_connection((host, 5060), timeout=3)
    s.settimeout(1)
    return s


def push(sock, data, limit=3.0):
    """As much as the other side takes within the limit. Bytes sent."""
    sent, end = 0, time.monotonic() + limit
    while sent < len(data) and time.monotonic() < end:
        try:
            sent += sock.send(data[sent:sent + 65536])
        except (socket.timeout, OSError):
            break
    return sent


def streams(host, files, rnd):
    n = total = 0
    texts = [read(p) for p in files]
    idle = []
    head = VALID % (host, 1, host, 1, host, 1, b"", 10 ** 9, b"")
    ways = [b"".join(texts), b"\r\n" * 500000, b"\0" * 5000000, head + b"b" * 8000000,
            b"INVITE sip:1002@x SIP/2.0\r\nSubject: " + b"s" * 8000000,
            b"INVITE sip:1002@x SIP/2.0\r\n" + b"Via: a\r\n" * 300000,
            b"INVITE sip:1002@x SIP/2.0\r\nContent-Length: -1\r\n\r\n" + SDP,
            b"INVITE sip:1002@x SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n" + SDP,
            bytes(rnd.randrange(256) for _ in range(100000))]
    for data in ways:
        with connect(host) as s:
            n, total = n + 1, total + push(s, data)
    with connect(host) as s:        # a whole message, one byte at a time
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        n += 1
        for byte in VALID % (host, 2, host, 2, host, 2, b"", len(SDP), SDP):
            total += push(s, bytes([byte]))
    for _ in range(100):            # half a word each, and they stay
        try:
            idle.append(connect(host))
            total += push(idle[-1], b"REGISTER sip:x SIP/2.0\r\nVia: SIP/2")
            n += 1
        except OSError:
            break
    time.sleep(0.5)
    for s in idle:
        s.close()
    return n, total


def main():
    p = argparse.ArgumentParser()
    p.add_argument("host")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=3000)
    p.add_argument("kind", choices=("known", "cut", "mutate", "oversized", "streams"))
    p.add_argument("files", nargs="*")
    a = p.parse_args()
    rnd, host = random.Random(a.seed), a.host.encode()
    if a.kind == "streams":
        n, total = streams(host, a.files, rnd)
    else:
        udp = Udp(a.host)
        if a.kind == "known":
            known(udp, host, a.files)
        elif a.kind == "cut":
            cut(udp, a.files)
        elif a.kind == "mutate":
            seeds = [read(f) for f in a.files] + \
                [VALID % (host, 7, host, 7, host, 7, b"", len(SDP), SDP)] * 10
            mutate(udp, rnd, a.count, seeds)
        else:
            oversized(udp, host)
        udp.drain(0.3)
        n, total = udp.n, udp.bytes
    print("%d sent, %d bytes" % (n, total))


main()
