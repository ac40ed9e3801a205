/**
 * A client of Baton's Link for browsers: a session whose messages, which are JSON, arrive exactly once and in order,
 * both ways, over any number of WebSockets one after the other (docs/PROTOCOLS.md, 1 to 9, 12 and 13). It receives the
 * messages and questions of named channels, but opens none, and refuses byte streams. No dependencies; it needs
 * crypto.subtle, which browsers have on https and on localhost.
 *
 *   const session = await open("wss://example.org/link", { service: "chat", received: message => ... });
 *   session.send({ type: "Said", text: "hello" });
 *   const answer = await session.ask({ type: "Who", name: "Anna" });
 *   session.close();
 *
 * The options besides service; token, the secret that client and service share, as bytes; and connectTimeout, the
 * milliseconds after which open() gives up, by default 10,000:
 *
 *   received(message, { channel })  a message, and the name of its channel, "" for the session's own sequence; the next
 *                         one, of whatever channel, comes when this has returned, or its promise is fulfilled
 *   asked(question, { channel, signal })  returns the answer, or its promise. The asker is told code and text of a
 *                         LinkError that it throws, ERROR (16) and the text of others; undefined is DENIED_BY_SERVICE (13).
 *                         signal, an AbortSignal, tells that nobody waits for the answer any more
 *   away(), back()        the connection is lost, and is there again; send() works meanwhile
 *   goingAway(ms)         the server stops, and may be there again after this time
 *   closed({ code, text, lost })  the session is over; lost: its messages may be, too. code: PROTOCOLS.md, 9
 */
import { clipped, Code, frame, fromUtf8, Incoming, join, JSON_SCHEMA, keyOf, Kind, LIMIT, LinkError, nanos, PREAMBLE, proof,
  random, same, text, Type, u16, utf8, varint, Wire, block } from "./link-wire.js";
export { LinkError };

const FINAL = [3, 4, 5, 6, 7, 8, 13]; // codes of a proven REFUSED that end a session
const AGAIN = [Code.TOO_MANY, Code.RETRY_LATER]; // codes after which a session that is not open yet is tried again
const MAX_ASKS = 1024, MAX_CHANNELS = 64, MAX_DATA = 60_000;
const CONNECT_MS = 10_000, GRANT_MS = 100, FIRST_DELAY_MS = 50, MAX_DELAY_MS = 5_000;

/** Opens a session. The promise fails with a LinkError. */
export const open = (url, options) => new Promise((opened, failed) => new Session({ ...options, url, opened, failed }));

class Session {
  #its; #id = null; #secret = []; #grace; #attempt = 0; #wire = null; #over = false;
  #closing = null; // { code, text, said, complete }
  #peer; #kept = []; #queued = 0; #sent = 0; #granted = 0; #credited = 0; // what goes, in offsets of channel 0
  #channels = new Map([[0, new Incoming(0, 0)]]); #highest = 0; #inbox = []; #delivering = false; // what comes
  #got = 0; #consumed = 0; #said = 0; #timer; // bytes over all channels
  #asks = new Map(); #lastAsk = 0; #served = new Map(); // own questions, and an AbortController for each of the server's
  #stopping = false; #refusal = [Code.UNTOLD, "no connection"];

  constructor(its) { (this.#its = its), this.#live().catch(its.failed); }

  /** Queues a message. Returns false if the session is closing or over. */
  send(message) { return this.#queue(Kind.MESSAGE, [], message); }

  /** Asks the service. The promise fails with a LinkError: refused, too late, or the session is over. */
  ask(question, { timeout = 60_000 } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#asks.size >= MAX_ASKS) throw new LinkError(Code.TOO_MANY, `${MAX_ASKS} asks are open`);
      if (this.#stopping) throw new LinkError(Code.SHUTDOWN, "the server is about to stop");
      const ask = ++this.#lastAsk;
      if (!this.#queue(Kind.ASK, varint(ask), question)) throw new LinkError(Code.BYE, "the session is over");
      const timer = setTimeout(() => {
        this.#queueBytes(Kind.CANCEL, varint(ask)); // which is answered, too: until then the ask is open
        reject(new LinkError(Code.ERROR, "no answer in time"));
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
    const patience = this.#its.connectTimeout ?? CONNECT_MS;
    let until = Date.now() + patience;
    for (let delay = 0; !this.#over; delay = Math.min(delay * 2 || FIRST_DELAY_MS, MAX_DELAY_MS)) {
      const wire = new Wire(this.#its.url), timer = setTimeout(() => wire.close(), patience);
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
      if (Date.now() >= until) this.#end(...this.#refusal, this.#id);
      if (!this.#over) await new Promise(go => setTimeout(go, Math.max(retryAfter, Math.random() * delay)));
    }
  }

  /** Returns the milliseconds after which to try again, unless the session has a wire now. */
  async #handshake(wire) {
    const resumes = this.#id !== null, attempt = ++this.#attempt;
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
        if (same(expected, whole.subarray(-32))) this.#welcome(body, wire);
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
    if (!this.#id) this.#refusal = [code, why];
    return retryAfter;
  }

  #welcome(body, wire) {
    const id = body.take(17).slice(1), resumed = this.#id !== null; // behind the minor version
    this.#grace = body.varint();
    this.#peer = { window: body.varint(), message: body.varint(), credit: body.varint() };
    if ((body.u8() === 1) !== resumed) throw new LinkError(Code.PROTOCOL, "a welcome to another session");
    if (resumed) {
      const [credited, , n, channel, got, consumed] = Array.from({ length: 6 }, () => body.varint());
      const fits = n === 1 && channel === 0 && this.#granted <= consumed && consumed <= got && got <= this.#sent;
      if (!fits) throw new LinkError(Code.DIVERGED, "the records of both sides contradict each other");
      [this.#credited, this.#sent] = [credited, got];
      this.#grant(consumed);
    } else [this.#id, this.#secret] = [id, body.take(32).slice()];
    [this.#wire, this.#stopping, this.#refusal] = [wire, false, [Code.UNTOLD, "no connection"]];
    const streams = [...this.#channels.values()].filter(each => each.isStream);
    wire.send(frame(Type.DEFINE, [0, JSON_SCHEMA]), ...streams.map(each => this.#stop(each)));
    if (this.#closing) this.#closing.said = false;
    resumed ? this.#its.back?.() : this.#its.opened(this);
    this.#flush();
    this.#saySoon();
  }

  #stop({ number }) { return frame(Type.STOP, varint(number), [Code.DENIED]); }

  #offsets() {
    const channels = [...this.#channels.values()].flatMap(each => each.offsets());
    return [(this.#said = this.#consumed), this.#highest, this.#channels.size, ...channels].flatMap(varint);
  }

  #frame({ type, body }, wire) {
    switch (type) {
      case Type.DEFINE: if (body.varint() <= 255 && body.u8() === JSON_SCHEMA) break;
        throw new LinkError(Code.SCHEMA, "the service does not write JSON");
      case Type.DATA: this.#data(body.varint(), body.take(), wire); break;
      case Type.END: this.#ended(body.varint(), body.varint(), body.varint()); break;
      case Type.GRANT: if (body.varint() === 0) this.#grant(body.varint()); break;
      case Type.CREDIT: this.#credited = body.varint(); break;
      case Type.PING: wire.send(frame(Type.PONG, body.take(8), nanos(), nanos())); break;
      case Type.STOP: case Type.PONG: break;
      case Type.GOAWAY: this.#stopping = true; this.#its.goingAway?.((body.u16(), body.varint())); break;
      case Type.GOODBYE: this.#goodbye(body.u16(), body.u8(), body.text(), wire); break;
      default: throw new LinkError(Code.PROTOCOL, `frame ${type} in a session`);
    }
    this.#flush();
  }

  #data(number, bytes, wire) {
    const channel = this.#channels.get(number) ?? this.#begin(number, bytes[0], wire), before = channel.consumed;
    this.#inbox.push(...channel.add(bytes).map(each => ({ ...each, channel })));
    this.#got += bytes.length;
    this.#consumed += channel.consumed - before;
    if (this.#got > this.#consumed + LIMIT) throw new LinkError(Code.PROTOCOL, "more than the credit");
    this.#saySoon();
    this.#deliver().catch(error => this.#fail(error, this.#wire));
  }

  #begin(number, kind, wire) {
    if (number <= this.#highest || number % 2) throw new LinkError(Code.PROTOCOL, `${number} is no channel of the server`);
    if (this.#channels.size > MAX_CHANNELS) throw new LinkError(Code.TOO_MANY, `more than ${MAX_CHANNELS} open channels`);
    const channel = new Incoming((this.#highest = number), kind);
    if (channel.isStream) wire.send(this.#stop(channel));
    this.#channels.set(number, channel);
    return channel;
  }

  #ended(number, offset, code) {
    const channel = this.#channels.get(number);
    if (!channel) throw new LinkError(Code.PROTOCOL, `an end of channel ${number}, which is not open`);
    channel.end(offset, code);
    this.#settle(channel);
  }

  /** Grants the end of a channel, once nothing of it is left. */
  #settle(channel) {
    if (!channel.isOver) return;
    this.#channels.delete(channel.number);
    this.#wire?.send(frame(Type.GRANT, varint(channel.number), varint(channel.got + 1)));
  }

  /** Hands out one message after the other; each is consumed when its handler is done. */
  async #deliver() {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next; !this.#over && (next = this.#inbox.shift()); this.#saySoon()) {
      await this.#message(next.body, next.body.u8(), next.channel.name);
      next.channel.consumed += next.size;
      this.#consumed += next.size;
      this.#settle(next.channel);
    }
    this.#delivering = false;
  }

  #message(body, kind, channel) {
    const ask = kind === Kind.MESSAGE ? 0 : body.varint();
    const value = () => (body.varint(), JSON.parse(fromUtf8(body.take()))); // behind the id of the type set
    switch (kind) {
      case Kind.MESSAGE: return this.#its.received?.(value(), { channel });
      case Kind.ASK: return this.#serve(ask, value(), channel);
      case Kind.REPLY: return this.#answered(ask)?.resolve(value());
      case Kind.FAILED: return this.#answered(ask)?.reject(new LinkError(body.varint(), body.text()));
      case Kind.CANCEL: return this.#cancelled(ask);
      default: throw new LinkError(Code.PROTOCOL, `a message of kind ${kind}`);
    }
  }

  /** Has a question answered, which is consumed at once. */
  #serve(ask, question, channel) {
    if (this.#served.size >= MAX_ASKS) throw new LinkError(Code.TOO_MANY, `${MAX_ASKS} asks are open`);
    const cancel = new AbortController();
    this.#served.set(ask, cancel);
    this.#reply(ask, question, { channel, signal: cancel.signal });
  }

  async #reply(ask, question, context) {
    try {
      const answer = await this.#its.asked?.(question, context);
      if (answer === undefined) throw new LinkError(Code.DENIED, `no answer to ${question.type}`);
      if (!context.signal.aborted) this.#queue(Kind.REPLY, varint(ask), answer);
    } catch (error) {
      if (!context.signal.aborted) this.#failed(ask, error instanceof LinkError ? error.code : Code.ERROR, error?.message ?? error);
    }
    this.#served.delete(ask);
  }

  #failed(ask, code, why) { this.#queueBytes(Kind.FAILED, varint(ask), varint(code), clipped(String(why))); }

  #cancelled(ask) {
    const its = this.#served.get(ask);
    if (!this.#served.delete(ask)) return; // the answer is on its way
    its.abort();
    this.#failed(ask, Code.UNTOLD, "");
  }

  #answered(ask) {
    const its = this.#asks.get(ask);
    clearTimeout(its?.timer);
    this.#asks.delete(ask);
    return its;
  }

  #saySoon() {
    const unsaid = this.#consumed - this.#said;
    if (unsaid >= LIMIT / 4) this.#say();
    else if (unsaid > 0) this.#timer ??= setTimeout(() => this.#say(), GRANT_MS);
  }

  #say() {
    this.#timer = clearTimeout(this.#timer);
    const channels = [...this.#channels.values()].filter(each => each.consumed > each.said);
    const grants = channels.map(each => frame(Type.GRANT, varint(each.number), varint((each.said = each.consumed))));
    this.#wire?.send(...grants, frame(Type.CREDIT, varint((this.#said = this.#consumed))));
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
    this.#end(this.#closing?.code ?? code, this.#closing?.text ?? why);
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
    for (const each of this.#served.values()) each.abort();
    for (const ask of [...this.#asks.keys()]) this.#answered(ask).reject(new LinkError(code, why || "the session is over"));
    if (this.#id) this.#its.closed?.({ code, text: why, lost: Boolean(lost) && !this.#closing });
    else this.#its.failed(new LinkError(code, why));
  }
}
