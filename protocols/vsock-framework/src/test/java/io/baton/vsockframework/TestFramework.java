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
import java.util.HexFormat;
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

  /** Returns all that one side sent in the conversation that was recorded with the original. */
  static byte[] original(boolean ofClient) throws IOException {
    String side = ofClient ? "client " : "server ";
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (InputStream in =
        Objects.requireNonNull(
            TestFramework.class.getResourceAsStream("/io/baton/vsockframework/original.txt"))) {
      new String(in.readAllBytes(), US_ASCII)
          .lines()
          .filter(line -> line.startsWith(side))
          .forEach(line -> all.writeBytes(HexFormat.of().parseHex(line.substring(side.length()))));
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
