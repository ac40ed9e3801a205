package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AdminHttpTest {
  private final HttpClient client = HttpClient.newHttpClient();

  private HttpResponse<String> ask(int port, String method, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aManagerThatDoesNotAnswerIsUnhealthy() throws Exception {
    int port = freePort();
    Callable<Status> silent =
        () -> {
          throw new TimeoutException();
        };
    try (AdminHttp _ = new AdminHttp("127.0.0.1", port, silent)) {
      assertThat(ask(port, "GET", "/healthz").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void onlyReadingIsAllowedAndOnlyOfWhatIsThere() throws Exception {
    int port = freePort();
    Callable<Status> unused =
        () -> {
          throw new AssertionError("not to be asked");
        };
    try (AdminHttp _ = new AdminHttp("127.0.0.1", port, unused)) {
      HttpResponse<String> post = ask(port, "POST", "/status");
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");
      assertThat(ask(port, "GET", "/status/more").statusCode()).isEqualTo(404);
      assertThat(ask(port, "GET", "/none").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() ->
              new AdminHttp(
                  "127.0.0.1",
                  taken.getLocalPort(),
                  () -> {
                    throw new AssertionError("not to be asked");
                  }))
          .hasMessage(
              "the admin server cannot listen on 127.0.0.1:%d: Address already in use",
              taken.getLocalPort());
    }
  }
}
