package io.baton.spice.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A client of one session, with its four channels, each read by a virtual thread. It acknowledges
 * and answers pings as the protocol has it, and fails on what the protocol does not allow.
 */
public final class SpiceDriver implements AutoCloseable {

  /** The server has refused a channel. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private final int code;

    RefusedException(int code) {
      super("the server says " + code);
      this.code = code;
    }

    /** Returns the protocol's number. */
    public int code() {
      return code;
    }
  }

  /** One connection, whose link is made. */
  public static final class Channel implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private int ackWindow;
    private int untilAck;

    private Channel(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** Makes the link of one channel. */
    public static Channel open(
        int port, int connectionId, int type, int channelCaps, String password) throws IOException {
      return open(
          port, ClientWire.link(connectionId, type, ClientWire.COMMON, channelCaps), password);
    }

    /** Makes a link with this first message. */
    public static Channel open(int port, byte[] link, String password) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      try {
        socket.setTcpNoDelay(true);
        Channel channel = new Channel(socket);
        channel.send(link);
        byte[] header = channel.in.readNBytes(20);
        if (header.length < 20) {
          throw new EOFException("the server closed instead of a link reply");
        }
        int error = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
        if (error != 0) {
          throw new RefusedException(error);
        }
        byte[] rest = channel.in.readNBytes(ClientWire.REPLY_BYTES - 20);
        byte[] reply = ByteBuffer.allocate(ClientWire.REPLY_BYTES).put(header).put(rest).array();
        channel.send(ClientWire.ticket(reply, password));
        int result = Integer.reverseBytes(channel.in.readInt());
        if (result != 0) {
          throw new RefusedException(result);
        }
        return channel;
      } catch (IOException | RuntimeException e) {
        socket.close();
        throw e;
      }
    }

    /** Sends these bytes; safe for several threads. */
    public void send(byte[] bytes) throws IOException {
      synchronized (socket) {
        socket.getOutputStream().write(bytes);
      }
    }

    /** A message of the server. */
    public record Message(int type, ByteBuffer body) {}

    /**
     * Reads the next message, acknowledges it, and answers a ping.
     *
     * @return null at the connection's end
     */
    public @Nullable Message read() throws IOException {
      Message message = readSilently();
      if (message == null) {
        return null;
      }
      if (ackWindow > 0 && --untilAck == 0) {
        untilAck = ackWindow;
        send(ClientWire.message(2));
      }
      ByteBuffer body = message.body();
      if (message.type() == 3) {
        ackWindow = body.getInt(4);
        untilAck = ackWindow;
        send(ClientWire.message(1, ClientWire.int32(body.getInt(0))));
      } else if (message.type() == 4) {
        byte[] pong = new byte[12];
        body.get(0, pong);
        send(ClientWire.message(3, pong));
      }
      return message;
    }

    /** Reads the next message as a client that answers nothing; null at the connection's end. */
    public @Nullable Message readSilently() throws IOException {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      byte[] header = new byte[6];
      header[0] = (byte) first;
      in.readFully(header, 1, 5);
      ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
      int type = head.getShort() & 0xFFFF;
      byte[] bytes = new byte[head.getInt()];
      in.readFully(bytes);
      return new Message(type, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Bounds how long {@link #read} waits, in milliseconds. */
    public void timeout(int millis) throws IOException {
      socket.setSoTimeout(millis);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private final List<Channel> channels = new ArrayList<>();
  private final Framebuffer screen = new Framebuffer();
  private final AtomicInteger motionAcks = new AtomicInteger();
  private final int sessionId;
  private final Channel inputs;
  private volatile @Nullable String ended;
  private volatile boolean closing;

  /**
   * Opens a session.
   *
   * @param displayCaps the capabilities of its display
   */
  public SpiceDriver(int port, String password, int displayCaps) throws IOException {
    Channel main = add(Channel.open(port, 0, ClientWire.MAIN, 0, password));
    sessionId = expect(main, 103).getInt();
    main.send(ClientWire.message(104));
    ByteBuffer list = expect(main, 104);
    if (list.getInt() != 3) {
      throw new IllegalStateException("not three channels");
    }
    follow(main);
    Channel display = add(Channel.open(port, sessionId, ClientWire.DISPLAY, displayCaps, password));
    display.send(ClientWire.displayInit());
    follow(display);
    inputs = add(Channel.open(port, sessionId, ClientWire.INPUTS, 0, password));
    follow(inputs);
    follow(add(Channel.open(port, sessionId, ClientWire.CURSOR, 0, password)));
  }

  private Channel add(Channel channel) {
    channels.add(channel);
    return channel;
  }

  private static ByteBuffer expect(Channel channel, int type) throws IOException {
    while (true) {
      Channel.Message message = channel.read();
      if (message == null) {
        throw new EOFException("the end instead of message " + type);
      }
      if (message.type() == type) {
        return message.body();
      }
    }
  }

  private void follow(Channel channel) {
    int index = channels.indexOf(channel);
    Thread.ofVirtual()
        .start(() -> {
          try {
            for (Channel.Message next = channel.read(); next != null; next = channel.read()) {
              take(index, next);
            }
            end("channel " + (index + 1) + " has ended");
          } catch (IOException | RuntimeException e) {
            end("channel " + (index + 1) + ": " + e);
          }
        });
  }

  private void take(int index, Channel.Message message) {
    if (index == 1) {
      screen.apply(message.type(), message.body());
    } else if (index == 2 && message.type() == 111) {
      motionAcks.incrementAndGet();
    }
  }

  private void end(String why) {
    if (!closing && ended == null) {
      ended = why;
    }
  }

  /** Returns why the session has ended without {@link #close}; null if it goes on. */
  public @Nullable String ended() {
    return ended;
  }

  public int sessionId() {
    return sessionId;
  }

  /** Returns what the client shows. */
  public Framebuffer screen() {
    return screen;
  }

  /** Returns how many acknowledgements of motions have come. */
  public int motionAcks() {
    return motionAcks.get();
  }

  /** Sends these bytes on the inputs channel. */
  public void input(byte[] bytes) {
    try {
      inputs.send(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    closing = true;
    for (Channel each : channels.reversed()) {
      each.close();
    }
  }
}
