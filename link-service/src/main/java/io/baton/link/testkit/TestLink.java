package io.baton.link.testkit;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.Refusal;
import io.baton.link.core.ServerHandshake;
import io.baton.link.service.SessionDriver;
import io.baton.link.service.TopicMessages;
import io.baton.link.types.Types;
import io.baton.service.Principal;
import io.baton.service.testkit.TestTopics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A client and a service with one session between them, over the real protocol but without sockets
 * and threads; the test is the network and the clock:
 *
 * <pre>{@code
 * var link = TestLink.ofService(Types.of(Question.class), Types.of(Answer.class), Oracle::new);
 * link.open();
 * link.client().send(new Question("why?"));
 * link.lose();
 * link.back();
 * assertThat(link.takeReceivedByClient()).containsExactly(new Answer("because"));
 * }</pre>
 *
 * <p><b>Time</b> stands still until {@link #advance}. <b>Bytes</b> travel, and callbacks run, when
 * a method of this object is called, until nothing is left to do; a test calls {@link #run} after
 * it has used a session itself.
 *
 * <p><b>Errors.</b> If a callback throws, its session is closed as it would be elsewhere, and the
 * same exception comes out of the method of this object that led to it. A {@code send} that would
 * wait for ever throws {@link IllegalStateException}.
 *
 * <p><b>Threading.</b> One thread uses all of it; callbacks run in that thread. Only files of
 * streams, and inputs that are sent, are read and written by others: {@link #await}.
 *
 * @param <I> what the service receives and the client sends
 * @param <O> what the service sends and the client receives
 */
public final class TestLink<I, O> {
  /** The grace unless a test sets another. */
  public static final Duration GRACE = Duration.ofMinutes(1);

  private static final Duration GRANT = Duration.ofMillis(200);
  private static final long NEVER = Long.MAX_VALUE;

  /** How long {@link #await} waits for other threads, and how often it looks for their work. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofMillis(1);

  private final TypedMessages<O, I> clientMessages;
  private final TypedMessages<I, O> serviceMessages;
  private final TopicMessages<I> sentByClient;
  private final TopicMessages<O> sentByService;
  private final LinkHandler<O, I> clientHandler;
  private final Supplier<? extends LinkHandler<I, O>> services;
  private final Random random = new Random(1);
  private final ByteBuffer wire = ByteBuffer.allocate(8_192);

  private Duration grace = GRACE;
  private Limits limits = Limits.DEFAULT;
  private TestTopics topics = new TestTopics();
  private @Nullable Principal principal;
  private @Nullable TestMember member;
  private final TestTime time = new TestTime();
  private Duration lostAt = Duration.ZERO;
  private boolean isConnected;
  private long cutAfterBytes = NEVER;
  private @Nullable LinkCode refusal;
  private @Nullable TestSide<O, I> client;
  private @Nullable TestSide<I, O> service;

  private TestLink(
      Types<I> toService,
      Types<O> toClient,
      LinkHandler<O, I> client,
      Supplier<? extends LinkHandler<I, O>> services) {
    this.clientMessages = new TypedMessages<>(toClient, toService);
    this.serviceMessages = new TypedMessages<>(toService, toClient);
    this.sentByClient = new TopicMessages<>(toService);
    this.sentByService = new TopicMessages<>(toClient);
    this.clientHandler = client;
    this.services = services;
  }

  /** Tests a service; the test speaks for the client. */
  public static <I, O> TestLink<I, O> ofService(
      Types<I> in, Types<O> out, Supplier<? extends LinkHandler<I, O>> service) {
    return new TestLink<>(in, out, (session, message) -> {}, service);
  }

  /** Tests a client; the test speaks for the service. */
  public static <I, O> TestLink<O, I> ofClient(
      Types<I> in, Types<O> out, LinkHandler<I, O> client) {
    return new TestLink<>(out, in, client, () -> (session, message) -> {});
  }

  /** Tests both sides with each other. */
  public static <I, O> TestLink<I, O> between(
      Types<I> toService,
      Types<O> toClient,
      LinkHandler<O, I> client,
      Supplier<? extends LinkHandler<I, O>> service) {
    return new TestLink<>(toService, toClient, client, service);
  }

  // ---- before it opens ----

  /** Sets how long both sides wait while the connection is lost. */
  public TestLink<I, O> grace(Duration longest) {
    grace = longest;
    return this;
  }

  /** Sets the window of both sides, in bytes. */
  public TestLink<I, O> window(int bytes) {
    limits = new Limits(bytes, limits.maxMessage(), limits.credit(), limits.maxQueued());
    return this;
  }

  /** Sets the length of the longest message that either side takes, in bytes. */
  public TestLink<I, O> maxMessage(int bytes) {
    limits = new Limits(limits.window(), bytes, limits.credit(), limits.maxQueued());
    return this;
  }

  /**
   * Sets the topics that the service subscribes to; without this, those of this session alone.
   * Several links that are given the same topics are sessions of one module:
   *
   * <pre>{@code
   * var topics = new TestTopics();
   * var rooms = LinkTopics.of(topics, TALK);
   * var alice = TestLink.ofService(TALK, TALK, () -> new Room(rooms)).topics(topics);
   * var bob = TestLink.ofService(TALK, TALK, () -> new Room(rooms)).topics(topics);
   * }</pre>
   *
   * What is published waits for each of them until a method of it is called.
   */
  public TestLink<I, O> topics(TestTopics of) {
    topics = of;
    return this;
  }

  /** Sets who the service's client is, by the word of an authenticator; without this, nobody. */
  public TestLink<I, O> principal(Principal known) {
    principal = known;
    return this;
  }

  // ---- what happens ----

  /**
   * Opens the session.
   *
   * @return false if it was refused, by {@link #refuse} or by the service's {@code opened}
   */
  public boolean open() {
    if (client != null) {
      throw new IllegalStateException("a session is opened once; make another TestLink");
    }
    ClientHandshake asking = ClientHandshake.open("test", null, new byte[0], limits, random);
    ServerHandshake answering = new ServerHandshake(limits, random);
    if (!shakeHands(asking, answering, null)) {
      return false;
    }
    member = new TestMember(topics, principal);
    TestSide<I, O> accepting =
        newService(owner -> SessionDriver.begin(answering.core(), owner, time::nanos));
    TestSide<O, I> opening =
        new TestSide<>(
            "client",
            clientMessages,
            sentByClient,
            clientHandler,
            null,
            time,
            owner -> SessionDriver.begin(asking.core(), owner, time::nanos),
            this::turn);
    service = accepting;
    client = opening;
    isConnected = true;
    accepting.open();
    opening.open();
    run();
    return opening.ending() == null;
  }

  private TestSide<I, O> newService(Function<SessionDriver.Owner, SessionDriver> driver) {
    return new TestSide<>(
        "service",
        serviceMessages,
        sentByService,
        services.get(),
        existing(member).session(),
        time,
        driver,
        this::turn);
  }

  /** Cuts the connection, with whatever is on its way. */
  public void lose() {
    lose(0);
  }

  /** Cuts the connection once so many more bytes, of both directions together, have arrived. */
  public void lose(long afterBytes) {
    if (!isConnected) {
      throw new IllegalStateException("there is no connection to lose");
    }
    cutAfterBytes = afterBytes;
    if (afterBytes == 0) {
      cut();
    }
    run();
  }

  /**
   * Lets the client come back.
   *
   * @return false if it was refused; if the refusal is final, the client's session has ended
   */
  public boolean back() {
    TestSide<O, I> returning = existing(client);
    TestSide<I, O> waiting = existing(service);
    if (isConnected || returning.ending() != null) {
      throw new IllegalStateException("the client is not away");
    }
    ClientHandshake asking = ClientHandshake.resume(returning.core(), null, new byte[0], random);
    if (!shakeHands(asking, new ServerHandshake(limits, random), waiting.core())) {
      Refusal said = asking.refusal();
      if (new Refusal(said.code(), 0, said.text(), true).ends()) { // There is no token to prove it.
        returning.end(new Ending(said.code().number(), said.text(), true));
      }
      run();
      return false;
    }
    isConnected = true;
    existing(member).away(false);
    waiting.back();
    returning.back();
    run();
    return true;
  }

  /**
   * Moves the service's side to another worker: saves it, and goes on with what the factory makes
   * next. The client notices nothing. The old handler and its session are not used any more.
   *
   * @return what {@link LinkHandler#save} returned
   * @throws IllegalStateException if the session cannot move: the client waits for an answer, or a
   *     stream is bound to an object of the service
   */
  public byte[] move() {
    run();
    TestSide<I, O> old = existing(service);
    if (old.ending() != null) {
      throw new IllegalStateException("the service's session has ended and cannot move");
    }
    byte[] saved = old.leave();
    byte[] state = old.state();
    TestSide<I, O> next = newService(owner -> SessionDriver.restore(state, owner, time::nanos));
    service = next;
    next.resume(saved.clone());
    run();
    return saved;
  }

  /** Tells the service that its worker is about to end; the session stays as it is. */
  public void drain() {
    run();
    existing(service).drain();
    run();
  }

  /** Has the server refuse the next {@link #open} or {@link #back} with this code. */
  public void refuse(LinkCode code) {
    refusal = code;
  }

  /** Lets time pass. A session whose grace is over by then is lost, on both sides. */
  public void advance(Duration longer) {
    if (longer.isNegative()) {
      throw new IllegalArgumentException("time goes forward only, not by " + longer);
    }
    long until = time.nanos() + longer.toNanos();
    for (OptionalLong next = next(); next.orElse(until + 1) <= until; next = next()) {
      time.set(Math.max(time.nanos(), next.getAsLong()));
      time.runDue();
      if (isConnected) {
        existing(client).driver().ping();
        existing(service).driver().ping();
      }
      run();
    }
    time.set(until);
    if (isConnected && longer.compareTo(GRANT) >= 0) {
      existing(client).core().grantAll();
      existing(service).core().grantAll();
    }
    if (!isConnected && client != null && time.now().minus(lostAt).compareTo(grace) >= 0) {
      Ending over = new Ending(Ending.UNTOLD, "no connection within " + grace, true);
      existing(client).end(over);
      existing(service).end(over);
    }
    run();
  }

  /** Returns when something is due next. */
  private OptionalLong next() {
    LongStream all = time.next().stream();
    if (isConnected && client != null && service != null) {
      all = LongStream.concat(all, client.driver().nextPing().stream());
      all = LongStream.concat(all, service.driver().nextPing().stream());
    }
    return all.min();
  }

  /**
   * Lets bytes travel and callbacks run until the future has ended: for streams, whose files other
   * threads write and read. Waits for these threads up to 10 seconds.
   *
   * @return what the future has ended with
   * @throws java.util.concurrent.ExecutionException if it has failed
   * @throws IllegalStateException if it does not end
   */
  public <T> T await(Future<T> future) throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    run();
    while (!future.isDone()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the future has not ended within " + PATIENCE);
      }
      existing(client).awaitWork(LOOK);
      existing(service).awaitWork(LOOK);
      run();
    }
    return future.get();
  }

  /** Lets bytes travel and callbacks run until nothing is left to do. */
  public void run() {
    while (turn()) {
      // Each turn does a part.
    }
    if (client != null && service != null) {
      client.rethrow();
      service.rethrow();
    }
  }

  // ---- how it is ----

  /** Returns the client's session. */
  public LinkSession<O, I> client() {
    return existing(client).session();
  }

  /** Returns the service's session, as the handler of this moment has it. */
  public LinkSession<I, O> service() {
    return existing(service).session();
  }

  /** Returns what the client has received since this was called last. */
  public List<O> takeReceivedByClient() {
    run();
    return existing(client).takeReceived();
  }

  /** Returns what the service has received since this was called last, or since it moved. */
  public List<I> takeReceivedByService() {
    run();
    return existing(service).takeReceived();
  }

  /** Returns how the client's session has ended; empty if it has not. */
  public Optional<Ending> clientEnding() {
    run();
    return Optional.ofNullable(existing(client).ending());
  }

  /** Returns how the service's session has ended; empty if it has not. */
  public Optional<Ending> serviceEnding() {
    run();
    return Optional.ofNullable(existing(service).ending());
  }

  // ---- inside ----

  private static <T> T existing(@Nullable T side) {
    return Objects.requireNonNull(side, "the session is not open: call open() first");
  }

  private boolean turn() {
    TestSide<O, I> one = client;
    TestSide<I, O> other = service;
    if (one == null || other == null) {
      return false;
    }
    boolean did = carry(one.core(), other::read);
    did |= carry(other.core(), one::read);
    did |= existing(member).giveTo(other);
    did |= one.run();
    did |= other.run();
    return did;
  }

  private interface Reading {
    void read(ByteBuffer bytes);
  }

  private boolean carry(LinkCore from, Reading to) {
    if (!isConnected || from.write(wire.clear()) == 0) {
      return false;
    }
    wire.flip();
    wire.limit((int) Math.min(wire.limit(), cutAfterBytes));
    cutAfterBytes = cutAfterBytes == NEVER ? NEVER : cutAfterBytes - wire.limit();
    to.read(wire);
    if (cutAfterBytes == 0) {
      cut();
    }
    return true;
  }

  private void cut() {
    isConnected = false;
    cutAfterBytes = NEVER;
    lostAt = time.now();
    existing(client).lose();
    existing(service).lose();
    existing(member).away(true);
  }

  /** Returns whether the client is welcome. */
  private boolean shakeHands(
      ClientHandshake asking, ServerHandshake answering, @Nullable LinkCore known) {
    while (true) {
      while (asking.pending()) {
        asking.write(wire.clear());
        answering.read(wire.flip());
        answer(answering, known);
      }
      answering.write(wire.clear());
      switch (asking.read(wire.flip())) {
        case WAITING -> {}
        case WELCOMED -> {
          return true;
        }
        case REFUSED -> {
          return false;
        }
      }
    }
  }

  private void answer(ServerHandshake answering, @Nullable LinkCore known) {
    switch (answering.state()) {
      case ASKED -> {
        LinkCode code = refusal;
        refusal = null;
        if (code == null) {
          answering.challenge(List.of(), known);
        } else {
          answering.refuse(code, 0, "the test refuses it", List.of());
        }
      }
      case PROVEN -> {
        if (known == null) {
          byte[] id = new byte[16];
          random.nextBytes(id);
          answering.welcome(id, grace.toMillis());
        } else {
          answering.welcome(grace.toMillis());
        }
      }
      case READING, CHALLENGED, WELCOMED, ENDED -> {}
    }
  }
}
