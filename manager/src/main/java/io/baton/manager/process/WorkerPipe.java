package io.baton.manager.process;

import io.baton.manager.fleet.Generation;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Exhausted;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.ToWorker;
import io.baton.pipe.Message.Unsaved;
import io.baton.pipe.Neighbour;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.Pipe.Received;
import io.baton.pipe.ServiceSessions;
import io.baton.posix.Fd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The pipe to one worker. All that the two say to each other goes through here, because here a
 * listener's number, by which the manager knows it, becomes its index in the worker's own
 * configuration, and the index becomes the number.
 *
 * <p>Clients that are placed in a row go out as one packet: it costs one system call at either end,
 * however many it brings. A client with a state, its session's or its connection's, has a packet
 * for itself. Other messages go out at once or, if the pipe is full, wait until it has room.
 *
 * <p>An index that the worker cannot mean is malformed and ends that worker; a number that its
 * generation does not have is our own mistake.
 */
final class WorkerPipe {
  /** Most messages that wait: they are few, and a worker that reads none of so many is hung. */
  private static final int MAX_WAITING = 64;

  /**
   * A message that waits for room.
   *
   * @param its descriptors that go along and are its own; none of most messages
   */
  private record Waiting(Message message, List<Fd> its) {}

  private final Generation generation;
  private final UnaryOperator<String> located;
  private final Pipe ours;
  private final Pipe theirs;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final List<Handoff> placed = new ArrayList<>();
  private final List<Fd> descriptors = new ArrayList<>();

  /**
   * @param generation whose indexes the worker means
   * @param located puts file and line before what the worker says of a key
   * @param ours the manager's end
   * @param theirs a duplicate of the worker's end, out of which can be taken what the worker has
   *     not received
   */
  WorkerPipe(Generation generation, UnaryOperator<String> located, Pipe ours, Pipe theirs) {
    this.generation = generation;
    this.located = located;
    this.ours = ours;
    this.theirs = theirs;
  }

  /** Returns the end that is to be watched. */
  Fd fd() {
    return ours.fd();
  }

  // ---- messages to the worker ----

  /** Sends the first message, into a pipe that is still empty. */
  void greet(Hello hello, List<Fd> descriptors) {
    ours.send(List.of(hello), descriptors);
  }

  /** Sends the message now or, if the pipe is full, as soon as there is room. */
  void tell(Message message) {
    if (message instanceof AllowMigrations) {
      // The later total is the one that counts.
      waiting.removeIf(each -> each.message instanceof AllowMigrations);
    }
    send(new Waiting(message, List.of()));
  }

  /**
   * Sends the message likewise, with its descriptors, which are closed as soon as the kernel has
   * them. If too much waits already they are closed unsent, which ends these links.
   */
  void introduce(Neighbours message, List<Fd> links) {
    send(new Waiting(message, links));
  }

  private void send(Waiting message) {
    if (waiting.size() < MAX_WAITING) {
      waiting.addLast(message);
    } else {
      message.its.forEach(Fd::release);
    }
    flush();
  }

  /** Sends as much as there is room for of what waits. */
  void flush() {
    while (!waiting.isEmpty()) {
      Waiting next = waiting.getFirst();
      if (ours.send(List.of(next.message), next.its) != Pipe.Sent.YES) {
        return;
      }
      next.its.forEach(Fd::release);
      waiting.removeFirst();
    }
  }

  /** Whether messages wait for room, before which no client can be sent. */
  boolean isBlocked() {
    return !waiting.isEmpty();
  }

  // ---- clients to the worker ----

  /**
   * Adds a client to those that {@link #sendPlaced} sends. If it does not fit into their packet,
   * they are sent before.
   *
   * @param handoff with the listener's number
   * @param its the client's descriptor and, if its state comes aside, the state's
   * @return the handoffs that could not be sent
   */
  List<Long> place(Handoff handoff, List<Fd> its) {
    if (its.size() != handoff.kind().descriptors()) {
      throw new IllegalStateException(
          "handoff %d, %s, with %d descriptors"
              .formatted(handoff.id(), handoff.kind(), its.size()));
    }
    Handoff indexed = handoff.at(index(handoff.listener()));
    List<Long> left = fits(indexed) ? List.of() : sendPlaced();
    placed.add(indexed);
    descriptors.addAll(its);
    return left;
  }

  private boolean fits(Handoff next) {
    return placed.isEmpty()
        || (placed.size() < Message.MAX_HANDOFFS
            && sharesPackets(next.kind())
            && sharesPackets(placed.getFirst().kind()));
  }

  private static boolean sharesPackets(HandoffKind kind) {
    return switch (kind) {
      case HandoffKind.Fresh _, HandoffKind.BeyondLimit _ -> true;
      case HandoffKind.Saved _, HandoffKind.Unserved _ -> false;
    };
  }

  /**
   * Sends the clients that were placed, if there are any.
   *
   * @return the handoffs that were not sent, because the pipe is full or the worker gone: all or
   *     none
   */
  List<Long> sendPlaced() {
    if (placed.isEmpty()) {
      return List.of();
    }
    boolean sent = ours.send(placed, descriptors) == Pipe.Sent.YES;
    List<Long> left = sent ? List.of() : placed.stream().map(Handoff::id).toList();
    placed.clear();
    descriptors.clear();
    return left;
  }

  /**
   * Takes back all that the worker has not received. Messages wait to be sent again, before those
   * that wait already; only a ping does not.
   *
   * @return the handoffs among it
   */
  List<Long> recall() {
    List<Long> recalled = new ArrayList<>();
    List<Waiting> again = new ArrayList<>();
    try {
      while (theirs.receive() instanceof Packet packet) {
        if (packet.messages().getFirst() instanceof Neighbours message) {
          again.add(again(message, packet.descriptors()));
          continue;
        }
        packet.releaseDescriptors(); // copies: the handoffs' own never left us
        for (Message message : packet.messages()) {
          if (message instanceof Handoff handoff) {
            recalled.add(handoff.id());
          } else if (!(message instanceof Ping)) { // the next ping asks the same
            again.add(new Waiting(message, List.of()));
          }
        }
      }
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("we sent a malformed packet", e);
    }
    again.reversed().forEach(waiting::addFirst);
    return recalled;
  }

  /** Without the links whose descriptors this process had no room for: they have ended. */
  private static Waiting again(Neighbours message, List<Fd> links) {
    List<Neighbour> linked = message.neighbours().subList(0, links.size());
    return new Waiting(new Neighbours(linked, message.complete()), links);
  }

  // ---- from the worker ----

  /**
   * Receives the next packet, in which listeners have their numbers.
   *
   * @throws MalformedMessageException if no worker would send it; the packet is gone, its
   *     descriptors closed
   */
  Received receive() throws MalformedMessageException {
    Received received = ours.receive();
    return received instanceof Packet packet ? numbered(packet) : received;
  }

  private Packet numbered(Packet packet) throws MalformedMessageException {
    List<Message> messages = new ArrayList<>(packet.messages().size());
    try {
      for (Message message : packet.messages()) {
        messages.add(numbered(message));
      }
    } catch (MalformedMessageException e) {
      packet.releaseDescriptors();
      throw e;
    }
    return new Packet(messages, packet.descriptors(), packet.descriptorLost());
  }

  private Message numbered(Message message) throws MalformedMessageException {
    return switch (message) {
      case Handoff m -> m.at(number(m.listener()));
      case Departed m -> new Departed(number(m.listener()), m.peer(), m.count());
      case Recounted m -> new Recounted(number(m.listener()), m.peer(), m.change(), m.count());
      case Offended m -> new Offended(number(m.listener()), m.peer(), m.count());
      case Unsaved m -> new Unsaved(m.id(), number(m.listener()), m.protocol(), m.reason());
      case SessionReport m -> new SessionReport(numbered(m.services()), m.others());
      case Failed m -> new Failed(located.apply(m.reason()));
      case Joined _,
          Ready _,
          Taken _,
          Refused _,
          Held _,
          Pong _,
          LoadReport _,
          Exhausted _,
          Message.Redirected _,
          Latency _,
          SessionDescribed _,
          MetricsReport _,
          SessionsListed _,
          ToWorker _ ->
          message;
    };
  }

  private List<ServiceSessions> numbered(List<ServiceSessions> services)
      throws MalformedMessageException {
    List<ServiceSessions> numbered = new ArrayList<>(services.size());
    for (ServiceSessions each : services) {
      numbered.add(each.at(number(each.listener())));
    }
    return numbered;
  }

  private int number(int index) throws MalformedMessageException {
    List<Integer> numbers = generation.listeners();
    if (index >= numbers.size()) {
      throw new MalformedMessageException(
          "listener " + index + " of the " + numbers.size() + " that its generation has");
    }
    return numbers.get(index);
  }

  private int index(int number) {
    int index = generation.index(number);
    if (index < 0) {
      throw new IllegalStateException(
          "generation %d has no listener %d".formatted(generation.number(), number));
    }
    return index;
  }

  // ---- the end ----

  /** The worker is dead: once its end is closed, what it has said can be received to the end. */
  void closeTheirs() {
    theirs.close();
  }

  void close() {
    theirs.close();
    ours.close();
    waiting.forEach(each -> each.its.forEach(Fd::release));
    waiting.clear();
  }
}
