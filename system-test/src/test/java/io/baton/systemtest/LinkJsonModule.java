package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.json.JsonTypes;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Authentication;
import io.baton.service.Authenticator;
import io.baton.service.Module;
import io.baton.service.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Services of Link whose messages are JSON: {@code asks} is that of {@link LinkAsksModule}, {@code
 * denying} opens no session. Authenticators that ask for nothing: each client is the principal
 * {@code anyone}, is {@code unknown}, is to come {@code later}, or meets a {@code failing} one.
 */
public final class LinkJsonModule implements Module {

  @Override
  public String name() {
    return "link-json";
  }

  @Override
  public void start(Context context) throws IOException {
    Path journal;
    try (InputStream in =
        Objects.requireNonNull(
            LinkJsonModule.class.getResourceAsStream("/" + LinkAsksModule.JOURNAL))) {
      journal = Path.of(new String(in.readAllBytes(), UTF_8));
    }
    add(context, "asks", () -> new LinkAsksModule.Asks(journal));
    add(context, "denying", () -> new Denying(journal));
    add(context, "anyone", new Authentication.Accepted(new Principal("anyone", Map.of())));
    add(context, "unknown", new Authentication.Unauthenticated("a name"));
    add(context, "later", new Authentication.Unavailable(Duration.ofSeconds(1)));
    context.authenticator(
        "failing",
        _ -> {
          throw new IllegalStateException("this authenticator always fails");
        });
  }

  private static void add(
      Context context, String name, Supplier<LinkHandler<LinkWords, LinkWords>> handler) {
    Types<LinkWords> types = JsonTypes.of(LinkWords.class);
    context.service(name, LinkInput.class, LinkOutput.class, LinkService.of(types, types, handler));
  }

  private static void add(Context context, String name, Authentication always) {
    Authenticator its = _ -> always;
    context.authenticator(name, its);
  }

  /** Opens no session. */
  private static final class Denying extends LinkAsksModule.Asks {
    Denying(Path journal) {
      super(journal);
    }

    @Override
    public boolean opened(LinkSession<LinkWords, LinkWords> session) {
      return false;
    }
  }
}
