package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The first frame of a client: what it wants of the server. */
public sealed interface Request {
  /** The longest credential, in bytes. */
  int MAX_CREDENTIAL_BYTES = 4_096;

  /** Returns what the client shows to an authenticator, up to 4,096 bytes, empty if nothing. */
  byte[] credential();

  /**
   * A client's wish to open a session, or to resume one.
   *
   * @param service the name of the service
   * @param nonce 16 random bytes
   * @param window the client's, in bytes
   * @param maxMessage the client's, in bytes
   * @param credit the client's, in bytes
   * @param resume null to open a new session
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Hello(
      String service,
      byte[] nonce,
      int window,
      int maxMessage,
      int credit,
      byte[] credential,
      @Nullable Resume resume)
      implements Request {
    static final int NONCE_BYTES = 16;
    static final long MAX_ATTEMPT = 0xFFFF_FFFFL;

    byte[] toFrame() {
      ByteSink to = new ByteSink().u8(Version.MINOR).u8(Version.MINOR).text(service).raw(nonce);
      to.varint(window).varint(maxMessage).varint(credit).block(credential);
      to.flag(resume != null);
      if (resume != null) {
        to.raw(resume.id).u32(resume.attempt);
        resume.offsets.write(to);
      }
      return to.toFrame(FrameType.HELLO);
    }

    static Hello read(ByteBuffer body) throws LinkProtocolException {
      ByteSource from = new ByteSource("HELLO", body);
      boolean newer = Version.readMinors(from);
      String service = from.text(LinkIdentity.MAX_SERVICE_BYTES, "the service's name");
      if (service.isEmpty()) {
        throw new LinkProtocolException("HELLO: the service's name is empty");
      }
      byte[] nonce = from.raw(NONCE_BYTES);
      Limits limits = Limits.read(from);
      byte[] credential = from.block(MAX_CREDENTIAL_BYTES, "credential");
      Resume resume = null;
      if (from.flag()) {
        resume = new Resume(from.raw(LinkIdentity.ID_BYTES), from.u32(), Offsets.read(from));
      }
      if (!newer) {
        from.end();
      }
      return new Hello(
          service,
          nonce,
          limits.window(),
          limits.maxMessage(),
          limits.credit(),
          credential,
          resume);
    }

    Limits limits() {
      return new Limits(window, maxMessage, credit, Integer.MAX_VALUE);
    }
  }

  /**
   * The session that a HELLO resumes.
   *
   * @param id 16 bytes
   * @param attempt grows with each attempt to resume this session
   * @param offsets what the client has received
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Resume(byte[] id, long attempt, Offsets offsets) {}

  /** A client's question which services it may open; it has no session and gets none. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Services(byte[] credential) implements Request {
    byte[] toFrame() {
      return new ByteSink()
          .u8(Version.MINOR)
          .u8(Version.MINOR)
          .block(credential)
          .toFrame(FrameType.SERVICES);
    }

    static Services read(ByteBuffer body) throws LinkProtocolException {
      ByteSource from = new ByteSource("SERVICES", body);
      boolean newer = Version.readMinors(from);
      Services request = new Services(from.block(MAX_CREDENTIAL_BYTES, "credential"));
      if (!newer) {
        from.end();
      }
      return request;
    }
  }
}
