#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""laws.py a2u|u2a SENT RECEIVED

G.711 from one law to the other, byte for byte. SENT and RECEIVED hold lines of sequence
number and payload in hexadecimal; every packet in RECEIVED must be the one that was SENT in
the other law. Prints
  packets=512 bytes=81920 wrong=0
and exits 0 when there were packets and none was wrong.

The tables are those of Python's audioop, not ours. It codes a negative value as the one's
complement of it, the recommendation by its size and sign; so its positive half is taken for
both.
"""
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import audioop  # noqa: E402

POSITIVE = bytes(range(0x80, 0x100))  # in both laws


def table(way):
    if way == "a2u":
        half = audioop.lin2ulaw(audioop.alaw2lin(POSITIVE, 2), 2)
    else:
        half = audioop.lin2alaw(audioop.ulaw2lin(POSITIVE, 2), 2)
    return bytes(b & 0x7f for b in half) + half


def read(path):
    packets = {}
    with open(path) as f:
        for line in f:
            seq, payload = line.split()
            packets[int(seq)] = bytes.fromhex(payload.replace(":", ""))
    return packets


def main():
    law, sent, received = table(sys.argv[1]), read(sys.argv[2]), read(sys.argv[3])
    wrong = sum(seq not in sent or sent[seq].translate(law) != got
                for seq, got in received.items())
    print("packets=%d bytes=%d wrong=%d" %
          (len(received), sum(map(len, received.values())), wrong))
    sys.exit(0 if received and not wrong else 1)


main()
