package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.handler.codec.http.FullHttpRequest;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sessions that were saved in form 1 and are kept in {@code form-1/}: this release goes on with
 * them, and saves the same conversations in the same bytes. A file of a form that was ever released
 * is never changed. {@code -Dbaton.vectors=DIRECTORY} writes them there instead.
 */
@ExtendWith(NoLeaks.class)
final class SavedFormVectorsTest {

  /** A conversation that is cut in the middle of a message. */
  enum Vector {
    RAW("one", ""),
    LINE("one\ntw", "o\n"),
    FRAME("\0\0\0\u0003one\0\0\0\u0003t", "wo"),
    HTTP("GET /tw", "o HTTP/1.1\r\nHost: h\r\n\r\n"),
    WEBSOCKET("\u0081\u0083\0\0\0\0one" + "\u0001\u0081\0\0\0\0t", "\u0080\u0082\0\0\0\0wo");

    final String before;
    final String after;

    Vector(String before, String after) {
      this.before = before;
      this.after = after;
    }

    Codec<?, ?> codec() {
      return switch (this) {
        case RAW -> new RawCodec();
        case LINE -> new LineCodec(100);
        case FRAME -> new FrameCodec(100);
        case HTTP ->
            new HttpCodec(
                SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 64"),
                InstantSource.system());
        case WEBSOCKET -> new WebSocketCodec(100, false);
      };
    }

    String file() {
      return "form-1/" + name().toLowerCase(Locale.ROOT) + ".bin";
    }
  }

  /** Remembers what it has received; its memory is what it saves. */
  private static final class Remembering<I, O> implements Service<I, O> {
    private String heard = "";

    @Override
    public void received(Session<O> session, I message) {
      heard += "<" + text(message) + ">";
      if (message instanceof FullHttpRequest) {
        session.close(CloseReason.SERVICE);
      }
    }

    private static String text(Object message) {
      return switch (message) {
        case FullHttpRequest request -> request.uri();
        case ByteBufHolder holder -> holder.content().toString(StandardCharsets.ISO_8859_1);
        case ByteBuf bytes -> bytes.toString(StandardCharsets.ISO_8859_1);
        default -> message.toString();
      };
    }

    @Override
    public byte[] save(Session<O> session) {
      return heard.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void resumed(Session<O> session, byte[] saved) {
      heard = new String(saved, StandardCharsets.ISO_8859_1);
    }
  }

  private static <I, O> byte[] saved(Vector vector, Codec<I, O> codec) {
    Route<I, O> route = TestRoutes.of("test", codec, Remembering<I, O>::new);
    try (SessionHarness<I, O> harness = new SessionHarness<>(route).open()) {
      harness.client(vector.before);
      ByteBuffer bytes = harness.give().orElseThrow();
      byte[] all = new byte[bytes.remaining()];
      bytes.get(all);
      return all;
    }
  }

  private static byte[] file(Vector vector) throws Exception {
    try (InputStream file = SavedFormVectorsTest.class.getResourceAsStream(vector.file())) {
      return Objects.requireNonNull(file, vector.file()).readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theConversationIsSavedInTheSameBytesAsInForm1(Vector vector) throws Exception {
    byte[] now = saved(vector, vector.codec());
    String directory = System.getProperty("baton.vectors");
    if (directory != null) {
      Path file = Path.of(directory).resolve(vector.file());
      Files.createDirectories(file.getParent());
      Files.write(file, now);
      return;
    }
    assertThat(HexFormat.of().formatHex(now)).isEqualTo(HexFormat.of().formatHex(file(vector)));
  }

  @ParameterizedTest
  @EnumSource
  void aSessionOfForm1GoesOn(Vector vector) throws Exception {
    assertThat(goesOn(vector, vector.codec())).isEqualTo(expected(vector));
  }

  private static String expected(Vector vector) {
    return switch (vector) {
      case RAW -> "<one>";
      case HTTP -> "</two>";
      case LINE, FRAME, WEBSOCKET -> "<one><two>";
    };
  }

  private static <I, O> String goesOn(Vector vector, Codec<I, O> codec) throws Exception {
    Remembering<I, O> service = new Remembering<>();
    Route<I, O> route = TestRoutes.of("test", codec, () -> service);
    try (SessionHarness<I, O> harness = new SessionHarness<>(route)) {
      harness.resume(ByteBuffer.wrap(file(vector))).client(vector.after);
    }
    return service.heard;
  }

  @Test
  void eachFileBeginsWithItsForm() throws Exception {
    for (Vector vector : Vector.values()) {
      assertThat(file(vector)).as(vector.file()).startsWith(1);
    }
  }
}
