"""A client of Link, written from PROTOCOLS.md alone: link.py PORT SERVICE NAME [NAME TO ASK FOR]

It says hello, in JSON, asks for a greeting, prints what comes, and closes in order; code and text of a refusal or an end,
too. It reads channel 0 only and refuses the server's questions."""
import hashlib, hmac, json, os, socket, sys

HELLO, CHALLENGE, PROOF, WELCOME, REFUSED, DEFINE, DATA, GRANT, PING, PONG, GOODBYE, CREDIT = 1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 14, 15
MESSAGE, ASK, REPLY, FAILED = range(4)
UNTOLD, DENIED, BYE, LIMIT, PREAMBLE = 0, 13, 18, 1 << 20, b"BTLK\1"

class LinkError(Exception): pass  # its arguments are code and text

def varint(n): return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
def block(data): return varint(len(data)) + data
def proof(key, label, said): return hmac.digest(key, label + hashlib.sha256(said).digest(), "sha256")

def take(data):  # the number in front, 0 if it is not whole, and what is behind it
    n = next((i + 1 for i, byte in enumerate(data) if byte < 128), 0)
    return sum((byte & 127) << 7 * i for i, byte in enumerate(data[:n])), data[n:]

def text(data): return (lambda n, rest: rest[:n].decode())(*take(data))

class Link:
    def __init__(self, port, service, token=bytes(32), resume=b"\0", secret=b""):  # of a session to go on with
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file, self.got, self.inbox, self.asks = self.socket.makefile("rb"), 0, b"", 0
        self.socket.sendall(PREAMBLE)
        hello = self.write(HELLO, b"\0\0", block(service.encode()), os.urandom(16), varint(LIMIT) * 3, block(b""), resume)
        said = PREAMBLE + hello + self.read(CHALLENGE)
        key = hmac.digest(token, b"BTLK1 key" + secret, "sha256")
        said += self.write(PROOF, proof(key, b"BTLK1 client", said))
        welcome = self.read(WELCOME)
        assert welcome[-32:] == proof(key, b"BTLK1 server", said + welcome[:-32]), "the server does not know the token"
        self.id, self.secret = welcome[5:21], welcome[-64:-32]
        self.write(DEFINE, b"\0J")

    def write(self, kind, *parts):
        frame = sum(map(len, parts)).to_bytes(3, "big") + bytes([kind]) + b"".join(parts)
        self.socket.sendall(frame)
        return frame

    def read(self, expected=None):  # the next frame, its head included
        head = self.file.read(4)
        body = self.file.read(int.from_bytes(head[:3], "big"))
        if not head: raise LinkError(UNTOLD, "the connection has ended")
        if head[3] == PING: self.write(PONG, body * 3)
        if head[3] == GOODBYE and not body[2]: self.write(GOODBYE, body[:2] + b"\1" + body[3:])  # the answer
        if head[3] in (REFUSED, GOODBYE): raise LinkError(int.from_bytes(body[:2], "big"), text(take(body[2:])[1]))
        assert expected in (None, head[3]), f"frame {head[3]} {body}"
        return head + body

    def queue(self, kind, *fields): self.write(DATA, b"\0", block(bytes([kind]) + b"".join(fields)))  # short: no window

    def send(self, message): self.queue(MESSAGE, b"\0", json.dumps(message).encode())

    def ask(self, question):
        self.asks += 1
        self.queue(ASK, varint(self.asks), b"\0", json.dumps(question).encode())
        return self.receive((REPLY, FAILED), self.asks)

    def receive(self, wanted=(MESSAGE,), asked=0):  # the next message; others are passed over
        while True:
            length, rest = take(self.inbox)
            while not 0 < length <= len(rest):
                frame = self.read()
                if frame[3:5] == bytes([DATA, 0]): self.got, self.inbox = self.got + len(frame) - 5, self.inbox + frame[5:]
                length, rest = take(self.inbox)
            kind, message, self.inbox = rest[0], rest[1:length], rest[length:]
            self.write(GRANT, b"\0", consumed := varint(self.got - len(self.inbox)))
            self.write(CREDIT, consumed)
            ask, message = (0, message) if kind == MESSAGE else take(message)
            if kind == ASK: self.queue(FAILED, varint(ask), varint(DENIED), block(b"no answer"))
            if kind in wanted and ask == asked:
                code, message = take(message)  # or the id of the types
                if kind == FAILED: raise LinkError(code, text(message))
                return message.decode()

    def close(self, code=BYE, why=""):  # everything is processed before the answer comes
        self.write(GOODBYE, code.to_bytes(2, "big"), b"\0", block(why.encode()))
        try:
            while True: self.read()
        except LinkError as end: return end

if __name__ == "__main__":
    try:
        link = Link(int(sys.argv[1]), sys.argv[2])
        link.send({"type": "Hello", "name": sys.argv[3]})
        print(link.receive())
        if len(sys.argv) > 4: print(link.ask({"type": "Hello", "name": sys.argv[4]}))
        link.close()
    except LinkError as end: sys.exit("%d %s" % end.args)
