package io.baton.link.service;

import java.util.HashSet;
import java.util.Set;

/**
 * The places for channels and streams of a service, which are 64 together. A place is taken by the
 * caller and free again when the client has acknowledged the end, of which only the codec knows.
 * Safe for any thread.
 */
public final class ChannelPlaces {
  private static final int MAX_OPEN = 64;

  /** Places of what is still on its way to the codec. */
  private int onTheirWay;

  /** Places of what the codec has open. */
  private int open;

  /** Channels that the codec has brought along from another worker and nobody has a handle of. */
  private final Set<String> found = new HashSet<>(0);

  /** Takes a place for a stream, or for a channel that is new; returns false if there is none. */
  synchronized boolean take() {
    boolean free = open + onTheirWay < MAX_OPEN;
    if (free) {
      onTheirWay++;
    }
    return free;
  }

  /** Takes a place for a channel, which may have one already; returns false if there is none. */
  synchronized boolean take(String channel) {
    if (!found.remove(channel)) {
      return take();
    }
    onTheirWay++;
    return true;
  }

  /** Gives a place back: what it was for did not get to the codec. */
  synchronized void giveBack() {
    onTheirWay--;
  }

  /** Learns that the codec has got something; it has so many open now. */
  synchronized void arrived(int nowOpen) {
    onTheirWay = Math.max(0, onTheirWay - 1);
    open = nowOpen;
  }

  /** Learns how many channels and streams the codec has open. */
  synchronized void open(int nowOpen) {
    open = nowOpen;
  }

  /** Learns of a message channel that the codec has open. */
  synchronized void found(String channel) {
    found.add(channel);
  }
}
