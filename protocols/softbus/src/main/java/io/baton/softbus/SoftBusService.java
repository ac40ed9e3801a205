package io.baton.softbus;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.softbus.SoftBusMessage.Opening;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The service of one session: finds the server that its client names, and passes the callbacks on.
 *
 * <p>It is saved as nothing before the first packet, else as {@code u8 version 1 | u8 length of
 * name | name | u32 key index | what the server saved}.
 */
final class SoftBusService implements Service<SoftBusMessage.Input, SoftBusMessage.Output> {
  private static final byte VERSION = 1;

  private final Map<String, NamedServer> servers;
  private final int maxData;
  private @Nullable Served served;

  /** The server's part of the session, from the first packet on. */
  private record Served(NamedServer named, SoftBusServer server, SoftBusSession session) {}

  SoftBusService(Map<String, NamedServer> servers, int maxData) {
    this.servers = servers;
    this.maxData = maxData;
  }

  @Override
  public void received(Session<SoftBusMessage.Output> session, SoftBusMessage.Input message) {
    switch (message) {
      case Opening opening -> open(session, opening);
      case SoftBusMessage.Data data -> {
        Served its = served;
        if (its != null) {
          its.server.bytesReceived(its.session, data.bytes());
        }
      }
    }
  }

  private void open(Session<SoftBusMessage.Output> session, Opening opening) {
    NamedServer named = servers.get(opening.name());
    if (named == null
        || !named.permission().allows(opening.name(), opening.keyIndex(), session.peer())
        || !named.enter()) {
      session.close(CloseReason.SERVICE);
      return;
    }
    Served its = serve(session, named, opening.name(), opening.keyIndex());
    if (its.server.sessionOpened(its.session)) {
      session.send(new SoftBusMessage.Accept());
    } else {
      session.close(CloseReason.SERVICE);
    }
  }

  private Served serve(
      Session<SoftBusMessage.Output> session, NamedServer named, String name, long keyIndex) {
    SoftBusSession its = new SoftBusSession(name, keyIndex, maxData, session);
    try {
      Served all = new Served(named, named.factory().get(), its);
      served = all;
      return all;
    } catch (Throwable e) {
      named.open().decrementAndGet();
      throw e;
    }
  }

  @Override
  public void writable(Session<SoftBusMessage.Output> session) {
    Served its = served;
    if (its != null) {
      its.server.writable(its.session);
    }
  }

  @Override
  public void closed(Session<SoftBusMessage.Output> session, CloseReason why) {
    Served its = served;
    if (its != null) {
      its.named.open().decrementAndGet();
      its.server.sessionClosed(its.session, why);
    }
  }

  @Override
  public byte[] save(Session<SoftBusMessage.Output> session) {
    Served its = served;
    if (its == null) {
      return NOTHING;
    }
    byte[] name = its.session.name().getBytes(StandardCharsets.UTF_8);
    byte[] more = its.server.save(its.session);
    return ByteBuffer.allocate(2 + name.length + Integer.BYTES + more.length)
        .put(VERSION)
        .put((byte) name.length)
        .put(name)
        .putInt((int) its.session.keyIndex())
        .put(more)
        .array();
  }

  @Override
  public void resumed(Session<SoftBusMessage.Output> session, byte[] saved) {
    if (saved.length == 0) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(saved);
    String name;
    long keyIndex;
    byte[] more;
    try {
      if (in.get() != VERSION) {
        throw new IllegalArgumentException(
            "saved in version %d; this worker reads version %d".formatted(saved[0], VERSION));
      }
      byte[] bytes = new byte[in.get()];
      in.get(bytes);
      name = new String(bytes, StandardCharsets.UTF_8);
      keyIndex = Integer.toUnsignedLong(in.getInt());
      more = new byte[in.remaining()];
      in.get(more);
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new IllegalArgumentException("the saved session is cut short", e);
    }
    NamedServer named = servers.get(name);
    if (named == null) {
      throw new IllegalArgumentException("there is no session server " + name + " here");
    }
    named.open().incrementAndGet();
    Served its = serve(session, named, name, keyIndex);
    try {
      its.server.resumed(its.session, more);
    } catch (Throwable e) {
      served = null;
      named.open().decrementAndGet();
      throw e;
    }
  }
}
