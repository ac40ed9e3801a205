package io.baton.worker.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.delivery.TopicSession;
import io.baton.worker.delivery.WorkerTopics;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.tls.TlsConnections;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.Subscribed;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that comes to a worker which is leaving itself, or from another machine. */
@ExtendWith(NoLeaks.class)
class ArrivingSessionTest {

  @Test
  void whatIsOnItsWayToTheClientComesBeforeTheGoodbye() throws Exception {
    EmbeddedChannel channel = SessionHarness.channel(fresh -> resume(fresh, "half a frame"));
    channel.register();

    String goodbye = "\u0088\u0002\u0003\u00f4"; // a close frame, 1012
    assertThat(SessionHarness.out(channel))
        .isEqualTo("half a frame" + "\u0081\u0004back" + goodbye);
    var _ = channel.finishAndReleaseAll();
  }

  @Test
  void aSessionOfAnotherMachineKeepsItsNumberAndHearsNothingBeforeItStarts() throws Exception {
    EmbeddedChannel home = new EmbeddedChannel();
    WorkerContext context = SessionHarness.context(home.eventLoop(), new WorkerCounters());
    EmbeddedChannel channel = unregistered();
    List<String> heard = new ArrayList<>();
    var _ = resume(channel, context, ofOtherMachine(77, context), () -> new Hearing(heard));
    publish(context, home, "too early");
    assertThat(heard).containsExactly("resumed 77");

    channel.register();
    publish(context, home, "hello");
    assertThat(heard).containsExactly("resumed 77", "missed room -1", "hello");
    var _ = channel.finishAndReleaseAll();
  }

  /** As when another connection of its client has brought it here in the meantime. */
  @Test
  void aCopyThatDoesNotStartLeavesTheTopicsOfTheSessionAlone() throws Exception {
    EmbeddedChannel home = new EmbeddedChannel();
    WorkerContext context = SessionHarness.context(home.eventLoop(), new WorkerCounters());
    EmbeddedChannel channel = unregistered();
    List<String> heard = new ArrayList<>();
    var _ = resume(channel, context, ofOtherMachine(77, context), () -> new Hearing(heard));
    channel.register();
    List<String> heardByCopy = new ArrayList<>();
    SavedSession same = ofOtherMachine(77, context);
    resume(unregistered(), context, same, () -> new Hearing(heardByCopy)).abandon();
    publish(context, home, "hello");
    assertThat(heard).endsWith("hello");
    assertThat(heardByCopy).containsExactly("resumed 77");
    var _ = channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aConnectionForWhichASessionHasComeFromAnotherMachineDoesNotMove(boolean onOtherMachines)
      throws Exception {
    EmbeddedChannel channel = unregistered();
    WorkerContext context =
        SessionHarness.context(new EmbeddedChannel().eventLoop(), new WorkerCounters());
    SavedSession connection =
        SavedSession.carrier("", Saved.unread("", 0, bytes("")), bytes(""), bytes(""), bytes(""));
    ConnectionOutcome opened =
        new SessionFactory(context, TlsConnections.none())
            .open(
                channel,
                TestRoutes.of("test", new LineCodec(100), Silent::new),
                SessionHarness.HANDOFF,
                connection,
                Search.UNANSWERED,
                onOtherMachines);
    channel.register();
    assertThat(((ClientSession) opened).mayMove()).isEqualTo(!onOtherMachines);
    var _ = channel.finishAndReleaseAll();
  }

  /** Says nothing. */
  private static final class Silent implements Service<String, String> {
    @Override
    public void received(Session<String> session, String message) {}
  }

  private static EmbeddedChannel unregistered() {
    return SessionHarness.channel(_ -> {});
  }

  private static void publish(WorkerContext context, EmbeddedChannel home, String text) {
    var _ = context.topics().publisher().publish("room", text.getBytes(US_ASCII));
    home.runPendingTasks();
  }

  /** One that has subscribed "room". */
  private static SavedSession ofOtherMachine(long number, WorkerContext context) {
    WorkerTopics there = context.topics();
    assertThat(there.subscribe(1, new Unheard(), "room", null)).isEqualTo(Subscribed.YES);
    there.freeze(1);
    ByteBuffer topics = there.save(1);
    there.closed(1);
    return new SavedSession(
            "",
            new Saved("websocket", 1, bytes("\0"), bytes("")),
            bytes(""),
            bytes(""),
            bytes(""),
            bytes(""),
            bytes(""),
            bytes(""),
            bytes(""),
            topics,
            List.of(),
            List.of())
        .forOtherMachine(number);
  }

  private static void resume(EmbeddedChannel channel, String unsent) {
    WorkerContext context = SessionHarness.context(channel.eventLoop(), new WorkerCounters());
    context.sessions().watch(ManagedSession::goodbye, () -> {});
    SavedSession saved =
        new SavedSession(
            "", new Saved("websocket", 1, bytes("\0"), bytes("")), bytes(""), bytes(unsent));
    var _ = resume(channel, context, saved, Returning::new);
  }

  private static ConnectionOutcome resume(
      EmbeddedChannel channel,
      WorkerContext context,
      SavedSession saved,
      Supplier<Service<WebSocketFrame, WebSocketFrame>> service) {
    return new SessionFactory(context, TlsConnections.none())
        .resume(
            channel,
            TestRoutes.of("test", new WebSocketCodec(1024, false), service),
            SessionHarness.HANDOFF,
            saved,
            List.of(),
            false,
            null,
            failure -> assertThat(failure).isNull());
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A session at the other machine. */
  private static final class Unheard implements TopicSession {
    @Override
    public SessionFacts facts() {
      return new SessionFacts("", false);
    }

    @Override
    public void published(io.baton.worker.topics.Publication publication) {
      throw new AssertionError();
    }

    @Override
    public void missed(String topic, long count) {
      throw new AssertionError();
    }
  }

  /** Notes what it hears. */
  private record Hearing(List<String> heard)
      implements Service<WebSocketFrame, WebSocketFrame>, Subscriber<WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {}

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      heard.add("resumed " + session.id().value());
    }

    @Override
    public void published(Session<WebSocketFrame> session, Publication publication) {
      heard.add(new String(publication.message(), US_ASCII));
    }

    @Override
    public void missed(Session<WebSocketFrame> session, String topic, long count) {
      heard.add("missed %s %d".formatted(topic, count));
    }
  }

  /** Says something as soon as it is back. */
  private static final class Returning implements Service<WebSocketFrame, WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {}

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      session.send(new TextWebSocketFrame("back"));
    }
  }
}
