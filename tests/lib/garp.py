#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""garp: say that an IPv4 address is at this device now (RFC 5227 3), as VRRP does.
usage: garp.py DEVICE ADDRESS"""
import socket
import sys

dev, ip = sys.argv[1], socket.inet_aton(sys.argv[2])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((dev, 0))
mac, all_of_them = s.getsockname()[4], b"\xff" * 6
head = all_of_them + mac + b"\x08\x06" + b"\x00\x01\x08\x00\x06\x04"
for operation in (1, 2):        # some hosts believe only the one, some only the other
    s.send(head + bytes((0, operation)) + mac + ip + all_of_them + ip)
