package io.baton.link.core;

/** What both sides agreed on at the handshake, and the number of the last attempt to resume. */
final class SessionFacts {
  private final LinkIdentity identity;
  private final boolean client;
  private final Limits limits;
  private final Limits peer;
  private long attempt;

  /**
   * @param limits this side's
   * @param peer the other's
   */
  SessionFacts(LinkIdentity identity, boolean client, Limits limits, Limits peer) {
    this.identity = identity;
    this.client = client;
    this.limits = limits;
    this.peer = peer.equals(limits) ? limits : peer; // one object where it is one
  }

  LinkIdentity identity() {
    return identity;
  }

  boolean isClient() {
    return client;
  }

  Limits limits() {
    return limits;
  }

  Limits peer() {
    return peer;
  }

  long attempt() {
    return attempt;
  }

  void attempt(long number) {
    attempt = number;
  }

  void save(ByteSink to) {
    to.text(identity.service()).raw(identity.id()).raw(identity.secret()).flag(client);
    limits.write(to);
    peer.write(to);
    to.varint(limits.maxQueued()).u32(attempt);
  }

  static SessionFacts restore(ByteSource from) throws LinkProtocolException {
    String service = from.text(LinkIdentity.MAX_SERVICE_BYTES, "the service's name");
    byte[] id = from.raw(LinkIdentity.ID_BYTES);
    byte[] secret = from.raw(LinkIdentity.SECRET_BYTES);
    boolean client = from.flag();
    Limits limits = Limits.read(from);
    Limits peer = Limits.read(from);
    int maxQueued = from.varint(Integer.MAX_VALUE, "max-queued");
    if (service.isEmpty() || maxQueued < Limits.MIN_WINDOW) {
      throw new LinkProtocolException("the service's name is empty, or max-queued too small");
    }
    SessionFacts facts =
        new SessionFacts(
            new LinkIdentity(service, id, secret),
            client,
            new Limits(limits.window(), limits.maxMessage(), limits.credit(), maxQueued),
            peer);
    facts.attempt = from.u32();
    return facts;
  }

  @Override
  public String toString() {
    return (client ? "client of " : "server of ") + identity;
  }
}
