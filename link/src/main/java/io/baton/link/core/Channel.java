package io.baton.link.core;

import java.util.ArrayList;
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

  /** The open channels above 0 of one direction, in the order of their numbers. */
  static final class Numbered<C extends Channel> extends ArrayList<C> {
    private static final long serialVersionUID = 1;

    Numbered() {
      super(0);
    }

    /** Returns the channel of a number; null if it is not open. */
    @Nullable C of(int channel) {
      for (int i = 0; i < size(); i++) {
        if (get(i).channel == channel) {
          return get(i);
        }
      }
      return null;
    }
  }
}
