# SPDX-License-Identifier: MIT
"""The server of http_get: _http_server.py DELAY_MS BYTES.

Prints its port, answers every request on loopback after the delay, and ends
when its standard input does.
"""
import asyncio
import signal
import sys


def page_of(size):
    return bytes(32 + (i * 7 + i // 95) % 95 for i in range(size))


async def serve(delay_s, page):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(page)}\r\n\r\n".encode()

    async def answer(reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(delay_s)
                writer.write(head + page)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who asks, not for us
asyncio.run(serve(float(sys.argv[1]) / 1e3, page_of(int(sys.argv[2]))))
