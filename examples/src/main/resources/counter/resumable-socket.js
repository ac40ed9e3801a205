/**
 * A WebSocket of a Baton server whose session outlives its connections. It speaks the subprotocol
 * baton.resume: the server's first message names the session; after a lost connection it is offered
 * back, with the number of the last message that the page has seen. No dependencies.
 *
 *   const socket = new ResumableSocket("wss://example.org/chat", { storage: sessionStorage });
 *   socket.onmessage = data => { const message = JSON.parse(data); socket.last = message.number; ... };
 *
 *   onopen()              a new session has begun
 *   onmessage(data)       a message has come
 *   onaway()              the connection is lost; it connects again by itself
 *   onback()              the session goes on over another connection
 *   onlost(code, reason)  the session is over; nothing more happens
 *
 * What is sent arrives at most once: send() returns false while there is no connection, and what was
 * sent shortly before may be lost with it. What the server sends arrives at least once, if its
 * service sends again what comes after `last`; set `last` when a message is dealt with, and pass
 * over messages whose numbers are not greater.
 */
const NAME = "baton.resume";
const FIRST_DELAY_MS = 50, MAX_DELAY_MS = 5_000;

/** Close code of a server that restarts, or is replaced by another machine. */
const RESTARTS = 1012;

/** Close codes after which the session may still be there: no word at all, or "try again later". */
const RETRIED = [1001, 1005, 1006, 1012, 1013, 1015, 4503];

export class ResumableSocket {
  onopen = () => {};
  onmessage = () => {};
  onaway = () => {};
  onback = () => {};
  onlost = () => {};

  #urls;
  #at = 0; // which of them
  #protocols;
  #storage;
  #key;
  #socket = null;
  #timer = 0;
  #welcomed = false; // on this connection
  #session = null; // { ticket, awaits, last }: null before there is one
  #until = Infinity; // when the server has given it up
  #attempt = 0;

  /**
   * @param url of the server; or a list of them, of machines of a cluster: the next one is tried
   *     whenever there is no connection to one, or it says that it restarts
   * @param protocols the service's own subprotocols
   * @param storage where the session outlives a reload of the page: sessionStorage; null: nowhere
   * @param name of the session there, if a page has several with one address
   */
  constructor(url, { protocols = [], storage = null, name = "" } = {}) {
    this.#urls = [url].flat();
    this.#protocols = protocols;
    this.#storage = storage;
    this.#key = [NAME, this.#urls[0], name].join(" ");
    const kept = storage?.getItem(this.#key);
    if (kept) {
      this.#session = JSON.parse(kept);
      this.#until = Date.now() + this.#session.awaits * 1_000;
    }
    this.#retry();
  }

  /** Number of the last message that the page has dealt with; null if there is none. */
  get last() {
    return this.#session?.last ?? null;
  }

  set last(number) {
    if (this.#session) {
      this.#session.last = number;
      this.#keep();
    }
  }

  /** Sends a text or bytes; false if there is no connection now. */
  send(data) {
    if (!this.#welcomed) return false;
    this.#socket.send(data);
    return true;
  }

  /** Ends the session. */
  close(code = 1000, reason = "") {
    clearTimeout(this.#timer);
    this.#forget();
    if (this.#socket) {
      this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close(code, reason);
    }
    this.#welcomed = false;
  }

  #connect() {
    const offers = [...this.#protocols, NAME];
    if (this.#session) {
      const { ticket, last } = this.#session;
      offers.push([NAME, ticket, ...(last === null ? [] : [last])].join("."));
    }
    this.#socket = new WebSocket(this.#urls[this.#at], offers);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#welcomed ? this.onmessage(data) : this.#welcome(JSON.parse(data));
    this.#socket.onclose = end => this.#closed(end);
  }

  #welcome({ [NAME]: ticket, resumed, awaits }) {
    this.#welcomed = true;
    this.#attempt = 0;
    this.#session = { ticket, awaits, last: resumed ? this.last : null };
    this.#keep();
    if (resumed) this.onback();
    else this.onopen();
  }

  #closed({ code, reason }) {
    const was = this.#welcomed;
    this.#welcomed = false;
    if (was) this.#until = Date.now() + this.#session.awaits * 1_000;
    if (!was || code === RESTARTS) this.#at = (this.#at + 1) % this.#urls.length;
    const over = this.#session && (this.#session.ticket === null || Date.now() >= this.#until);
    if (over || !RETRIED.includes(code)) {
      this.#forget();
      this.onlost(code, reason);
      return;
    }
    this.#retry();
    if (was) this.onaway();
  }

  /** At once, then after a random time below a bound that doubles. */
  #retry() {
    const bound = this.#attempt === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.#attempt - 1), MAX_DELAY_MS);
    this.#attempt++;
    this.#timer = setTimeout(() => this.#connect(), Math.random() * bound);
  }

  #keep() {
    if (this.#session.ticket !== null) this.#storage?.setItem(this.#key, JSON.stringify(this.#session));
  }

  #forget() {
    this.#session = null;
    this.#storage?.removeItem(this.#key);
  }
}
