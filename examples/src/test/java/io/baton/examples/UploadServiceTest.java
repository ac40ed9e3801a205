package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.testkit.TestSession;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class UploadServiceTest {
  private static final String ABC =
      "3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";

  private final TestSession<HttpObject, HttpObject> test = TestSession.from(UploadService::new);

  private String answer() {
    return ((FullHttpResponse) test.sent().getLast()).content().toString(StandardCharsets.US_ASCII);
  }

  @Test
  void piecesAndAWholeBodyHaveTheSameHash() {
    test.open();
    test.receive(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/upload"));
    test.receive(new DefaultHttpContent(Unpooled.copiedBuffer("ab", StandardCharsets.US_ASCII)));
    assertThat(test.sent()).isEmpty();
    test.receive(new DefaultLastHttpContent(Unpooled.copiedBuffer("c", StandardCharsets.US_ASCII)));
    assertThat(answer()).isEqualTo(ABC);

    test.receive(
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            "/upload",
            Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII)));
    assertThat(test.sent()).hasSize(2);
    assertThat(answer()).isEqualTo(ABC);
  }
}
