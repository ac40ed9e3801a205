"""What systemd does with a service, in few lines: opens its socket, starts it with LISTEN_FDS and NOTIFY_SOCKET, prints
what it is told, one message a line, and starts it again for each line on standard input."""

import os
import socket
import sys
import threading

port, notify_path, output = int(sys.argv[1]), sys.argv[2], sys.argv[3]
command = sys.argv[4:]

listener = socket.create_server(("127.0.0.1", port))
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(notify_path)


def tell():
    while True:
        print(notify.recv(4096).decode().replace("\n", " "), flush=True)


def start():
    if os.fork() == 0:
        out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        # Nothing else may be there, and the socket may be descriptor 3 already.
        copy = os.dup(listener.fileno())
        os.dup2(copy, 3)
        os.set_inheritable(3, True)
        os.closerange(4, 100)
        os.environ.update(
            LISTEN_FDS="1", LISTEN_FDNAMES="inherited", LISTEN_PID=str(os.getpid()), NOTIFY_SOCKET=notify_path
        )
        os.execv(command[0], command)


threading.Thread(target=tell, daemon=True).start()
start()
for line in sys.stdin:
    os.wait()
    start()
