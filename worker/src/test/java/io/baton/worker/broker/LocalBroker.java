package io.baton.worker.broker;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A connection to a broker that brings everything at once, or nothing. */
final class LocalBroker implements Broker {
  private final List<LocalBroker> all;
  private final Set<String> subjects = new HashSet<>();
  private @Nullable Listener listener;
  private boolean isUp = true;

  /** Nothing of what others say arrives here. */
  boolean isDeaf;

  /**
   * @param all connections of this broker
   */
  LocalBroker(List<LocalBroker> all) {
    this.all = all;
  }

  @Override
  public void start(Listener its) {
    listener = its;
    all.add(this);
    its.up();
  }

  void set(boolean up) {
    isUp = up;
    if (listener != null && up) {
      listener.up();
    } else if (listener != null) {
      listener.down();
    }
  }

  @Override
  public void subscribe(String subject) {
    subjects.add(subject);
  }

  @Override
  public void unsubscribe(String subject) {
    subjects.remove(subject);
  }

  @Override
  public boolean publish(String subject, byte[] message) {
    if (!isUp) {
      return false;
    }
    for (LocalBroker each : List.copyOf(all)) {
      if (each != this && each.isUp && !each.isDeaf && each.subjects.contains(subject)) {
        each.bring(message);
      }
    }
    return true;
  }

  void bring(byte[] message) {
    if (listener != null) {
      listener.received(message);
    }
  }

  /** Its process has died. */
  void die() {
    all.remove(this);
    isUp = false;
  }

  @Override
  public Runnable close() {
    all.remove(this);
    return () -> {};
  }
}
