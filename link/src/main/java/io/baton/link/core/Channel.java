package io.baton.link.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One direction of a channel. */
abstract class Channel {
  static final int KIND_MESSAGES = 0;
  static final int KIND_BYTES = 1;

  /** The most channels above 0 that are open in one direction. */
  static final int MAX_OPEN = 64;

  final int channel;

  Channel(int channel) {
    this.channel = channel;
  }

  /** Returns the channel of a number; null if it is not open. */
  static <C extends Channel> @Nullable C of(List<C> open, int channel) {
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).channel == channel) {
        return open.get(i);
      }
    }
    return null;
  }

  /** Adds a channel to a list, which is made with the first: few sessions have any. */
  static <C extends Channel> List<C> add(List<C> open, C channel) {
    List<C> all = open.isEmpty() ? new ArrayList<>() : open;
    all.add(channel);
    return all;
  }
}
