package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;

/**
 * The request that opens a session: the client's first packet, {@code {"BUS_NAME": name,
 * "SESSION_KEY": base64 of 32 bytes}}. Other fields are ignored.
 *
 * @param name of the session server
 * @param key the session's, chosen by the client
 * @param under the authentication key that the packet was sealed under
 */
public record SessionRequest(String name, GcmKey key, AuthenticationKey under) {
  private static final long SEQUENCE = 1;
  private static final int NO_FLAGS = 0;

  /**
   * @throws IllegalArgumentException if the name cannot be one
   */
  public SessionRequest {
    SessionName.require(name);
  }

  /**
   * Returns the length in bytes of the packet that begins here.
   *
   * @param in little of it or all; not changed
   * @return -1 if its head has not arrived completely
   * @throws SoftBusException if these bytes cannot begin a packet
   */
  public static int length(ByteBuffer in) throws SoftBusException {
    return FirstPacket.length(in);
  }

  /** Returns the packet. */
  public byte[] packet(Ivs ivs) {
    StringBuilder json = new StringBuilder("{\"BUS_NAME\":");
    FlatJson.quote(json, name).append(",\"SESSION_KEY\":");
    FlatJson.quote(json, Base64.getEncoder().encodeToString(key.bytes())).append('}');
    return FirstPacket.seal(under, SEQUENCE, NO_FLAGS, json.toString(), ivs.next());
  }

  /**
   * Reads a packet.
   *
   * @param packet as long as {@link #length} says
   * @throws SoftBusException if it was not sealed under one of the keys, or is malformed
   */
  public static SessionRequest open(AuthenticationKeys keys, byte[] packet)
      throws SoftBusException {
    FirstPacket.Opened opened = FirstPacket.open(keys, packet);
    Map<String, String> fields = FlatJson.read(opened.json());
    String name = fields.getOrDefault("BUS_NAME", "");
    if (!SessionName.isValid(name)) {
      throw new SoftBusException(
          "a first packet whose BUS_NAME is no name; allowed: 1 to %d bytes without control characters"
              .formatted(SessionName.MAX_BYTES));
    }
    return new SessionRequest(name, key(fields.getOrDefault("SESSION_KEY", "")), opened.key());
  }

  private static GcmKey key(String base64) throws SoftBusException {
    try {
      return GcmKey.ofSession(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      // Its text would show a part of the key.
      throw new SoftBusException(
          "a first packet whose SESSION_KEY is none; allowed: %d bytes in base64"
              .formatted(GcmKey.SESSION_KEY_BYTES));
    }
  }
}
