package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A client of Link that is made of bytes, as docs/PROTOCOLS.md has them: it may send anything, and
 * answers nothing by itself.
 */
final class LinkWire implements AutoCloseable {
  static final int HELLO = 1;
  static final int CHALLENGE = 2;
  static final int PROOF = 3;
  static final int WELCOME = 4;
  static final int REFUSED = 5;
  static final int DEFINE = 6;
  static final int DATA = 7;
  static final int END = 8;
  static final int GRANT = 9;
  static final int STOP = 10;
  static final int PING = 11;
  static final int PONG = 12;
  static final int GOODBYE = 14;
  static final int CREDIT = 15;

  static final byte[] PREAMBLE = {'B', 'T', 'L', 'K', 1};
  private static final int WINDOW = 256 << 10;

  /** Bytes that the server may send before any is granted. */
  static final int CREDIT_BYTES = 1 << 20;

  private static final int NONCE_BYTES = 16;
  private static final int ID_BYTES = 16;
  private static final int SECRET_BYTES = 32;
  private static final int PROOF_BYTES = 32;

  private final Client client;
  private final boolean bytewise;
  private byte[] id = new byte[0];
  private byte[] secret = new byte[0];

  /** A frame of the server. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Frame(int type, byte[] body) {
    /** The code of REFUSED or GOODBYE. */
    int code() {
      return ByteBuffer.wrap(body).getShort();
    }
  }

  /**
   * @param bytewise whether each byte is written by itself
   */
  LinkWire(int port, boolean bytewise) throws IOException {
    this.client = Client.tcp(port);
    this.bytewise = bytewise;
  }

  // ---- bytes ----

  static byte[] bytes(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  static byte[] u8(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] varint(long value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long rest = value;
    while (rest >= 0x80) {
      bytes.write((int) (rest | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
    return bytes.toByteArray();
  }

  static byte[] text(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return bytes(varint(bytes.length), bytes);
  }

  static byte[] frame(int type, byte[]... body) {
    byte[] all = bytes(body);
    return bytes(u8(all.length >>> 16, all.length >>> 8, all.length, type), all);
  }

  /** What a HELLO says of the client's limits, and without a credential. */
  static byte[] limits() {
    return limits(WINDOW);
  }

  private static byte[] limits(int window) {
    return bytes(varint(window), varint(CREDIT_BYTES), varint(CREDIT_BYTES), varint(0));
  }

  static byte[] hello(String service) {
    return frame(HELLO, u8(0, 0), text(service), new byte[NONCE_BYTES], limits(), u8(0));
  }

  /**
   * A HELLO that goes on with a session.
   *
   * @param got bytes that the client claims to have received
   */
  static byte[] hello(String service, byte[] id, int attempt, long got) {
    return hello(service, id, attempt, got, WINDOW);
  }

  /** A HELLO that goes on with a session whose client has another window. */
  static byte[] hello(String service, byte[] id, int attempt, long got, int window) {
    return frame(
        HELLO,
        u8(0, 0),
        text(service),
        new byte[NONCE_BYTES],
        limits(window),
        u8(1),
        id,
        u8(0, 0, 0, attempt),
        varint(0), // consumed in all
        varint(0), // no stream
        varint(1), // one channel: 0
        varint(0),
        varint(got),
        varint(0));
  }

  // ---- proofs ----

  static byte[] proof(byte[] secret, byte[]... said) {
    try {
      byte[] key = hmac(new byte[PROOF_BYTES], "BTLK1 key".getBytes(US_ASCII), secret);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes(said));
      return hmac(key, "BTLK1 client".getBytes(US_ASCII), hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, byte[] first, byte[] second)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update(first);
    return mac.doFinal(second);
  }

  // ---- the conversation ----

  LinkWire says(byte[]... parts) throws IOException {
    byte[] all = bytes(parts);
    if (bytewise) {
      for (byte each : all) {
        client.send(new byte[] {each});
      }
    } else {
      client.send(all);
    }
    return this;
  }

  /** Reads the next frame. */
  Frame hears() throws IOException {
    byte[] head = client.read(4);
    int length = ByteBuffer.wrap(head).getInt() >>> 8;
    return new Frame(head[3], client.read(length));
  }

  /** Reads up to a frame of this type. */
  Frame hears(int type) throws IOException {
    Frame frame = hears();
    while (frame.type() != type) {
      frame = hears();
    }
    return frame;
  }

  /** Sends a preamble and a HELLO, and returns the challenge. */
  Frame challenged(byte[] hello) throws IOException {
    Frame challenge = says(PREAMBLE, hello).hears();
    assertThat(challenge.type()).as("%s", Arrays.toString(challenge.body())).isEqualTo(CHALLENGE);
    return challenge;
  }

  /** Answers a challenge; returns what comes next. */
  Frame proves(byte[] hello, Frame challenge, byte[] its) throws IOException {
    byte[] proof = proof(its, PREAMBLE, hello, frame(CHALLENGE, challenge.body()));
    return says(frame(PROOF, proof)).hears();
  }

  /** Opens a session. */
  LinkWire opens(String service) throws IOException {
    byte[] hello = hello(service);
    Frame welcome = proves(hello, challenged(hello), new byte[0]);
    assertThat(welcome.type()).as("%s", Arrays.toString(welcome.body())).isEqualTo(WELCOME);
    id = Arrays.copyOfRange(welcome.body(), 1, 1 + ID_BYTES);
    int end = welcome.body().length - PROOF_BYTES;
    secret = Arrays.copyOfRange(welcome.body(), end - SECRET_BYTES, end);
    return this;
  }

  /** Says GOODBYE, or answers it, if the server has not closed the connection. */
  LinkWire leaves() {
    try {
      return says(frame(GOODBYE, u8(0, 18, 0), text("")));
    } catch (IOException _) {
      return this;
    }
  }

  byte[] id() {
    return id;
  }

  byte[] secret() {
    return secret;
  }

  /** Whether the server ends the connection without another byte. */
  boolean isEnded() {
    return client.isEnded();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
