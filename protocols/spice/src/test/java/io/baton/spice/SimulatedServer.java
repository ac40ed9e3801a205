package io.baton.spice;

import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The runtime, as the codec sees it, without threads and sockets. */
final class SimulatedServer implements AutoCloseable {
  final SpiceCodec codec;
  final Map<Integer, SimulatedSession> sessions = new HashMap<>();

  /** Where its sessions have gone; null while they are here. */
  @Nullable SimulatedServer successor;

  private final List<SimulatedConnection> all = new ArrayList<>();
  private final @Nullable Supplier<ScreenService> screens;

  SimulatedServer(SpiceSettings settings) {
    this(settings, null);
  }

  /**
   * @param screens makes the services, whose screens have 64 x 48 pixels; null for none
   */
  SimulatedServer(SpiceSettings settings, @Nullable Supplier<ScreenService> screens) {
    this(new SpiceCodec(settings), screens);
  }

  /** Of a codec that others use, too: making its key takes time. */
  SimulatedServer(SpiceCodec codec, @Nullable Supplier<ScreenService> screens) {
    this.codec = codec;
    this.screens = screens;
  }

  SimulatedConnection connect() {
    SimulatedConnection connection = new SimulatedConnection(this);
    all.add(connection);
    return connection;
  }

  SessionKey add(SimulatedSession session) {
    int id = 0x01000001 + sessions.size();
    sessions.put(id, session);
    if (screens != null) {
      session.service = new ScreenSession(screens.get(), 64, 48);
      session.service.opened(session);
    }
    return SessionKey.ofShort(id);
  }

  /** All sessions go on in another worker, with a codec of its own. */
  void leavesTo(SimulatedServer other) {
    other.sessions.putAll(sessions);
    sessions.clear();
    successor = other;
  }

  /** Moves a session with all its connections, and its screen. */
  void move(SimulatedSession session) {
    byte[] state = session.service == null ? new byte[0] : session.service.save(session);
    List<Saved> saved = session.connections.stream().map(SimulatedConnection::leaves).toList();
    session.window.keptBack = 0;
    for (int i = 0; i < saved.size(); i++) {
      session.connections.get(i).arrives(saved.get(i), i > 0);
    }
    session.connections.forEach(each -> each.flow.attached());
    if (screens != null) {
      session.service = new ScreenSession(screens.get(), 64, 48);
      session.service.resumed(session, state);
    }
    for (int i = 0; i < saved.size(); i++) {
      session.connections.get(i).rereads(saved.get(i));
    }
    session.turn();
  }

  @Override
  public void close() {
    all.forEach(each -> each.close(CloseReason.CLIENT));
  }
}
