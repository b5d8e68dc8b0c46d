#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rtpphone.py LOCAL_IP LOCAL_PORT REMOTE_IP REMOTE_PORT CODEC PT HZ SECONDS FILE [PTIME_MS]

An RTP phone without signalling: says a tone of HZ in CODEC (pcmu, pcma, l16) for SECONDS and
writes what it hears to FILE (WAV, 16 bit, 8000 Hz), each packet at the place that its time
stamp gives it: a packet that did not come is silence there. Its codecs are those of Python's
audioop, not ours. At the end prints
  sent=500 heard=498 lost=0 wrong=0 ssrcs=1 reports=2
"""
import math
import select
import socket
import struct
import sys
import time
import warnings
import wave

warnings.simplefilter("ignore", DeprecationWarning)
import audioop  # noqa: E402

RATE = 8000


def coder(name):
    if name == "pcmu":
        return lambda pcm: audioop.lin2ulaw(pcm, 2), lambda data: audioop.ulaw2lin(data, 2)
    if name == "pcma":
        return lambda pcm: audioop.lin2alaw(pcm, 2), lambda data: audioop.alaw2lin(data, 2)
    swap = lambda data: audioop.byteswap(data, 2)  # noqa: E731
    return swap, swap


def tone(hz, start, n):
    return struct.pack("<%dh" % n, *(int(6000 * math.sin(2 * math.pi * hz * i / RATE))
                                     for i in range(start, start + n)))


class Ear:
    def __init__(self, pt):
        self.pt, self.packets, self.wrong, self.ssrcs = pt, {}, 0, set()

    def hear(self, data):
        if len(data) <= 12 or data[0] != 0x80 or data[1] & 0x7f != self.pt:
            self.wrong += 1
            return
        seq, ts, ssrc = struct.unpack(">HII", data[2:12])
        self.ssrcs.add(ssrc)
        self.packets[ts] = (seq, data[12:])

    def lost(self):
        seqs = [s for _, (s, _) in sorted(self.packets.items())]
        return sum((b - a - 1) & 0xffff for a, b in zip(seqs, seqs[1:]))

    def save(self, path, decode):
        first = min(self.packets, default=0)
        sound = bytearray()
        for ts, (_, payload) in sorted(self.packets.items()):
            at = 2 * (ts - first)
            sound.extend(bytes(max(0, at - len(sound))))
            sound[at:] = decode(payload)
        with wave.open(path, "wb") as w:
            w.setparams((1, 2, RATE, 0, "NONE", ""))
            w.writeframes(bytes(sound))


def main():
    local, remote = (sys.argv[1], int(sys.argv[2])), (sys.argv[3], int(sys.argv[4]))
    encode, decode = coder(sys.argv[5])
    pt, hz, seconds, path = int(sys.argv[6]), float(sys.argv[7]), float(sys.argv[8]), sys.argv[9]
    step = int(sys.argv[10]) / 1000 if len(sys.argv) > 10 else 0.02
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    rtp, rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
    rtp.bind(local)
    rtcp.bind((local[0], local[1] + 1))
    ear, reports, n, per = Ear(pt), 0, 0, int(RATE * step)
    begin = time.monotonic()
    while n * step < seconds:
        head = struct.pack(">BBHII", 0x80, pt, n & 0xffff, n * per, 4711)
        rtp.sendto(head + encode(tone(hz, n * per, per)), remote)
        n += 1
        while True:
            wait = begin + n * step - time.monotonic()
            ready = select.select([rtp, rtcp], [], [], max(0, wait))[0]
            if rtp in ready:
                ear.hear(rtp.recv(2048))
            if rtcp in ready:
                reports += rtcp.recv(2048)[1] == 200
            if not ready:
                break
    ear.save(path, decode)
    print("sent=%d heard=%d lost=%d wrong=%d ssrcs=%d reports=%d" %
          (n, len(ear.packets), ear.lost(), ear.wrong, len(ear.ssrcs), reports))


main()
