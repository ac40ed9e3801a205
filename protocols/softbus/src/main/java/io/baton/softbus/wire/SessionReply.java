package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The reply that a server accepts a session with, in the form of a first packet, with flags 1 and
 * sequence 100.
 *
 * @param deviceId the server's
 * @param name of the session server
 */
public record SessionReply(String deviceId, String name) {
  private static final long SEQUENCE = 100;
  private static final int REPLY_FLAG = 1;
  private static final String CODE_OPEN_CHANNEL = "1";
  private static final int API_VERSION = 2;

  /**
   * Returns the packet, in the words of the original.
   *
   * @param under the key of the request
   */
  public byte[] packet(AuthenticationKey under, Ivs ivs) {
    StringBuilder json = new StringBuilder("{\"CODE\":").append(CODE_OPEN_CHANNEL);
    json.append(",\"API_VERSION\":").append(API_VERSION).append(",\"DEVICE_ID\":");
    FlatJson.quote(json, deviceId).append(",\"UID\":-1,\"PID\":-1,\"PKG_NAME\":");
    FlatJson.quote(json, name).append(",\"CLIENT_BUS_NAME\":");
    FlatJson.quote(json, name).append(",\"AUTH_STATE\":\"\",\"CHANNEL_TYPE\":1}");
    return FirstPacket.seal(under, SEQUENCE, REPLY_FLAG, json.toString(), ivs.next());
  }

  /**
   * Returns the length in bytes of the reply that begins here, as {@link SessionRequest#length}.
   */
  public static int length(ByteBuffer in) throws SoftBusException {
    return FirstPacket.length(in);
  }

  /**
   * Reads a reply.
   *
   * @param keys of the client: the original seals its reply under the newest that it has
   * @throws SoftBusException if it was not sealed under one of the keys, is malformed or no consent
   */
  public static SessionReply open(AuthenticationKeys keys, byte[] packet) throws SoftBusException {
    Map<String, String> fields = FlatJson.read(FirstPacket.open(keys, packet).json());
    String code = fields.getOrDefault("CODE", "none");
    if (!code.equals(CODE_OPEN_CHANNEL)) {
      throw new SoftBusException("the server replied with code " + code);
    }
    return new SessionReply(
        fields.getOrDefault("DEVICE_ID", ""), fields.getOrDefault("CLIENT_BUS_NAME", ""));
  }
}
