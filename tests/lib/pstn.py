#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pstn.py - ears and mouth of the simulated exchange (tandem_fxo_sim).

  pstn.py record LINE FILE.wav      what the line hears from us, until SIGTERM
  pstn.py play LINE HZ              says a tone, until SIGTERM
  pstn.py busy LINE                 says busy (480 + 620 Hz, half a second on and off), until SIGTERM
  pstn.py callerid LINE NUMBER NAME [bell202|v23|keys]
                                    the caller's number, once: GR-30 or EN 300 659-3 message, or DTMF
  pstn.py keys FILE.wav             prints the DTMF keys that were pressed (ITU-T Q.23), read by
                                    Goertzel filters of its own; "," where 0.7 s lie between two
"""
import array
import math
import signal
import sys
import wave

RATE = 8000
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


def sound(line, mode):
    return open("/sys/kernel/debug/tandem_fxo_sim/%s/sound" % line, mode, buffering=0)


def say(f, samples):
    data = array.array("h", samples).tobytes()
    while data:
        data = data[f.write(data[:320]):]


def stop(*_):
    raise KeyboardInterrupt


def record(line, path):
    got = bytearray()
    try:
        with sound(line, "rb") as f:
            print("ready", flush=True)
            while True:
                got += f.read(320)
    except KeyboardInterrupt:
        pass
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(bytes(got))


def play(line, tones, ms=0):
    """ms: so long on, so long off; 0: on."""
    n = 0
    try:
        with sound(line, "wb") as f:
            while True:
                on = not ms or n * 1000 // RATE // ms % 2 == 0
                say(f, [on and int(sum(6000 * math.sin(2 * math.pi * hz * i / RATE) for hz in tones))
                        for i in range(n, n + 160)])
                n += 160
    except KeyboardInterrupt:
        pass


def press(line, keys):
    samples = []
    for key in keys:
        i = KEYS.index(key)
        pair = LOW[i // 4], HIGH[i % 4]
        samples += [int(sum(5000 * math.sin(2 * math.pi * hz * t / RATE) for hz in pair)) for t in range(640)]
        samples += [0] * 640
    with sound(line, "wb") as f:
        say(f, [0] * 800 + samples + [0] * 800)


def callerid(line, number, name, how="bell202"):
    if how == "keys":
        press(line, "A" + number + "C")
        return
    mark, space = (1200, 2200) if how == "bell202" else (1300, 2100)
    body = b"\x01\x0811270630" + bytes((2, len(number))) + number.encode()
    body += bytes((7, len(name))) + name.encode()
    message = bytes((0x80, len(body))) + body
    message += bytes(((-sum(message)) & 0xff,))
    bits = [0, 1] * 150 + [1] * 180
    for byte in message:
        bits += [0] + [byte >> i & 1 for i in range(8)] + [1]
    bits += [1] * 20
    samples, phase, done = [0] * 4000, 0.0, 0
    for i, bit in enumerate(bits):
        while done < (i + 1) * RATE / 1200:
            phase += 2 * math.pi * (mark if bit else space) / RATE
            samples.append(int(6000 * math.sin(phase)))
            done += 1
    with sound(line, "wb") as f:
        say(f, samples + [0] * 800)


def power(block, hz):
    k = 2 * math.cos(2 * math.pi * hz / RATE)
    a = b = 0.0
    for s in block:
        a, b = s + k * a - b, a
    return a * a + b * b - k * a * b


def key_of(block):
    """The key in 20 ms, or None."""
    total = sum(s * s for s in block) * len(block) / 2
    if total < 160 * 80 * 400 * 400:
        return None
    low = max((power(block, f), i) for i, f in enumerate(LOW))
    high = max((power(block, f), i) for i, f in enumerate(HIGH))
    if low[0] + high[0] < 0.8 * total or not 0.1 < low[0] / high[0] < 10:
        return None
    return KEYS[low[1] * 4 + high[1]]


def keys(path):
    with wave.open(path) as w:
        samples = array.array("h", w.readframes(w.getnframes()))
    pressed, held, run, quiet = "", None, 0, 0
    for i in range(0, len(samples) - 159, 160):
        key = key_of(samples[i:i + 160])
        run = run + 1 if key == held else 1
        held = key
        if key and run == 2:            # 40 ms
            pressed += ("," if pressed and quiet >= 35 else "") + key
            quiet = 0
        quiet += not key
    print(pressed)


signal.signal(signal.SIGTERM, stop)
what = sys.argv[1]
if what == "record":
    record(sys.argv[2], sys.argv[3])
elif what == "play":
    play(sys.argv[2], (float(sys.argv[3]), ))
elif what == "busy":
    play(sys.argv[2], (480, 620), 500)
elif what == "callerid":
    callerid(*sys.argv[2:])
else:
    keys(sys.argv[2])
