#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rawsend.py SRC:PORT DST:PORT PAYLOAD [--count N] [--options] [--fragment] [--ttl N] [--not-rtp]
           [--bytes N]

Sends RTP packets (G.711, N = 160 bytes, the payload ending in PAYLOAD) that no phone would
send: with IP options, in two fragments, with another TTL, very long. IPv4; needs root.
"""
import argparse
import socket
import struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp(src, dst, payload):
    (sip, sport), (dip, dport) = src, dst
    length = 8 + len(payload)
    pseudo = socket.inet_aton(sip) + socket.inet_aton(dip) + struct.pack("!BBH", 0, 17, length)
    head = struct.pack("!HHHH", sport, dport, length, 0)
    return struct.pack("!HHHH", sport, dport, length,
                       checksum(pseudo + head + payload) or 0xffff) + payload


def ip(src, dst, body, ident, ttl, options=b"", fragment=0):
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(body), ident, fragment,
                       ttl, 17, 0) + socket.inet_aton(src) + socket.inet_aton(dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def endpoint(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("src", type=endpoint)
    p.add_argument("dst", type=endpoint)
    p.add_argument("payload")
    p.add_argument("--count", type=int, default=20)
    p.add_argument("--ttl", type=int, default=64)
    p.add_argument("--bytes", type=int, default=160)
    for flag in ("options", "fragment", "not-rtp"):
        p.add_argument("--" + flag, action="store_true")
    a = p.parse_args()
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    text = a.payload.encode()
    for n in range(a.count):
        first = 0x00 if a.not_rtp else 0x80
        rtp = struct.pack("!BBHII", first, 0, 1000 + n, n * 160, 0x7a7a7a7a)
        body = udp(a.src, a.dst, rtp + b"\xff" * (a.bytes - len(text)) + text)
        ident = 0x4000 + n
        if a.fragment:
            cut = 96
            parts = [ip(a.src[0], a.dst[0], body[:cut], ident, a.ttl, fragment=0x2000),
                     ip(a.src[0], a.dst[0], body[cut:], ident, a.ttl, fragment=cut // 8)]
        else:
            nops = b"\x01\x01\x01\x00" if a.options else b""
            parts = [ip(a.src[0], a.dst[0], body, ident, a.ttl, options=nops)]
        for part in parts:
            s.sendto(part, (a.dst[0], 0))


main()
