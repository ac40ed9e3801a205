package io.baton.vsockframework;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.vsockframework.example.MeasuredTexts;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import io.baton.vsockframework.example.Texts;
import io.baton.worker.codec.CutAnywhere.Answering;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/** The framework with the original's types and a clock that stands still, and its bytes. */
final class TestFramework {
  static final int MAX_MESSAGE = 200;
  static final long NOW = 0x1122334455667788L;
  static final int CLOCK = 3;
  static final MessageTypes TYPES =
      MessageTypes.of(Map.of(0, Text.class, 1, Texts.class, 2, MeasuredTexts.class, 4, Talk.class));
  static final VsockFrameworkSettings SETTINGS =
      new VsockFrameworkSettings(20, MAX_MESSAGE, OptionalInt.of(CLOCK), TYPES);
  static final FrameFormat FORMAT = new FrameFormat(20, MAX_MESSAGE, OptionalInt.of(CLOCK));
  static final VsockFrameworkCodec CODEC = new VsockFrameworkCodec(SETTINGS, () -> NOW);

  /** Sends back what it gets. */
  static final Answering ECHO =
      (message, send) -> {
        FrameworkMessage its = (FrameworkMessage) message;
        send.accept(new FrameworkMessage(its.type(), its.body()));
        return hex(its);
      };

  /** Sends nothing: answers of the clock do not wait for those of a service. */
  static final Answering SILENT = (message, send) -> hex((FrameworkMessage) message);

  private TestFramework() {}

  /** What one side wrote or read in one call. */
  record Piece(boolean ofClient, byte[] bytes) {}

  /** Returns the conversation that was recorded with the original. */
  static List<Piece> original() throws IOException {
    List<Piece> pieces = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(
            TestFramework.class.getResourceAsStream("/io/baton/vsockframework/original.txt"))) {
      new String(in.readAllBytes(), US_ASCII)
          .lines()
          .forEach(line -> {
            String[] words = line.split(" ", 2);
            pieces.add(new Piece(words[0].equals("client"), HexFormat.of().parseHex(words[1])));
          });
    }
    return pieces;
  }

  /** Returns all that one side sent. */
  static byte[] original(boolean ofClient) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Piece each : original()) {
      if (each.ofClient == ofClient) {
        all.writeBytes(each.bytes);
      }
    }
    return all.toByteArray();
  }

  private static String hex(FrameworkMessage message) {
    return message.type() + " " + ByteBufUtil.hexDump(message.content());
  }

  static byte[] frame(int type, byte[] body) {
    return ByteBufUtil.getBytes(FORMAT.frame(type, Unpooled.wrappedBuffer(body)));
  }

  static byte[] frame(Record message) {
    FrameworkMessage its = TYPES.write(message, MAX_MESSAGE);
    return frame(its.type(), its.body());
  }

  /** A head and its SMALL bytes, which are zeros. */
  static byte[] head(int type, int length) {
    return ByteBufUtil.getBytes(
        Unpooled.buffer().writeIntLE(type).writeIntLE(length).writeZero(20));
  }

  static byte[] question() {
    return ByteBufUtil.getBytes(FORMAT.clock(0, 0));
  }

  static byte[] answer() {
    return ByteBufUtil.getBytes(FORMAT.clock(NOW, NOW));
  }

  static byte[] all(byte[]... pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : pieces) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }
}
