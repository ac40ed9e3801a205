package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of a handshake. Its driver feeds it bytes and decides where it is asked to.
 *
 * <pre>
 *   READING --first frame--> ASKED --challenge--> CHALLENGED --PROOF--> PROVEN --welcome--> WELCOMED
 *      any but WELCOMED --refuse, or a mistake of the client--> ENDED
 *   ASKED --services--> ENDED
 * </pre>
 *
 * <p>In ENDED the connection is closed once nothing is {@link #pending}. Not for several threads.
 */
public final class ServerHandshake {
  /** How far it is. */
  public enum State {
    /** The client's first frame has not come whole. */
    READING,
    /** {@link #request} is there; the driver answers it. */
    ASKED,
    /** The client's proof is awaited. */
    CHALLENGED,
    /** The client has the token and, to resume, the secret; the driver welcomes or refuses it. */
    PROVEN,
    /** {@link #core} is there. */
    WELCOMED,
    /** Refused or answered. */
    ENDED
  }

  private static final int MAX_BODY = 8_192;

  private final Limits limits;
  private final RandomGenerator random;
  private final Consumer<LinkCode> refused;
  private final HandshakeReader reader = new HandshakeReader(MAX_BODY, true);
  private final Transcript said = new Transcript();
  private final PendingBytes pending = new PendingBytes();
  private State state = State.READING;
  private @Nullable Request request;
  private @Nullable LinkCore core;
  private List<byte[]> tokens = List.of();
  private int tokenIndex = -1;
  private byte[] key = Transcript.NO_SECRET;
  private String refusal = "";

  /**
   * Awaits a client.
   *
   * @param limits of this side, for a new session
   * @param random of cryptographic strength
   */
  public ServerHandshake(Limits limits, RandomGenerator random) {
    this(limits, random, code -> {});
  }

  /**
   * Awaits a client.
   *
   * @param limits of this side, for a new session
   * @param random of cryptographic strength
   * @param refused told the code if the client is refused, whoever does it
   */
  public ServerHandshake(Limits limits, RandomGenerator random, Consumer<LinkCode> refused) {
    this.limits = limits;
    this.random = random;
    this.refused = refused;
    said.add(Version.PREAMBLE);
  }

  /** Returns how far it is. */
  public State state() {
    return state;
  }

  /** Reads as far as it needs at present, and not a byte beyond. */
  public State read(ByteBuffer from) {
    try {
      if (state == State.READING || state == State.CHALLENGED) {
        ByteBuffer frame = reader.read(from);
        if (frame != null) {
          take(frame);
        }
      }
    } catch (LinkProtocolException e) {
      end(e.code(), 0, e.text(), List.of());
    }
    return state;
  }

  private void take(ByteBuffer frame) throws LinkProtocolException {
    FrameType type = Frame.type(frame.getInt(0));
    ByteBuffer body = frame.slice(Frame.HEAD_BYTES, frame.remaining() - Frame.HEAD_BYTES);
    if (state == State.READING) {
      said.add(frame);
      request =
          switch (type) {
            case HELLO -> Request.Hello.read(body);
            case SERVICES -> Request.Services.read(body);
            default -> throw new LinkProtocolException("the first frame is " + type);
          };
      state = State.ASKED;
    } else if (type == FrameType.PROOF && body.remaining() == Transcript.PROOF_BYTES) {
      byte[] proof = new byte[Transcript.PROOF_BYTES];
      body.get(proof);
      check(proof);
      said.add(frame);
    } else {
      throw new LinkProtocolException("%s instead of PROOF".formatted(type));
    }
  }

  private void check(byte[] proof) {
    byte[] secret = core == null ? Transcript.NO_SECRET : core.identity().secret();
    List<byte[]> candidates = tokens.isEmpty() ? List.of(Transcript.NO_TOKEN) : tokens;
    for (int i = 0; i < candidates.size(); i++) {
      byte[] candidate = Transcript.key(candidates.get(i), secret);
      if (said.proves(Transcript.Prover.CLIENT, candidate, proof)) {
        key = candidate;
        tokenIndex = tokens.isEmpty() ? -1 : i;
        state = State.PROVEN;
        return;
      }
    }
    end(LinkCode.FORBIDDEN, 0, "the client's proof does not fit: a wrong token or secret", tokens);
  }

  /**
   * Returns what the client wants.
   *
   * @throws IllegalStateException before ASKED
   */
  public Request request() {
    if (request == null) {
      throw new IllegalStateException("the client's first frame has not come: " + state);
    }
    return request;
  }

  private Request.Hello hello() {
    if (request() instanceof Request.Hello hello) {
      return hello;
    }
    throw new IllegalStateException("the client asks for the services only");
  }

  /**
   * Answers HELLO with CHALLENGE; from then on the connection must stay in this process until the
   * client is welcome.
   *
   * @param valid tokens, the current one first, at most 2; none if the service has no token
   * @param known the session that the client wants to resume, null for a new one
   */
  public void challenge(List<byte[]> valid, @Nullable LinkCore known) {
    require(State.ASKED);
    Request.Resume resume = hello().resume();
    if ((resume != null) != (known != null)
        || (known != null
            && resume != null
            && !Arrays.equals(resume.id(), known.identity().id()))) {
      throw new IllegalArgumentException("the session is not the one that the client names");
    }
    tokens = checked(valid);
    core = known;
    if (known != null && !known.identity().service().equals(hello().service())) {
      end(LinkCode.NO_SUCH_SESSION, 0, "the session is another service's", tokens);
      return;
    }
    byte[] nonce = new byte[Request.Hello.NONCE_BYTES];
    random.nextBytes(nonce);
    add(Frame.of(FrameType.CHALLENGE, nonce));
    state = State.CHALLENGED;
  }

  private static List<byte[]> checked(List<byte[]> tokens) {
    if (tokens.size() > Refused.MAX_PROOFS) {
      throw new IllegalArgumentException("at most two tokens are valid at a time");
    }
    return List.copyOf(tokens);
  }

  /**
   * Refuses the client, however far it is; one that is too slow, too.
   *
   * @param retryAfterMillis when it may try again, 0 not to say it
   * @param valid tokens, so that the client can believe the refusal
   */
  public void refuse(LinkCode code, long retryAfterMillis, String text, List<byte[]> valid) {
    if (state == State.WELCOMED || state == State.ENDED) {
      throw new IllegalStateException("nothing to refuse: " + state);
    }
    end(code, retryAfterMillis, text, checked(valid));
  }

  private void end(LinkCode code, long retryAfterMillis, String text, List<byte[]> provenBy) {
    pending.add(Refused.toFrame(code, retryAfterMillis, text, said, provenBy));
    core = null;
    state = State.ENDED;
    refusal = text;
    refused.accept(code);
  }

  /** Returns the text that a refused client is told, without code and proof. */
  public String refusal() {
    return refusal;
  }

  /** Answers {@link Request.Services}: up to 65,536 names of up to 255 bytes each. */
  public void services(List<String> names) {
    require(State.ASKED);
    if (names.size() > ServicesQuery.MAX_SERVICES) {
      throw new IllegalArgumentException("at most 65,536 services, not " + names.size());
    }
    int from = 0;
    int length;
    do {
      length = Math.min(ServicesQuery.MAX_NAMES, names.size() - from);
      pending.add(list(names.subList(from, from + length)));
      from += length;
    } while (length == ServicesQuery.MAX_NAMES);
    state = State.ENDED;
  }

  private static byte[] list(List<String> names) {
    ByteSink to = new ByteSink().varint(names.size());
    for (String each : names) {
      LinkIdentity.checkService(each);
      to.text(each);
    }
    return to.toFrame(FrameType.SERVICE_LIST);
  }

  /** Tells which token the client has, as an index; -1 if there are none. */
  public int tokenIndex() {
    return tokenIndex;
  }

  /**
   * Opens a new session.
   *
   * @param id 16 bytes
   * @param graceMillis how long the session waits for a client that is away
   */
  public void welcome(byte[] id, long graceMillis) {
    require(State.PROVEN);
    if (core != null) {
      throw new IllegalStateException("the client resumes " + core.identity());
    }
    byte[] secret = new byte[LinkIdentity.SECRET_BYTES];
    random.nextBytes(secret);
    LinkIdentity identity = new LinkIdentity(hello().service(), id, secret);
    core = new LinkCore(new SessionFacts(identity, false, limits, hello().limits()));
    welcome(new Welcome(identity.id(), secret, graceMillis, limits, null));
  }

  /**
   * Resumes the known session on this connection, or refuses it with SUPERSEDED or DIVERGED. The
   * core forgets an older connection; its last bytes are {@link LinkCore#superseded}, asked for
   * before.
   */
  public void welcome(long graceMillis) {
    require(State.PROVEN);
    LinkCore known = core;
    Request.Resume resume = hello().resume();
    if (known == null || resume == null) {
      throw new IllegalStateException("the client opens a new session");
    }
    try {
      if (resume.attempt() <= known.facts().attempt()) {
        throw new LinkProtocolException(
            LinkCode.SUPERSEDED, "a later attempt than %d was made".formatted(resume.attempt()));
      }
      if (!known.facts().peer().isSameFor(hello().limits())) {
        throw new LinkProtocolException(LinkCode.DIVERGED, "the client's limits have changed");
      }
      known.resume(resume.offsets());
    } catch (LinkProtocolException e) {
      end(e.code(), 0, e.text(), tokens);
      return;
    }
    known.facts().attempt(resume.attempt());
    welcome(new Welcome(known.identity().id(), null, graceMillis, known.limits(), known.offsets()));
  }

  private void welcome(Welcome welcome) {
    pending.add(welcome.toFrame(said, key));
    state = State.WELCOMED;
  }

  private void add(byte[] frame) {
    said.add(frame);
    pending.add(frame);
  }

  /** Returns what {@link LinkCore#maxPayload} of the session will return. */
  public int maxPayload() {
    return hello().limits().maxPayload();
  }

  /** Returns the bytes of memory held for the peer. */
  public int buffered() {
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

  /** Tells whether the connection, with what was read of it, may go to another process. */
  public boolean movable() {
    return switch (state) {
      case READING, ASKED -> true;
      case CHALLENGED, PROVEN, ENDED -> false;
      case WELCOMED -> !pending();
    };
  }

  /**
   * Returns the session.
   *
   * @throws IllegalStateException if the client is not welcome
   */
  public LinkCore core() {
    if (state != State.WELCOMED || core == null) {
      throw new IllegalStateException("no session: " + state);
    }
    return core;
  }

  private void require(State required) {
    if (state != required) {
      throw new IllegalStateException("%s, not %s".formatted(state, required));
    }
  }
}
