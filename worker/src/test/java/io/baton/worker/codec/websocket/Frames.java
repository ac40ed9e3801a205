package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/** A WebSocket client's bytes, written by other code than what reads them. */
final class Frames {
  static final int FIN = 0x80;
  static final int RSV1 = 0x40;

  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** What the others make. */
  static byte[] of(Frames... all) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Frames each : all) {
      bytes.writeBytes(each.bytes.toByteArray());
    }
    return bytes.toByteArray();
  }

  static Frames joined(Frames... all) {
    Frames frames = new Frames();
    frames.bytes.writeBytes(of(all));
    return frames;
  }

  static Frames text(String text) {
    return frame(FIN | 1, text.getBytes(UTF_8));
  }

  static Frames binary(byte[] content) {
    return frame(FIN | 2, content);
  }

  /** Of a text: its first fragment. */
  static Frames begin(String text) {
    return frame(1, text.getBytes(UTF_8));
  }

  static Frames more(String text) {
    return frame(0, text.getBytes(UTF_8));
  }

  static Frames end(String text) {
    return frame(FIN, text.getBytes(UTF_8));
  }

  static Frames ping(String content) {
    return frame(FIN | 9, content.getBytes(UTF_8));
  }

  static Frames pong(String content) {
    return frame(FIN | 10, content.getBytes(UTF_8));
  }

  static Frames close(int code, String reason) {
    byte[] text = reason.getBytes(UTF_8);
    return frame(
        FIN | 8, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  /** A masked frame with any first byte. */
  static Frames frame(int first, byte[] payload) {
    Frames frame = new Frames();
    frame.header(first, payload.length, true);
    for (int i = 0; i < payload.length; i++) {
      frame.bytes.write(payload[i] ^ MASK[i % 4]);
    }
    return frame;
  }

  static Frames frame(int first, String payload) {
    return frame(first, payload.getBytes(ISO_8859_1));
  }

  static Frames unmasked(int first, String payload) {
    Frames frame = new Frames();
    frame.header(first, payload.length(), false);
    frame.bytes.writeBytes(payload.getBytes(ISO_8859_1));
    return frame;
  }

  /** A header that promises so much, without it. */
  static Frames promise(int first, long length) {
    Frames frame = new Frames();
    frame.header(first, length, true);
    return frame;
  }

  /** The same with the length in so many bytes, 2 or 8, whether it needs them or not. */
  static Frames promiseIn(int lengthBytes, int first, int length) {
    Frames frame = new Frames();
    frame.bytes.write(first);
    frame.bytes.write(0x80 | (lengthBytes == 2 ? 126 : 127));
    byte[] big = ByteBuffer.allocate(8).putLong(length).array();
    frame.bytes.write(big, big.length - lengthBytes, lengthBytes);
    frame.bytes.writeBytes(MASK);
    return frame;
  }

  static Frames raw(String bytes) {
    Frames frame = new Frames();
    frame.bytes.writeBytes(bytes.getBytes(ISO_8859_1));
    return frame;
  }

  /** What a server sends: one character a byte, as an outcome's output. */
  static String server(int first, String payload) {
    return unmasked(first, payload).bytes.toString(ISO_8859_1);
  }

  static String serverClose(int code) {
    return server(FIN | 8, "" + (char) (code >> 8) + (char) (code & 0xFF));
  }

  /** As a permessage-deflate client packs: the flush's tail cut off. */
  static byte[] packed(byte[] content) {
    try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
      deflater.setInput(content);
      byte[] out = new byte[content.length + content.length / 256 + 64];
      int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
      return Arrays.copyOf(out, n - 4);
    }
  }

  private void header(int first, long length, boolean masked) {
    int mask = masked ? 0x80 : 0;
    bytes.write(first);
    if (length >= 0 && length < 126) {
      bytes.write(mask | (int) length);
    } else if (length >= 0 && length < 65_536) {
      bytes.write(mask | 126);
      bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
    } else {
      bytes.write(mask | 127);
      bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
    }
    if (masked) {
      bytes.writeBytes(MASK);
    }
  }
}
