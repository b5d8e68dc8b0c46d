#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tone.py FILE HZ[+HZ...] [MIN_SECONDS]

Is the recording (mono WAV, 16 bit) a tone of HZ, or the sum of several (multiples of 20 Hz,
each with a fair part of it)? Cuts it into windows of 50 ms, takes the share of each window's
energy that lies at HZ (Goertzel), prints
  tone_s=9.85 total_s=10.10 broken=0 level=5650
and exits 0 when the tone lasts MIN_SECONDS (default 1) and, once begun, is not broken:
a window in its middle that is quiet or another tone counts as broken (a lost packet makes
one).
"""
import math
import struct
import sys
import wave

WINDOW_S = 0.05


def power_at(samples, hz, rate):
    """Share (0..1) of the energy in samples that a sine of hz explains."""
    k = 2 * math.cos(2 * math.pi * hz / rate)
    s1 = s2 = 0.0
    for x in samples:
        s1, s2 = x + k * s1 - s2, s1
    energy = sum(x * x for x in samples)
    if not energy:
        return 0.0
    return (s1 * s1 + s2 * s2 - k * s1 * s2) * 2 / (len(samples) * energy)


def is_tone(samples, hz, rate):
    shares = [power_at(samples, f, rate) for f in hz]
    return sum(shares) > 0.9 and min(shares) > 0.5 / len(hz)


def main():
    args = sys.argv[1:]
    hz, need = [float(f) for f in args[1].split("+")], float(args[2]) if len(args) > 2 else 1.0
    with wave.open(args[0]) as w:
        rate, n = w.getframerate(), w.getnframes()
        data = struct.unpack("<%dh" % (n * w.getnchannels()), w.readframes(n))[::w.getnchannels()]
    size = int(rate * WINDOW_S)
    marks, level = "", 0.0
    for at in range(0, len(data) - size + 1, size):
        part = data[at:at + size]
        rms = math.sqrt(sum(x * x for x in part) / size)
        if rms < 100:
            marks += "."
        elif is_tone(part, hz, rate):
            marks += "t"
            level = max(level, rms)
        else:
            marks += "x"
    body = marks.strip(".x")
    broken = sum(c != "t" for c in body)
    print("tone_s=%.2f total_s=%.2f broken=%d level=%d" %
          (marks.count("t") * WINDOW_S, len(data) / rate, broken, level))
    sys.exit(0 if marks.count("t") * WINDOW_S >= need and not broken else 1)


main()
