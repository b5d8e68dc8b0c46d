#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""browse.py URL CONDITION SECONDS: open a page in headless Chromium and wait until a condition in
JavaScript is true there, or the time is over; then print the page as it stands. Exit status 1:
it did not become true. The browser is told by its debugging protocol: JSON in a WebSocket
(RFC 6455), which a page that never ends loading does not disturb."""
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


class Tab:
    def __init__(self, url):
        host, _, path = url[len("ws://"):].partition("/")
        name, _, port = host.partition(":")
        self.sock = socket.create_connection((name, int(port)), 10)
        self.sock.settimeout(20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(("GET /%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (path, host, key)).encode())
        self.stream = self.sock.makefile("rb")
        while self.stream.readline() not in (b"\r\n", b""):
            pass
        self.n = 0

    def frame(self):
        head = self.stream.read(2)
        size = head[1] & 127
        if size > 125:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        return self.stream.read(size)

    def evaluate(self, expression):
        self.n += 1
        text = json.dumps({"id": self.n, "method": "Runtime.evaluate",
                           "params": {"expression": expression, "returnByValue": True}}).encode()
        mask = os.urandom(4)
        size = bytes([128 | len(text)]) if len(text) < 126 else bytes([128 | 126]) + len(text).to_bytes(2, "big")
        self.sock.sendall(b"\x81" + size + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(text)))
        while True:
            answer = json.loads(self.frame())
            if answer.get("id") == self.n:
                return answer["result"]["result"].get("value")


def wait_for(fn, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = fn()
        if value:
            return value
        time.sleep(0.1)
    return None


def browse(folder, url, condition, seconds):
    port_file = folder + "/DevToolsActivePort"
    port = wait_for(lambda: os.path.exists(port_file) and open(port_file).readline().strip(), 30)
    if not port:
        sys.exit("the browser does not start")
    new = urllib.request.Request("http://127.0.0.1:%s/json/new?%s" % (port, url), method="PUT")
    tab = Tab(json.load(urllib.request.urlopen(new, timeout=10))["webSocketDebuggerUrl"])
    fine = wait_for(lambda: tab.evaluate("!!(%s)" % condition), seconds)
    print(tab.evaluate("document.documentElement.outerHTML"))
    return 0 if fine else 1


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("TD_TMP")) as folder:
        chromium = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-port=0", "--user-data-dir=" + folder, "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=folder))
        try:
            status = browse(folder, sys.argv[1], sys.argv[2], float(sys.argv[3]))
        finally:
            chromium.terminate()
            chromium.wait()
    sys.exit(status)


main()
