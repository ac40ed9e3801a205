"""A client of Link with messages in JSON, written from PROTOCOLS.md alone: link.py PORT SERVICE NAME [NAME TO ASK FOR]

It opens a session, says hello, asks for a greeting, prints what comes, and closes in order. Of a session or question that
is refused, or ended by the server, it prints code and text. It reads channel 0 only and refuses the server's questions."""
import hashlib, hmac, json, os, socket, sys

PREAMBLE, LIMIT = b"BTLK\x01", 1 << 20
HELLO, CHALLENGE, PROOF, WELCOME, REFUSED, DEFINE, DATA, GRANT, PING, PONG, GOODBYE, CREDIT = 1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 14, 15
MESSAGE, ASK, REPLY, FAILED = 0, 1, 2, 3
UNTOLD, DENIED, BYE = 0, 13, 18

class LinkError(Exception): pass  # its arguments are code and text

def varint(n): return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
def block(data): return varint(len(data)) + data
def frame(kind, body): return len(body).to_bytes(3, "big") + bytes([kind]) + body
def mac(key, label, data): return hmac.new(key, label + data, hashlib.sha256).digest()
def sha(data): return hashlib.sha256(data).digest()

def take_varint(data):  # the number, and what is behind it
    return (data[0], data[1:]) if data[0] < 128 else (lambda n, rest: (data[0] & 127 | n << 7, rest))(*take_varint(data[1:]))

def take_text(data): return (lambda n, rest: rest[:n].decode())(*take_varint(data))

class Link:
    def __init__(self, port, service, token=bytes(32)):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file, self.got, self.messages, self.asks = self.socket.makefile("rb"), 0, b"", 0
        key = mac(token, b"BTLK1 key", b"")
        limits = varint(LIMIT) * 3  # so no message is longer than the window
        said = PREAMBLE + frame(HELLO, b"\0\0" + block(service.encode()) + os.urandom(16) + limits + block(b"") + b"\0")
        self.socket.sendall(said)
        said += self.frame(CHALLENGE)[0]
        proof = frame(PROOF, mac(key, b"BTLK1 client", sha(said)))
        self.socket.sendall(proof)
        whole, body = self.frame(WELCOME)
        assert body[-32:] == mac(key, b"BTLK1 server", sha(said + proof + whole[:-32])), "the server does not know the token"
        self.socket.sendall(frame(DEFINE, varint(0) + b"J"))

    def frame(self, expected=None):
        head = self.file.read(4)
        body = self.file.read(int.from_bytes(head[:3], "big"))
        if not head: raise LinkError(UNTOLD, "the connection has ended")
        if head[3] == GOODBYE and not body[2]: self.socket.sendall(frame(GOODBYE, body[:2] + b"\1" + body[3:]))  # the answer
        if head[3] in (REFUSED, GOODBYE):  # behind the code are the time to come back, or whether it is the answer
            raise LinkError(int.from_bytes(body[:2], "big"), take_text(take_varint(body[2:])[1]))
        assert expected in (None, head[3]), f"frame {head[3]} {body}"
        return (head + body, body) if expected else (head[3], body)

    def queue(self, kind, fields): self.socket.sendall(frame(DATA, b"\0" + block(bytes([kind]) + fields)))  # short: no window

    def send(self, message, kind=MESSAGE, head=b""): self.queue(kind, head + varint(0) + json.dumps(message).encode())

    def ask(self, question):
        self.asks += 1
        self.send(question, ASK, varint(self.asks))
        return self.receive(lambda kind, rest: kind in (REPLY, FAILED) and take_varint(rest)[0] == self.asks)

    def receive(self, wanted=lambda kind, rest: kind == MESSAGE):  # the next message; others are passed over
        while True:
            length, rest = take_varint(self.messages) if any(b < 128 for b in self.messages[:9]) else (LIMIT, b"")
            if len(rest) >= length:
                message, self.messages = rest[:length], rest[length:]
                self.socket.sendall(frame(GRANT, b"\0" + varint(self.got - len(self.messages))))
                self.socket.sendall(frame(CREDIT, varint(self.got - len(self.messages))))
                kind, rest = message[0], message[1:]
                if kind == ASK: self.queue(FAILED, varint(take_varint(rest)[0]) + varint(DENIED) + block(b"no answer"))
                if wanted(kind, rest):
                    code, rest = take_varint(rest if kind == MESSAGE else take_varint(rest)[1])  # or the id of the types
                    if kind == FAILED: raise LinkError(code, take_text(rest))
                    return rest.decode()
            else:
                kind, body = self.frame()
                if kind == DATA and body[0] == 0: self.got, self.messages = self.got + len(body) - 1, self.messages + body[1:]
                if kind == PING: self.socket.sendall(frame(PONG, body + body + body))

    def close(self, code=BYE, text=""):  # everything is processed before the answer comes
        self.socket.sendall(frame(GOODBYE, code.to_bytes(2, "big") + b"\0" + block(text.encode())))
        try:
            while True: self.frame()
        except LinkError as end: return end

if __name__ == "__main__":
    try:
        link = Link(int(sys.argv[1]), sys.argv[2])
        link.send({"type": "Hello", "name": sys.argv[3]})
        print(link.receive())
        if len(sys.argv) > 4: print(link.ask({"type": "Hello", "name": sys.argv[4]}))
        link.close()
    except LinkError as end: sys.exit("%d %s" % end.args)
