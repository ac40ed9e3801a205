/**
 * A client of Baton's Link for browsers: a session whose messages, which are JSON, arrive exactly once and in order,
 * both ways, over any number of WebSockets one after the other (docs/PROTOCOLS.md, 1 to 9, 12 and 13). It reads no byte
 * streams. No dependencies; it needs crypto.subtle, which browsers have on https and on localhost.
 *
 *   const session = await open("wss://example.org/link", { service: "chat", received: message => ... });
 *   session.send({ type: "Said", text: "hello" });
 *   const answer = await session.ask({ type: "Who", name: "Anna" });
 *   session.close();
 *
 * The options besides service, and token, the secret that client and service share, as bytes:
 *
 *   received(message)     a message; the next one comes when this has returned, or its promise is fulfilled
 *   asked(question)       returns the answer, or its promise; what it throws is told the asker
 *   away(), back()        the connection is lost, and is there again; send() works meanwhile
 *   goingAway(ms)         the server stops, and may be there again after this time
 *   closed({ code, text, lost })  the session is over; lost: its messages may be, too. code: PROTOCOLS.md, 9
 */
import { clipped, Code, frame, fromUtf8, join, JSON_SCHEMA, keyOf, Kind, LIMIT, LinkError, Messages, nanos, PREAMBLE, proof,
  random, same, text, Type, u16, utf8, varint, Wire, block } from "./link-wire.js";
export { LinkError };

const FINAL = [3, 4, 5, 6, 7, 8, 13]; // codes of a proven REFUSED that end a session
const AGAIN = [Code.TOO_MANY, Code.RETRY_LATER]; // codes after which a session that is not open yet is tried again
const MAX_ASKS = 1024, MAX_DATA = 60_000;
const CONNECT_MS = 10_000, GRANT_MS = 100, FIRST_DELAY_MS = 50, MAX_DELAY_MS = 5_000;

/** Opens a session. The promise fails with a LinkError. */
export const open = (url, options) => new Promise((opened, failed) => new Session({ ...options, url, opened, failed }));

class Session {
  #its; #id = null; #secret = []; #grace; #attempt = 0; #wire = null; #over = false;
  #closing = null; // { code, text, said, complete }
  #peer; #kept = []; #queued = 0; #sent = 0; #granted = 0; #credited = 0; // what goes, in offsets of channel 0
  #messages = new Messages(); #inbox = []; #delivering = false; // what comes
  #got = 0; #consumed = 0; #all = 0; #saidConsumed = 0; #saidAll = 0; #timer; // all: over all channels
  #streams = new Map(); #highest = 0; // of the server, which are stopped
  #asks = new Map(); #lastAsk = 0;

  constructor(its) { (this.#its = its), this.#live().catch(its.failed); }

  /** Queues a message. Returns false if the session is closing or over. */
  send(message) { return this.#queue(Kind.MESSAGE, [], message); }

  /** Asks the service. The promise fails with a LinkError: refused, too late, or the session is over. */
  ask(question, { timeout = 60_000 } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#asks.size >= MAX_ASKS) throw new LinkError(Code.TOO_MANY, `${MAX_ASKS} asks are open`);
      const ask = ++this.#lastAsk;
      if (!this.#queue(Kind.ASK, varint(ask), question)) throw new LinkError(Code.BYE, "the session is over");
      const timer = setTimeout(() => {
        this.#queueBytes(Kind.CANCEL, varint(ask));
        this.#answered(ask).reject(new LinkError(Code.ERROR, "no answer in time"));
      }, timeout);
      this.#asks.set(ask, { resolve, reject, timer });
    });
  }

  /** Ends the session in order: what was sent before is delivered first. */
  close(code = Code.BYE, why = "") {
    this.#closing ??= { code, text: why };
    this.#flush();
  }

  async #live() {
    let until = Date.now() + CONNECT_MS;
    for (let delay = 0; !this.#over; delay = Math.min(delay * 2 || FIRST_DELAY_MS, MAX_DELAY_MS)) {
      const wire = new Wire(this.#its.url), timer = setTimeout(() => wire.close(), CONNECT_MS);
      let retryAfter = 0;
      try {
        if (await wire.opened) retryAfter = await this.#handshake(wire);
        clearTimeout(timer);
        for (let next; this.#wire && !this.#over && (next = await wire.frame()); ) this.#frame(next, wire);
      } catch (error) {
        this.#fail(error, wire);
      }
      clearTimeout(timer);
      wire.close();
      if ([4401, 4403].includes(wire.closeCode)) this.#end(Code.FORBIDDEN, "");
      if (this.#wire && !this.#over) {
        [this.#wire, until, delay] = [null, Date.now() + this.#grace, 0];
        this.#its.away?.();
      }
      if (Date.now() >= until) this.#end(Code.NO_SUCH_SESSION, "no connection", this.#id);
      if (!this.#over) await new Promise(go => setTimeout(go, Math.max(retryAfter, Math.random() * delay)));
    }
  }

  /** Returns the milliseconds after which to try again, unless the session has a wire now. */
  async #handshake(wire) {
    const said = [this.#consumed, this.#all], resumes = this.#id !== null, attempt = ++this.#attempt;
    const hello = frame(Type.HELLO, [0, 0], text(this.#its.service), random(16), varint(LIMIT), varint(LIMIT), varint(LIMIT),
      [0, resumes ? 1 : 0], ...(resumes ? [this.#id, u16(attempt >> 16), u16(attempt & 65_535), this.#offsets()] : []));
    wire.send(PREAMBLE, hello);
    let transcript = join(PREAMBLE, hello);
    const key = await keyOf(this.#its.token, this.#secret);
    for (let answer; (answer = await wire.frame()); ) {
      const { type, body, whole } = answer;
      if (type === Type.REFUSED) return this.#refused(body, whole, transcript);
      if (type === Type.WELCOME) {
        const expected = await proof(key, "server", transcript, whole.subarray(0, -32));
        if (same(expected, whole.subarray(-32))) this.#welcome(body, said, wire);
        return 0; // with another proof it is no welcome
      }
      if (type !== Type.CHALLENGE) throw new LinkError(Code.PROTOCOL, `frame ${type} in the handshake`);
      transcript = join(transcript, whole);
      const proven = frame(Type.PROOF, await proof(key, "client", transcript));
      wire.send(proven);
      transcript = join(transcript, proven);
    }
    return 0;
  }

  async #refused(body, whole, transcript) {
    const code = body.u16(), retryAfter = body.varint(), why = body.text(), n = body.u8();
    const { token } = this.#its, signed = whole.subarray(0, whole.length - 32 * n);
    const expected = await proof(await keyOf(token, []), "refused", transcript, signed);
    const proven = !token || Array.from({ length: n }, () => body.take(32)).some(each => same(each, expected));
    if (this.#id ? proven && FINAL.includes(code) : !AGAIN.includes(code)) this.#end(code, why, this.#id);
    return retryAfter;
  }

  #welcome(body, said, wire) {
    const id = body.take(17).slice(1), resumed = this.#id !== null; // behind the minor version
    this.#grace = body.varint();
    this.#peer = { window: body.varint(), message: body.varint(), credit: body.varint() };
    if ((body.u8() === 1) !== resumed) throw new LinkError(Code.PROTOCOL, "a welcome to another session");
    [this.#saidConsumed, this.#saidAll] = said;
    if (resumed) {
      const [credited, , n, channel, got, consumed] = Array.from({ length: 6 }, () => body.varint());
      const fits = n === 1 && channel === 0 && this.#granted <= consumed && consumed <= got && got <= this.#sent;
      if (!fits) throw new LinkError(Code.DIVERGED, "the records of both sides contradict each other");
      [this.#credited, this.#sent] = [credited, got];
      this.#grant(consumed);
    } else [this.#id, this.#secret] = [id, body.take(32).slice()];
    this.#wire = wire;
    const stops = [...this.#streams.keys()].map(each => frame(Type.STOP, varint(each), [Code.DENIED]));
    wire.send(frame(Type.DEFINE, [0, JSON_SCHEMA]), ...stops);
    if (this.#closing) this.#closing.said = false;
    resumed ? this.#its.back?.() : this.#its.opened(this);
    this.#flush();
    this.#saySoon();
  }

  #offsets() {
    const streams = [...this.#streams].sort(([a], [b]) => a - b).flatMap(([channel, got]) => [channel, got, got]);
    return [this.#all, this.#highest, 1 + this.#streams.size, 0, this.#got, this.#consumed, ...streams].flatMap(varint);
  }

  #frame({ type, body }, wire) {
    switch (type) {
      case Type.DEFINE: if (body.varint() <= 255 && body.u8() === JSON_SCHEMA) break;
        throw new LinkError(Code.SCHEMA, "the service does not write JSON");
      case Type.DATA: this.#data(body.varint(), body.take(), wire); break;
      case Type.END: this.#ended(body.varint(), body.varint(), wire); break;
      case Type.GRANT: if (body.varint() === 0) this.#grant(body.varint()); break;
      case Type.CREDIT: this.#credited = body.varint(); break;
      case Type.PING: wire.send(frame(Type.PONG, body.take(8), nanos(), nanos())); break;
      case Type.STOP: case Type.PONG: break;
      case Type.GOAWAY: this.#its.goingAway?.((body.u16(), body.varint())); break;
      case Type.GOODBYE: this.#goodbye(body.u16(), body.u8(), body.text(), wire); break;
      default: throw new LinkError(Code.PROTOCOL, `frame ${type} in a session`);
    }
    this.#flush();
  }

  #data(channel, bytes, wire) {
    if (channel === 0) {
      this.#got += bytes.length;
      if (this.#got > this.#consumed + LIMIT) throw new LinkError(Code.PROTOCOL, "more than the window");
      this.#inbox.push(...this.#messages.add(bytes));
      return void this.#deliver().catch(error => this.#fail(error, this.#wire));
    }
    // Nobody reads byte streams: each is stopped, and what still comes of it is consumed.
    if (channel > this.#highest) wire.send(frame(Type.STOP, varint((this.#highest = channel)), [Code.DENIED]));
    const got = (this.#streams.get(channel) ?? 0) + bytes.length;
    this.#streams.set(channel, got);
    wire.send(frame(Type.GRANT, varint(channel), varint(got)));
    this.#all += bytes.length;
    this.#saySoon();
  }

  #ended(channel, offset, wire) {
    this.#streams.delete(channel);
    wire.send(frame(Type.GRANT, varint(channel), varint(offset + 1)));
  }

  /** Hands out one message after the other; each is consumed when its handler is done. */
  async #deliver() {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next; !this.#over && (next = this.#inbox.shift()); this.#saySoon()) {
      await this.#message(next.body, next.body.u8());
      this.#consumed += next.size;
      this.#all += next.size;
    }
    this.#delivering = false;
  }

  #message(body, kind) {
    const ask = kind === Kind.MESSAGE ? 0 : body.varint();
    const value = () => (body.varint(), JSON.parse(fromUtf8(body.take()))); // behind the id of the type set
    switch (kind) {
      case Kind.MESSAGE: return this.#its.received?.(value());
      case Kind.ASK: return void this.#reply(ask, value()); // consumed now, answered later
      case Kind.REPLY: return this.#answered(ask)?.resolve(value());
      case Kind.FAILED: return this.#answered(ask)?.reject(new LinkError(body.varint(), body.text()));
      case Kind.CANCEL: return undefined; // the asker drops the reply
      default: throw new LinkError(Code.PROTOCOL, `a message of kind ${kind}`);
    }
  }

  async #reply(ask, question) {
    try {
      if (!this.#its.asked) throw new LinkError(Code.ERROR, `no answer to ${question.type}`);
      this.#queue(Kind.REPLY, varint(ask), await this.#its.asked(question));
    } catch ({ code, message }) {
      this.#queueBytes(Kind.FAILED, varint(ask), varint(Number.isInteger(code) ? code : Code.ERROR), clipped(String(message)));
    }
  }

  #answered(ask) {
    const its = this.#asks.get(ask);
    clearTimeout(its?.timer);
    this.#asks.delete(ask);
    return its;
  }

  #saySoon() {
    clearTimeout(this.#timer);
    const much = this.#consumed - this.#saidConsumed >= LIMIT / 4 || this.#all - this.#saidAll >= LIMIT / 4;
    if (this.#all > this.#saidAll) this.#timer = setTimeout(() => this.#say(), much ? 0 : GRANT_MS);
  }

  #say() {
    [this.#saidConsumed, this.#saidAll] = [this.#consumed, this.#all];
    this.#wire?.send(frame(Type.GRANT, [0], varint(this.#consumed)), frame(Type.CREDIT, varint(this.#all)));
  }

  #queue(kind, ask, message) { return this.#queueBytes(kind, ask, [0], utf8(JSON.stringify(message))); }

  #queueBytes(kind, ...body) {
    if (this.#over || this.#closing) return false;
    const bytes = block(join([kind], ...body));
    if (bytes.length > this.#peer.message) throw new LinkError(Code.TOO_LONG, `${bytes.length} bytes, allowed ${this.#peer.message}`);
    this.#kept.push({ begin: this.#queued, bytes });
    this.#queued += bytes.length;
    this.#flush();
    return true;
  }

  #grant(consumed) {
    if (consumed < this.#granted || consumed > this.#sent) throw new LinkError(Code.PROTOCOL, "a grant of what was not sent");
    this.#granted = consumed;
    while (this.#kept.length > 0 && this.#kept[0].begin + this.#kept[0].bytes.length <= consumed) this.#kept.shift();
  }

  /** Sends what window and credit allow, and behind all of it the goodbye. */
  #flush() {
    if (!this.#wire || this.#over) return;
    for (const { begin, bytes } of this.#kept) {
      const end = begin + bytes.length, until = Math.min(end, this.#granted + this.#peer.window);
      if (begin === this.#sent && end > this.#credited + this.#peer.credit) break; // it could not be completed
      for (let to; this.#sent < until; this.#sent = to) {
        to = Math.min(until, this.#sent + MAX_DATA);
        this.#wire.send(frame(Type.DATA, [0], bytes.subarray(this.#sent - begin, to - begin)));
      }
      if (until < end) break;
    }
    const its = this.#closing;
    if (!its || its.said || this.#sent < this.#queued) return;
    its.said = true;
    this.#wire.send(frame(Type.GOODBYE, u16(its.code), [its.complete ? 1 : 0], clipped(its.text)));
    if (its.complete) this.#end(its.code, its.text);
  }

  #goodbye(code, complete, why, wire) {
    if (!complete && this.#closing) return void Object.assign(this.#closing, { complete: true, said: false }); // both close
    if (!complete) wire.send(frame(Type.GOODBYE, u16(code), [1], clipped(why)));
    this.#end(code, why);
  }

  #fail(error, wire) {
    const { code, message } = error instanceof LinkError ? error : new LinkError(Code.ERROR, "an error in the client");
    if (code === Code.ERROR) console.error(error);
    if (this.#wire) wire.send(frame(Type.GOODBYE, u16(code), [1], clipped(message)));
    this.#end(code, message);
    wire?.close();
  }

  #end(code, why, lost = false) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    for (const ask of [...this.#asks.keys()]) this.#answered(ask).reject(new LinkError(code, why || "the session is over"));
    if (this.#id) this.#its.closed?.({ code, text: why, lost: Boolean(lost) && !this.#closing });
    else this.#its.failed(new LinkError(code, why));
  }
}
