"""Talks over TLS on one connection until its input ends: tls-client.py echo|https PORT AUTHORITY

Says "round" after each exchange in which every byte was the right one, and fails at any other.
"""

import hashlib
import http.client
import random
import select
import socket
import ssl
import sys

PAUSE_S = 0.01
MAX_BYTES = 40_000
TIMEOUT_S = 60


def echo(port, context):
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        assert connection.version() == "TLSv1.3", connection.version()
        while True:
            said = random.randbytes(random.randint(1, MAX_BYTES))
            connection.sendall(said)
            heard = b""
            while len(heard) < len(said):
                piece = connection.recv(len(said) - len(heard))
                assert piece, "the connection was ended after %d bytes" % len(heard)
                heard += piece
            assert heard == said, "other bytes"
            yield


def https(port, context):
    connection = http.client.HTTPSConnection("localhost", port, timeout=TIMEOUT_S, context=context)
    connection.connect()
    connection.auto_open = 0  # it must not connect again
    while True:
        said = random.randbytes(random.randint(0, MAX_BYTES))
        connection.request("POST", "/upload", said)
        answer = connection.getresponse()
        heard = answer.read().decode()
        wanted = "%d bytes, SHA-256 %s\n" % (len(said), hashlib.sha256(said).hexdigest())
        assert (answer.status, heard) == (200, wanted), (answer.status, heard, wanted)
        yield


def main():
    kind, port, authority = sys.argv[1:]
    context = ssl.create_default_context(cafile=authority)
    talk = {"echo": echo, "https": https}[kind]
    for _ in talk(int(port), context):
        print("round", flush=True)
        if select.select([sys.stdin], [], [], PAUSE_S)[0]:
            return


main()
