package io.baton.softbus.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** What was recorded with the original; the resource's README tells how. */
public final class OriginalConversations {
  /** The original's keys. */
  public static final AuthenticationKeys KEYS =
      AuthenticationKeys.parse(
          "test", "1 000102030405060708090A0B0C0D0E0F\n2 A0A1A2A3A4A5A6A7A8A9AAABACADAEAF\n");

  /** The session key of all of them. */
  public static final GcmKey SESSION_KEY = GcmKey.ofSession(range(0x40, 0x60));

  private OriginalConversations() {}

  /** One side's packet. */
  public record Packet(boolean ofClient, String hex) {
    public byte[] bytes() {
      return HexFormat.of().parseHex(hex);
    }
  }

  /** Returns the packets of the conversation of this name. */
  public static List<Packet> of(String name) throws IOException {
    List<Packet> packets = new ArrayList<>();
    boolean here = false;
    for (String line : lines()) {
      if (line.startsWith("#")) {
        here = line.equals("# " + name);
      } else if (here && !line.equals("server closes")) {
        String[] words = line.split(" ", 2);
        packets.add(new Packet(words[0].equals("client"), words[1]));
      }
    }
    return packets;
  }

  private static List<String> lines() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            OriginalConversations.class.getResourceAsStream("/io/baton/softbus/original.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  private static byte[] range(int from, int to) {
    byte[] bytes = new byte[to - from];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (from + i);
    }
    return bytes;
  }
}
