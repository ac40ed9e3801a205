/** The bytes of Link (docs/PROTOCOLS.md, 1), and frames in the messages of a WebSocket; part of link.js. */
export const PREAMBLE = Uint8Array.of(0x42, 0x54, 0x4c, 0x4b, 1);
export const Type = { HELLO: 1, CHALLENGE: 2, PROOF: 3, WELCOME: 4, REFUSED: 5, DEFINE: 6, DATA: 7, END: 8, GRANT: 9,
  STOP: 10, PING: 11, PONG: 12, GOAWAY: 13, GOODBYE: 14, CREDIT: 15 };
export const Kind = { MESSAGE: 0, ASK: 1, REPLY: 2, FAILED: 3, CANCEL: 4 };
export const Code = { UNTOLD: 0, FORBIDDEN: 4, NO_SUCH_SESSION: 5, DIVERGED: 7, SCHEMA: 8, TOO_MANY: 9, PROTOCOL: 11,
  TOO_LONG: 12, DENIED: 13, SHUTDOWN: 14, RETRY_LATER: 15, ERROR: 16, BYE: 18 };
export const JSON_SCHEMA = 0x4a;
/** Window, credit and longest message: so no message is longer than the window. */
export const LIMIT = 1 << 20;
const MAX_TEXT = 300;

export class LinkError extends Error {
  constructor(code, text) {
    super(text || `Link code ${code}`);
    [this.code, this.text] = [code, text];
  }
}

export const utf8 = text => new TextEncoder().encode(text);
export const fromUtf8 = bytes => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
export const random = length => crypto.getRandomValues(new Uint8Array(length));
const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
export const u16 = number => [number >> 8, number & 255];
export const nanos = () => new Uint8Array(BigInt64Array.of(BigInt(Math.round(performance.now() * 1e6))).buffer).reverse();
export const block = bytes => join(varint(bytes.length), bytes);
export const text = string => block(utf8(string));
export const clipped = string => text(string.slice(0, MAX_TEXT));

export function varint(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return [...bytes, number];
}

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  parts.reduce((at, each) => (all.set(each, at), at + each.length), 0);
  return all;
}

export function frame(type, ...body) {
  const all = join(...body);
  return join([all.length >> 16, (all.length >> 8) & 255, all.length & 255, type], all);
}

async function hmac(key, label, bytes) {
  const secret = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, join(utf8(label), bytes)));
}

export const keyOf = (token, secret) => hmac(token ?? new Uint8Array(32), "BTLK1 key", secret);
export const proof = async (key, who, ...said) => hmac(key, `BTLK1 ${who}`, await sha256(join(...said)));

export class Reader {
  at = 0;
  constructor(bytes) { this.bytes = bytes; }
  get left() { return this.bytes.length - this.at; }
  take(length = this.left) {
    if (length > this.left) throw new LinkError(Code.PROTOCOL, "a body is too short");
    return this.bytes.subarray(this.at, (this.at += length));
  }
  u8() { return this.take(1)[0]; }
  u16() { return this.u8() * 256 + this.u8(); }
  text() { return fromUtf8(this.take(this.varint())); }
  varint() {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = this.u8();
      value += (byte & 127) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw new LinkError(Code.PROTOCOL, "a number is too large");
      if (byte < 128) return value;
    }
  }
}

/** One connection: frames in a WebSocket's messages. */
export class Wire {
  #kept = new Uint8Array(0);
  #wake = () => {};
  #known;
  constructor(url) {
    this.socket = new WebSocket(url, "baton.link");
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.#wake((this.#kept = join(this.#kept, new Uint8Array(data))));
    this.socket.onopen = () => this.#known(true);
    this.socket.onclose = ({ code }) => this.#ended(code);
    this.opened = new Promise(known => (this.#known = known));
  }
  send(...frames) { if (this.socket.readyState === 1) this.socket.send(join(...frames)); }
  /** Ends it for this side at once: the answer to the close may take long, or never come. */
  close() {
    this.#ended(1006);
    this.socket.close();
  }
  #ended(code) {
    this.closeCode ??= code;
    this.#known(false);
    this.#wake();
  }
  #size() { return this.#kept.length < 4 ? 4 : 4 + this.#kept[0] * 65_536 + this.#kept[1] * 256 + this.#kept[2]; }

  /** Returns the next frame; null if the connection has ended before it was whole. */
  async frame() {
    while (this.#kept.length < this.#size()) {
      if (this.closeCode) return null;
      await new Promise(wake => (this.#wake = wake));
    }
    const whole = this.#kept.subarray(0, this.#size());
    this.#kept = this.#kept.subarray(whole.length);
    return { type: whole[3], body: new Reader(whole.subarray(4)), whole };
  }
}

/** The messages of a channel, of which a frame may have many, or a part of one. */
class Messages {
  #partial = new Uint8Array(0);

  /** Returns those that are whole now: their sizes, and what is behind their lengths. */
  add(bytes) {
    const all = new Reader(join(this.#partial, bytes)), whole = [];
    let begin = 0;
    for (; all.bytes.subarray(begin, begin + 9).some(byte => byte < 128); begin = all.at) {
      const length = all.varint(), size = all.at - begin + length;
      if (size > LIMIT) throw new LinkError(Code.TOO_LONG, "a message is too long");
      if (length > all.left) break;
      whole.push({ size, body: new Reader(all.take(length)) });
    }
    this.#partial = all.bytes.slice(begin);
    return whole;
  }
}

/** What comes on one channel: messages, or a stream, which nobody reads. All but channel 0 begin with a head. */
export class Incoming {
  name = "";
  got = 0; consumed = 0; said = 0; // offsets: what has come, what of it is consumed, what of that was granted
  #head; #messages = new Messages(); #endCode = null;

  constructor(number, kind) {
    if (!(kind <= 1)) throw new LinkError(Code.PROTOCOL, `a channel of kind ${kind}`);
    [this.number, this.isStream, this.#head] = [number, kind === 1, number === 0 ? null : new Uint8Array(0)];
  }

  /** Takes bytes and returns the messages that are whole now. Heads and streams are consumed as they come. */
  add(bytes) {
    if (this.#endCode !== null) throw new LinkError(Code.PROTOCOL, "bytes behind the end of a channel");
    this.got += bytes.length;
    if (this.isStream) this.consumed = this.got;
    return this.isStream ? [] : this.#messages.add(this.#head ? this.#behindHead(bytes) : bytes);
  }

  #behindHead(bytes) {
    const head = join(this.#head, bytes), [, low, high = 0] = head; // kind, one or two bytes of length, name, 0
    const [begin, length] = low > 127 ? [3, low - 128 + high * 128] : [2, low], size = begin + length + 1;
    if (length > 255 || head[size - 1] > 0) throw new LinkError(Code.PROTOCOL, "not the head of a channel of messages");
    [this.#head, this.consumed] = head.length >= size ? [null, size] : [head, this.got];
    if (this.#head) return new Uint8Array(0);
    this.name = fromUtf8(head.subarray(begin, size - 1));
    return head.subarray(size);
  }

  /** Takes END. That of a stream comes again when STOP was heard. */
  end(offset, code) {
    const fits = this.number > 0 && offset === this.got && (this.isStream || this.#endCode === null);
    if (!fits) throw new LinkError(Code.PROTOCOL, `an end at ${offset}, after ${this.got} bytes`);
    this.#endCode = code;
  }

  /** Whether END is to be granted: all before it is consumed, and that of a stream answers STOP. */
  get isOver() {
    return this.#endCode !== null && this.consumed === this.got && (!this.isStream || this.#endCode === Code.DENIED);
  }

  /** What HELLO says of it, with which all that is consumed is granted. */
  offsets() { return [this.number, this.got + (this.#endCode === null ? 0 : 1), (this.said = this.consumed)]; }
}
