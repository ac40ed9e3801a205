package io.baton.softbus.client;

import io.baton.softbus.wire.AuthenticationKey;
import io.baton.softbus.wire.AuthenticationKeys;
import io.baton.softbus.wire.DataFrame;
import io.baton.softbus.wire.FrameOpener;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.GcmKey;
import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.SessionReply;
import io.baton.softbus.wire.SessionRequest;
import io.baton.softbus.wire.SoftBusException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/**
 * A blocking client of one session of soft bus lite over TCP.
 *
 * <pre>{@code
 * AuthenticationKey key = AuthenticationKeys.read(file).get(1).orElseThrow();
 * try (var session = SoftBusClient.open(address, "com.example.echo", key, Duration.ofSeconds(5))) {
 *   session.sendBytes(data);
 *   byte[] answer = session.receiveBytes(Duration.ofSeconds(5));
 * }
 * }</pre>
 *
 * <p>Each frame is sent with one write, as the original needs. A server that is the original loses
 * a frame that arrives together with another: its client waits for an answer between two.
 *
 * <p><b>Threading.</b> One thread may send while another receives; neither twice at a time.
 *
 * <p><b>Errors.</b> An {@link IOException} ends the session, except a {@link
 * SocketTimeoutException} of {@link #receiveBytes}, after which it can be called again. A {@link
 * SoftBusException} says that the server broke the protocol.
 */
public final class SoftBusClient implements AutoCloseable {
  /** Most bytes of data in a frame that is received. */
  public static final int MAX_RECEIVED = 1024 * 1024;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int FIRST_BUFFER = 8 * 1024;

  private final Socket socket;
  private final FrameSealer sealer;
  private final FrameOpener opener;
  private final SessionReply reply;

  /** The bytes that were read and not opened yet are from its position to its limit. */
  private ByteBuffer read = ByteBuffer.allocate(FIRST_BUFFER).limit(0);

  private SoftBusClient(
      Socket socket, SessionRequest request, AuthenticationKeys keys, Duration timeout)
      throws IOException {
    this.socket = socket;
    this.sealer = new FrameSealer(request.key(), Ivs.RANDOM, 0);
    this.opener = new FrameOpener(request.key(), FrameOpener.NONE);
    socket.getOutputStream().write(request.packet(Ivs.RANDOM));
    this.reply = SessionReply.open(keys, packet(SessionReply::length, timeout));
  }

  /**
   * Opens a session, under a key that the reply is sealed under, too.
   *
   * @param name of the session server
   * @param timeout for the connection, and again for the reply; at least 1 ms
   * @throws EOFException if the server refuses: it knows no such name, or gives no permission
   */
  public static SoftBusClient open(
      InetSocketAddress server, String name, AuthenticationKey key, Duration timeout)
      throws IOException {
    return open(server, name, key, AuthenticationKeys.of(key), timeout);
  }

  /**
   * Opens a session.
   *
   * @param key that the first packet is sealed under
   * @param keys those that the reply may be sealed under: the original takes its newest
   */
  public static SoftBusClient open(
      InetSocketAddress server,
      String name,
      AuthenticationKey key,
      AuthenticationKeys keys,
      Duration timeout)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(server, millis(timeout));
      return new SoftBusClient(
          socket, new SessionRequest(name, GcmKey.random(RANDOM), key), keys, timeout);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Returns what the server calls its device. */
  public String deviceId() {
    return reply.deviceId();
  }

  /**
   * Sends data in one frame. Waits while the server does not take it.
   *
   * @param data 1 to {@value DataFrame#ORIGINAL_MAX_DATA} bytes
   * @throws IllegalArgumentException if there are no bytes, or too many
   */
  public void sendBytes(byte[] data) throws IOException {
    if (data.length < 1 || data.length > DataFrame.ORIGINAL_MAX_DATA) {
      throw new IllegalArgumentException(
          "%d bytes to send; allowed: 1 to %d".formatted(data.length, DataFrame.ORIGINAL_MAX_DATA));
    }
    socket.getOutputStream().write(sealer.seal(data));
  }

  /**
   * Waits for the data of the next frame.
   *
   * @param timeout at least 1 ms
   * @throws SocketTimeoutException if it does not come in time; nothing is lost
   * @throws EOFException if the server has closed the session
   */
  public byte[] receiveBytes(Duration timeout) throws IOException {
    return opener.open(packet(in -> DataFrame.length(in, MAX_RECEIVED), timeout));
  }

  /** The rule by which the next packet's length is known. */
  @FunctionalInterface
  private interface Length {
    int of(ByteBuffer in) throws SoftBusException;
  }

  private byte[] packet(Length rule, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    int length = rule.of(read);
    while (length < 0 || length > read.remaining()) {
      readMore(length, deadline);
      length = rule.of(read);
    }
    byte[] packet = new byte[length];
    read.get(packet);
    return packet;
  }

  private void readMore(int length, long deadline) throws IOException {
    int kept = read.remaining();
    byte[] array = Arrays.copyOfRange(read.array(), read.position(), read.limit());
    int capacity = Math.max(FIRST_BUFFER, length);
    read = ByteBuffer.allocate(capacity).put(array).flip();
    socket.setSoTimeout(millis(Duration.ofNanos(deadline - System.nanoTime())));
    int count = socket.getInputStream().read(read.array(), kept, capacity - kept);
    if (count < 0) {
      throw new EOFException(
          reply == null
              ? "the server has refused the session"
              : "the server has closed the session");
    }
    read.limit(kept + count);
  }

  /** Returns a timeout as sockets take it, for which 0 would be none. */
  private static int millis(Duration timeout) {
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }

  /** Ends the session. The server receives what was sent before. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
