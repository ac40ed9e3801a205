package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Events as lines; takes messages until it is told to hold them back. */
final class RecordingEvents implements LinkEvents {
  final List<String> lines = new ArrayList<>();

  /** Sizes of the messages on channel 0. */
  final List<Integer> sizes = new ArrayList<>();

  /** Channels and sizes of the other messages. */
  final List<int[]> others = new ArrayList<>();

  boolean takes = true;

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
    lines.add(
        switch (kind) {
          case MESSAGE -> "message of " + payload.remaining();
          case ASK, REPLY, FAILED -> "%s %d of %d".formatted(kind, ask, payload.remaining());
          case CANCEL -> "CANCEL " + ask;
        });
    if (channel == 0) {
      sizes.add(size);
    } else {
      others.add(new int[] {channel, size});
    }
    return takes;
  }

  @Override
  public void defined(int types, ByteBuffer schema) {
    lines.add("defined " + types);
  }

  @Override
  public void closed(int code, String text) {
    lines.add("closed %s: %s".formatted(LinkCode.of(code), text));
  }

  @Override
  public void opened(int channel, String name, long length) {
    lines.add("opened " + channel);
  }

  @Override
  public void openedMessages(int channel, String name) {
    lines.add("opened %d %s".formatted(channel, name));
  }

  @Override
  public void delivered(int channel) {
    lines.add("delivered " + channel);
  }

  @Override
  public void ended(int channel, int code) {
    lines.add("ended %d %s".formatted(channel, name(code)));
  }

  @Override
  public void stopped(int channel, int code) {
    lines.add("stopped %d %s".formatted(channel, name(code)));
  }

  private static String name(int code) {
    LinkCode known = LinkCode.of(code);
    return known == LinkCode.UNKNOWN ? Integer.toString(code) : known.toString();
  }
}
