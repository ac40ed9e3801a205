package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a handshake: HELLO, the answer to CHALLENGE, and WELCOME or REFUSED.
 *
 * <p>The server proves that it has the token (and the session's secret) before the client believes
 * it. Not for several threads.
 */
public final class ClientHandshake {
  /** How far it is. */
  public enum State {
    /** The server's next frame is awaited. */
    WAITING,
    /** {@link #core} is there. */
    WELCOMED,
    /** {@link #refusal} is there. */
    REFUSED
  }

  private static final int MAX_BODY = 8_192;

  private final HandshakeReader reader = new HandshakeReader(MAX_BODY, false);
  private final Transcript said = new Transcript();
  private final PendingBytes pending = new PendingBytes();
  private final Request.Hello hello;
  private final Limits limits;
  private final byte[] token;
  private final byte[] key;
  private State state = State.WAITING;
  private boolean challenged;

  /** Whether the server has shown that it has the token. */
  private boolean proven;

  private @Nullable LinkCore core;
  private @Nullable Refusal refusal;
  private long graceMillis;

  private ClientHandshake(
      Request.Hello hello, Limits limits, byte @Nullable [] token, @Nullable LinkCore core) {
    this.hello = hello;
    this.limits = limits;
    this.token = token == null ? Transcript.NO_TOKEN : token.clone();
    this.core = core;
    this.key =
        Transcript.key(this.token, core == null ? Transcript.NO_SECRET : core.identity().secret());
    add(Version.PREAMBLE);
    add(hello.toFrame());
  }

  /**
   * Begins to open a session.
   *
   * @param service its name, 1 to 255 bytes of UTF-8
   * @param token what client and server share, best 32 random bytes; null for none
   * @param credential for the server's authenticator, up to 4,096 bytes; empty for none
   * @param limits of this side
   * @param random of cryptographic strength
   */
  public static ClientHandshake open(
      String service,
      byte @Nullable [] token,
      byte[] credential,
      Limits limits,
      RandomGenerator random) {
    LinkIdentity.checkService(service);
    return new ClientHandshake(
        hello(service, limits, credential, random, null), limits, token, null);
  }

  /**
   * Begins to resume a session on a new connection; an older one is lost with it.
   *
   * @param token as at its opening, or the one that has taken its place
   */
  public static ClientHandshake resume(
      LinkCore core, byte @Nullable [] token, byte[] credential, RandomGenerator random) {
    LinkIdentity identity = core.identity();
    core.lost();
    long attempt = core.facts().attempt() + 1;
    core.facts().attempt(attempt);
    Request.Resume resume = new Request.Resume(identity.id(), attempt, core.offsets());
    Request.Hello hello = hello(identity.service(), core.limits(), credential, random, resume);
    return new ClientHandshake(hello, core.limits(), token, core);
  }

  private static Request.Hello hello(
      String service,
      Limits limits,
      byte[] credential,
      RandomGenerator random,
      Request.@Nullable Resume resume) {
    if (credential.length > Request.MAX_CREDENTIAL_BYTES) {
      throw new IllegalArgumentException(
          "a credential has at most 4096 bytes, not " + credential.length);
    }
    byte[] nonce = new byte[Request.Hello.NONCE_BYTES];
    random.nextBytes(nonce);
    return new Request.Hello(
        service,
        nonce,
        limits.window(),
        limits.maxMessage(),
        limits.credit(),
        credential.clone(),
        resume);
  }

  /** Reads as far as it needs, and not a byte beyond WELCOME. */
  public State read(ByteBuffer from) {
    try {
      while (state == State.WAITING && from.hasRemaining()) {
        ByteBuffer frame = reader.read(from);
        if (frame != null) {
          take(frame);
        }
      }
    } catch (LinkProtocolException e) {
      refuse(new Refusal(e.code(), 0, e.text(), proven));
    }
    return state;
  }

  private void take(ByteBuffer frame) throws LinkProtocolException {
    FrameType type = Frame.type(frame.getInt(0));
    if (type == FrameType.REFUSED) {
      refuse(Refused.read(frame, said, token));
    } else if (type == FrameType.CHALLENGE && !challenged) {
      challenged = true;
      said.add(frame);
      add(Frame.of(FrameType.PROOF, said.proof(Transcript.Prover.CLIENT, key)));
    } else if (type == FrameType.WELCOME && challenged) {
      Welcome welcome = Welcome.read(frame, said, key);
      proven = true;
      welcome(welcome);
    } else {
      throw new LinkProtocolException("%s out of turn".formatted(type));
    }
  }

  private void welcome(Welcome welcome) throws LinkProtocolException {
    LinkCore known = core;
    if (known == null) {
      byte[] secret = welcome.secret();
      if (secret == null) {
        throw new LinkProtocolException("WELCOME resumes a session that is new");
      }
      LinkIdentity identity = new LinkIdentity(hello.service(), welcome.id(), secret);
      core = new LinkCore(new SessionFacts(identity, true, limits, welcome.limits()));
    } else {
      Offsets offsets = welcome.offsets();
      if (offsets == null
          || !Arrays.equals(welcome.id(), known.identity().id())
          || !known.facts().peer().isSameFor(welcome.limits())) {
        throw new LinkProtocolException(LinkCode.DIVERGED, "WELCOME is another session's");
      }
      known.resume(offsets);
    }
    graceMillis = welcome.graceMillis();
    state = State.WELCOMED;
  }

  private void refuse(Refusal answer) {
    refusal = answer;
    state = State.REFUSED;
  }

  private void add(byte[] bytes) {
    said.add(bytes);
    pending.add(bytes);
  }

  int buffered() {
    return reader.buffered() + pending.size();
  }

  /** Tells whether {@link #write} has something. */
  public boolean pending() {
    return pending.hasMore();
  }

  /** Writes as much as there is room for; returns how much. */
  public int write(ByteBuffer to) {
    return pending.write(to);
  }

  /**
   * Returns the session.
   *
   * @throws IllegalStateException if the server has not welcomed the client
   */
  public LinkCore core() {
    if (state != State.WELCOMED || core == null) {
      throw new IllegalStateException("no session: " + state);
    }
    return core;
  }

  /** Returns how long the server keeps the session for a client that is away; from WELCOMED on. */
  public long graceMillis() {
    return graceMillis;
  }

  /**
   * Returns why there is no session on this connection: the server's answer, or what is wrong with
   * it.
   *
   * @throws IllegalStateException if the server has not refused
   */
  public Refusal refusal() {
    if (refusal == null) {
      throw new IllegalStateException("not refused: " + state);
    }
    return refusal;
  }
}
