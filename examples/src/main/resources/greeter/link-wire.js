/** The bytes of Link (docs/PROTOCOLS.md, 1), and frames in the messages of a WebSocket; part of link.js. */
export const PREAMBLE = Uint8Array.of(0x42, 0x54, 0x4c, 0x4b, 1);
export const Type = { HELLO: 1, CHALLENGE: 2, PROOF: 3, WELCOME: 4, REFUSED: 5, DEFINE: 6, DATA: 7, END: 8, GRANT: 9,
  STOP: 10, PING: 11, PONG: 12, GOAWAY: 13, GOODBYE: 14, CREDIT: 15 };
export const Kind = { MESSAGE: 0, ASK: 1, REPLY: 2, FAILED: 3, CANCEL: 4 };
export const Code = { FORBIDDEN: 4, NO_SUCH_SESSION: 5, DIVERGED: 7, SCHEMA: 8, TOO_MANY: 9, PROTOCOL: 11, TOO_LONG: 12,
  DENIED: 13, RETRY_LATER: 15, ERROR: 16, BYE: 18 };
export const JSON_SCHEMA = 0x4a;
/** Window, credit and longest message: so no message is longer than the window. */
export const LIMIT = 1 << 20;
const MAX_TEXT = 300;

export class LinkError extends Error {
  constructor(code, text) {
    super(text || `Link code ${code}`);
    this.code = code;
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
  constructor(url) {
    this.socket = new WebSocket(url, "baton.link");
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.#wake((this.#kept = join(this.#kept, new Uint8Array(data))));
    this.opened = new Promise(known => {
      this.socket.onopen = () => known(true);
      this.socket.onclose = ({ code }) => known(this.#wake((this.closeCode = code)));
    });
  }
  send(...frames) { if (this.socket.readyState === 1) this.socket.send(join(...frames)); }
  close() { this.socket.close(); }
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

/** The messages of channel 0, of which a frame may have many, or a part of one. */
export class Messages {
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
