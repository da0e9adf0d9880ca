# SPDX-License-Identifier: MIT
"""http.client over a kept connection per worker, as libcurl has in C.

Where no url is given the page comes from a server of our own, in a process of
its own, which answers after delay_ms. To compare lanes, give them all the url
of one server.
"""
import http.client
import os
import subprocess
import sys
import threading
import urllib.parse
import zlib

from . import Work
from ._words import word

STANDARD = {"delay_ms": 10.0, "bytes": 4096, "url": ""}

SILENCE_S = 30

kept = threading.local()  # this thread's connection, and to whom


def close_own():
    """Closes this thread's connection, unless a fork brought it: its parent's."""
    mine = getattr(kept, "mine", None)
    if mine is not None and mine[0][2] == os.getpid():
        mine[1].close()
    kept.mine = None


def connection_to(scheme, netloc):
    mine = getattr(kept, "mine", None)
    if mine is None or mine[0] != (scheme, netloc, os.getpid()):
        close_own()
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        mine = ((scheme, netloc, os.getpid()), kind(netloc, timeout=SILENCE_S))
        kept.mine = mine
    return mine[1]


def task(url):
    parts = urllib.parse.urlsplit(url)
    connection = connection_to(parts.scheme, parts.netloc)
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except BaseException:
        connection.close()  # what is under way must not meet the next task
        raise
    return word(answer.status) + word(len(body)) + word(zlib.adler32(body))


def page_of(size):
    return bytes(32 + (i * 7 + i // 95) % 95 for i in range(size))


def start_server(values):
    """The server, and its url. It ends when its standard input does."""
    script = os.path.join(os.path.dirname(__file__), "_http_server.py")
    command = [sys.executable, script, repr(values["delay_ms"]), str(values["bytes"])]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    port = server.stdout.readline().strip()
    if not port:
        raise OSError("http server: cannot listen on 127.0.0.1")
    return server, f"http://127.0.0.1:{int(port)}/"


def prepare_own(values, tasks):
    page = page_of(values["bytes"])
    right = word(200) + word(len(page)) + word(zlib.adler32(page))
    server, url = start_server(values)

    def dispose():
        server.kill()
        server.wait()
        server.stdin.close()
        server.stdout.close()

    return Work(task, [url] * tasks, lambda i, output: output == right, dispose)


def prepare(values, tasks, _seed):
    url = values["url"]
    if not url:
        return prepare_own(values, tasks)
    first, second = task(url), task(url)
    close_own()  # what runs later must have its own
    if first[:8] not in (word(code) for code in range(200, 300)):
        raise ValueError(f"url={url}: the server answers {int.from_bytes(first[:8], 'little')}")
    if first == second:
        return Work(task, [url] * tasks, lambda i, output: output == first)
    return Work(task, [url] * tasks, lambda i, output: output[:8] == first[:8])
