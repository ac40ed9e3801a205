package io.baton.worker.codec.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.codec.UnderWay;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.Detail;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import io.baton.worker.NoLeaks;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.SessionLookup;
import io.baton.worker.session.TestRoutes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator sees of a session of Link. */
@ExtendWith(NoLeaks.class)
final class LinkDetailsTest {
  private final SessionHarness<LinkInput, LinkOutput> server = new SessionHarness<>(route()).open();
  private final CoreClient client = new CoreClient("chat");

  /** Answers nothing and reads no stream. */
  private static final class Silent implements Service<LinkInput, LinkOutput> {
    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {}
  }

  private static Route<LinkInput, LinkOutput> route() {
    LinkServices.Named named =
        new LinkServices.Named("chat", Silent::new, List.of(), List.of(), Optional.empty());
    LinkServices services =
        new LinkServices(Map.of("chat", named), Limits.DEFAULT, new AuthenticationCounters());
    return new Route<>(
        "link",
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        TestRoutes.OPTIONS);
  }

  @AfterEach
  void close() {
    server.close();
  }

  /** Carries bytes to and fro until neither side has any. */
  private void talk() {
    byte[] bytes = client.sends();
    while (bytes.length > 0) {
      server.client(bytes);
      client.hears(server.out().getBytes(ISO_8859_1));
      bytes = client.sends();
    }
  }

  private ManagedSession session() {
    return server.context().sessions().all().getFirst();
  }

  private SessionDescription description() {
    ByteBuffer id = ByteBuffer.wrap(client.core().identity().id());
    SessionKey key = new SessionKey(id.getLong(), id.getLong());
    return Objects.requireNonNull(
        new SessionLookup(server.context().sessions(), server.context().keyed())
            .describe(new DescribeSession(1, key)));
  }

  @Test
  void streamsChannelsAndAsksAreUnderWayUntilTheyEnd() {
    talk();
    assertThat(session().underWay()).isEqualTo(UnderWay.NONE);
    int types = client.core().define(ByteBuffer.wrap("any".getBytes(US_ASCII)));
    long ask = client.core().ask(0, types, ByteBuffer.allocate(1));
    int stream = client.core().streams().open("upload.bin", -1);
    client.core().openMessages("news");
    talk();
    assertThat(session().underWay()).isEqualTo(new UnderWay(2, 1));
    assertThat(description().details())
        .containsExactly(
            new Detail("asks", "1 of the client, 0 of the service"),
            new Detail("resumes", "0 attempts of the client"),
            new Detail("stream " + stream, "incoming, 0 bytes, upload.bin"),
            new Detail("channel " + (stream + 2), "incoming, 7 bytes, news"));
    client.core().cancel(0, ask);
    client.core().streams().end(stream + 2, LinkCode.DONE.number());
    talk();
    assertThat(session().underWay()).isEqualTo(new UnderWay(1, 0));
    assertThat(description().service()).isEqualTo("chat");
  }
}
