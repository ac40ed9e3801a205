package io.baton.spice;

import io.baton.codec.TestWindow;
import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session of several connections in a simulated server, with a screen. */
final class SimulatedSession implements Session<SpiceOutput> {
  /** As a listener has it by default. */
  private static final int HIGH_WATER_MARK = 64 * 1024;

  /** The runtime's window, which ends the session. */
  final class SessionsWindow extends TestWindow {
    int keptBack;
    @Nullable CloseReason ended;

    @Override
    public boolean open() {
      return open && ended == null;
    }

    @Override
    public void keepsBack(int bytes) {
      boolean was = writable();
      keptBack = bytes;
      if (!was && writable() && service != null) {
        becameWritable = true;
      }
    }

    @Override
    public void end(CloseReason why) {
      if (ended == null) {
        ended = why;
      }
    }
  }

  final SessionsWindow window = new SessionsWindow();
  final List<SimulatedConnection> connections = new ArrayList<>();
  final List<SpiceInput> received = new ArrayList<>();
  @Nullable Service<SpiceInput, SpiceOutput> service;
  private boolean becameWritable;

  /** What the codec has handed out. */
  void receive(SpiceInput input) {
    received.add(input);
    if (service != null) {
      service.received(this, input);
    }
  }

  /** Tells the service what the runtime would tell it behind a turn. */
  void turn() {
    while (becameWritable && service != null) {
      becameWritable = false;
      service.writable(this);
    }
  }

  @Override
  public boolean send(SpiceOutput message) {
    connections.getFirst().channel.writeOutbound(message);
    return true;
  }

  @Override
  public boolean writable() {
    return window.keptBack <= HIGH_WATER_MARK;
  }

  @Override
  public SessionId id() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Peer peer() {
    return new Peer.Tcp(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public Hold hold() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    return () -> {};
  }

  @Override
  public void close(CloseReason why) {
    window.end(why);
  }
}
