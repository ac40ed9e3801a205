package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.baton.worker.codec.link.CoreClient;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A client of Link whose bytes go in the messages of a WebSocket: in frames of any length, in
 * fragments, with pings between them. A test carries its bytes by hand, over one connection after
 * the other.
 */
public final class FramedClient {
  private static final String HEAD_END = "\r\n\r\n";

  /** Close codes that it was told, and pongs. */
  public final List<String> controls = new ArrayList<>();

  private final CoreClient client;
  private final Random random;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private boolean asked;
  private boolean open;
  private boolean inMessage;

  /**
   * @param random how it puts its bytes into frames
   */
  public FramedClient(CoreClient client, Random random) {
    this.client = client;
    this.random = random;
  }

  public CoreClient client() {
    return client;
  }

  /** It has a new connection. */
  public void connects() {
    heard.reset();
    asked = false;
    open = false;
    inMessage = false;
  }

  /** As {@link #connects}, where it goes on with its session. */
  public void comesBack() {
    connects();
    client.comesBack();
  }

  /** Returns the bytes that it has to send now. */
  public byte[] sends() {
    if (!asked) {
      asked = true;
      return request("baton.link").getBytes(ISO_8859_1);
    }
    return open ? frames(client.sends()) : new byte[0];
  }

  /** A handshake that offers this subprotocol. */
  public static String request(String subprotocol) {
    return "GET /link HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Protocol: "
        + subprotocol
        + HEAD_END;
  }

  private byte[] frames(byte[] bytes) {
    List<Frames> all = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      if (random.nextInt(4) == 0) {
        all.add(Frames.ping("?"));
      }
      int length = Math.min(bytes.length - at, 1 + random.nextInt(200));
      boolean last = random.nextBoolean();
      int opcode = inMessage ? 0 : 2;
      all.add(
          Frames.frame(
              (last ? Frames.FIN : 0) | opcode, Arrays.copyOfRange(bytes, at, at + length)));
      inMessage = !last;
      at += length;
    }
    return Frames.of(all.toArray(Frames[]::new));
  }

  /** Takes bytes that the server has sent. */
  public void hears(byte[] bytes) {
    heard.writeBytes(bytes);
    String all = heard.toString(ISO_8859_1);
    int at = 0;
    if (!open) {
      int end = all.indexOf(HEAD_END);
      if (end < 0) {
        return;
      }
      if (!all.startsWith("HTTP/1.1 101 ") || !all.contains("baton.link\r\n")) {
        throw new AssertionError(all);
      }
      open = true;
      at = end + HEAD_END.length();
    }
    int next = frame(all, at);
    while (next > at) {
      at = next;
      next = frame(all, at);
    }
    heard.reset();
    heard.writeBytes(all.substring(at).getBytes(ISO_8859_1));
  }

  /** Returns where the next frame begins, or the same place if this one is not whole. */
  private int frame(String all, int at) {
    if (all.length() < at + 2) {
      return at;
    }
    int header = all.charAt(at + 1) == 126 ? 4 : 2;
    if (all.length() < at + header) {
      return at;
    }
    int length = header == 2 ? all.charAt(at + 1) : all.charAt(at + 2) << 8 | all.charAt(at + 3);
    int end = at + header + length;
    if (all.length() < end) {
      return at;
    }
    String payload = all.substring(at + header, end);
    switch (all.charAt(at)) {
      case 0x82 -> client.hears(payload.getBytes(ISO_8859_1));
      case 0x8A -> controls.add("pong " + payload);
      case 0x88 ->
          controls.add(
              "close"
                  + (payload.isEmpty() ? "" : " " + (payload.charAt(0) << 8 | payload.charAt(1))));
      default -> throw new AssertionError("a frame " + (int) all.charAt(at));
    }
    return end;
  }
}
