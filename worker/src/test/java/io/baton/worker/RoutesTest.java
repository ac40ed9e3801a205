package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.config.Settings;
import io.baton.service.Endpoint;
import io.baton.service.Service;
import io.baton.worker.codec.Codec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RoutesTest {
  private static final Map<String, Codec<?, ?>> CODECS =
      Map.of(
          "raw", new RawCodec(),
          "http", new HttpCodec(new Settings.Http(1, 1, 1), InstantSource.system()));

  private static Settings.Listener listener(String codec) {
    return new Settings.Listener(
        "web",
        new Endpoint.Unix(Path.of("/x")),
        codec,
        "hello",
        List.of(),
        new Settings.ListenerOptions(
            Settings.PlacementKind.LEAST_LOAD,
            1,
            false,
            0,
            Settings.LaneKind.LOOP,
            new Settings.Limits(0, 0, 300_000),
            new Settings.Window(0, 1_048_576),
            65_536,
            new Settings.Timeouts(-1, 30_000, 60_000, -1, 60_000)));
  }

  private static <I, O> Map<String, Offer<?, ?>> offer(Class<I> in, Class<O> out) {
    Service<I, O> service = (_, _) -> {};
    return Map.of("hello", new Offer<>("examples", "hello", in, out, () -> service));
  }

  private static void assertRefused(String codec, Map<String, Offer<?, ?>> offers, String... said) {
    assertThatExceptionOfType(BootException.class)
        .isThrownBy(() -> Routes.resolve(List.of(listener(codec)), CODECS, offers))
        .satisfies(e -> assertThat(e.line()).contains(said));
  }

  @Test
  void theSameTypesFit() throws Exception {
    assertThat(
            Routes.resolve(List.of(listener("raw")), CODECS, offer(ByteBuf.class, ByteBuf.class)))
        .singleElement()
        .extracting("listener")
        .isEqualTo("web");
  }

  @Test
  void aServiceMayReceiveMoreAndSendLess() throws Exception {
    assertThat(
            Routes.resolve(
                List.of(listener("http")),
                CODECS,
                offer(HttpRequest.class, FullHttpResponse.class)))
        .hasSize(1);
  }

  @Test
  void typesThatDoNotFitAreRefusedByName() {
    assertRefused(
        "raw",
        offer(FullHttpRequest.class, ByteBuf.class),
        "listener web",
        "codec raw",
        "service hello of module examples",
        FullHttpRequest.class.getName(),
        ByteBuf.class.getName());
  }

  @Test
  void whatIsUnknownIsRefusedWithWhatIsKnown() {
    assertRefused("htpp", Map.of(), "listener web: unknown codec htpp; known: http, raw");
    assertRefused("raw", Map.of(), "listener web: unknown service hello; known: none");
  }
}
