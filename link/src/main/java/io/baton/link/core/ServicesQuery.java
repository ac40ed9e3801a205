package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client's question which services it may open; the server closes the connection after it. */
public final class ServicesQuery {
  /** Names in one list; one that is full is followed by another. */
  static final int MAX_NAMES = 250;

  /** Names in all lists. */
  static final int MAX_SERVICES = 65_536;

  private final HandshakeReader reader = new HandshakeReader(Frame.MAX_BODY_BYTES, false);
  private final PendingBytes pending = new PendingBytes();
  private final Transcript said = new Transcript();
  private ClientHandshake.State state = ClientHandshake.State.WAITING;
  private final List<String> services = new ArrayList<>();
  private @Nullable Refusal refusal;

  /**
   * Asks.
   *
   * @param credential for the server's authenticator, up to 4,096 bytes; empty for none
   */
  public ServicesQuery(byte[] credential) {
    pending.add(Version.PREAMBLE);
    pending.add(new Request.Services(credential).toFrame());
  }

  /** Reads the answer; WELCOMED means that {@link #services} is there. */
  public ClientHandshake.State read(ByteBuffer from) {
    try {
      ByteBuffer frame = reader.read(from);
      while (frame != null && state == ClientHandshake.State.WAITING) {
        take(frame);
        frame = reader.read(from);
      }
    } catch (LinkProtocolException e) {
      refusal = new Refusal(e.code(), 0, e.text(), false);
      state = ClientHandshake.State.REFUSED;
    }
    return state;
  }

  private void take(ByteBuffer frame) throws LinkProtocolException {
    FrameType type = Frame.type(frame.getInt(0));
    if (type == FrameType.REFUSED) {
      refusal = Refused.read(frame, said, Transcript.NO_TOKEN);
      state = ClientHandshake.State.REFUSED;
      return;
    }
    if (type != FrameType.SERVICE_LIST) {
      throw new LinkProtocolException("%s instead of SERVICE_LIST".formatted(type));
    }
    int length = frame.remaining() - Frame.HEAD_BYTES;
    ByteSource from = new ByteSource("SERVICE_LIST", frame.slice(Frame.HEAD_BYTES, length));
    int names = from.varint(MAX_NAMES, "the number of services");
    if (services.size() + names > MAX_SERVICES) {
      throw new LinkProtocolException(LinkCode.TOO_MANY, "more than 65,536 services");
    }
    for (int left = names; left > 0; left--) {
      services.add(from.text(LinkIdentity.MAX_SERVICE_BYTES, "a name"));
    }
    from.end();
    if (names < MAX_NAMES) {
      state = ClientHandshake.State.WELCOMED;
    }
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

  /** Returns the names of the services that this client may open; empty before the answer. */
  public List<String> services() {
    return List.copyOf(services);
  }

  /** Returns why there is no answer; null if not refused. */
  public @Nullable Refusal refusal() {
    return refusal;
  }
}
