package io.baton.manager.process;

import io.baton.manager.fleet.Event;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Unsaved;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes events of what workers send. Here a listener's index in the worker's own configuration
 * becomes the number by which the manager knows the listener.
 *
 * <p>What no worker would send is the event {@link Event.Garbled}, and the descriptors that came
 * with it are closed.
 */
final class Inbox {
  private final EventQueue events;
  private final HandoffOwner owner;

  Inbox(EventQueue events, HandoffOwner owner) {
    this.events = events;
    this.owner = owner;
  }

  /** Receives at most so many packets. */
  void hear(WorkerProcess from, int max) {
    for (int n = 0; n < max; n++) {
      try {
        if (!(from.pipe().receive() instanceof Packet packet)) {
          return;
        }
        hear(from, packet);
      } catch (MalformedMessageException e) {
        events.add(new Event.Garbled(from.worker(), String.valueOf(e.getMessage())));
        return; // what follows such a packet is no better
      }
    }
  }

  private void hear(WorkerProcess from, Packet packet) throws MalformedMessageException {
    try {
      if (packet.messages().size() == 1
          && packet.messages().getFirst() instanceof Handoff handoff) {
        given(from, handoff, packet);
      } else {
        said(from, packet);
      }
    } catch (MalformedMessageException e) {
      packet.releaseDescriptors();
      throw e;
    }
  }

  private void said(WorkerProcess from, Packet packet) throws MalformedMessageException {
    if (!packet.descriptors().isEmpty() || packet.descriptorLost()) {
      throw new MalformedMessageException("a descriptor without a client");
    }
    List<Event> said = new ArrayList<>(packet.messages().size());
    for (Message message : packet.messages()) {
      said.add(new Event.Said(from.worker(), known(from, message)));
    }
    said.forEach(events::add);
  }

  /** The message as the manager understands it. */
  private static Message known(WorkerProcess from, Message message)
      throws MalformedMessageException {
    return switch (message) {
      case Departed m -> new Departed(number(from, m.listener()), m.peer(), m.count());
      case Unsaved m -> new Unsaved(m.id(), number(from, m.listener()), m.protocol(), m.reason());
      case Offended m -> new Offended(number(from, m.listener()), m.peer(), m.count());
      case Handoff _ -> throw new MalformedMessageException("a client among other messages");
      default -> message;
    };
  }

  private void given(WorkerProcess from, Handoff handoff, Packet packet)
      throws MalformedMessageException {
    if (!(handoff.kind() instanceof Saved saved) || saved.returned()) {
      throw new MalformedMessageException(
          "a client as only a manager sends one: " + handoff.kind().getClass().getSimpleName());
    }
    int listener = number(from, handoff.listener());
    List<Fd> descriptors = packet.descriptors();
    if (packet.descriptorLost()) {
      for (Fd each : descriptors) {
        each.end(); // without what was lost there is no going on with it
      }
      events.add(new Event.GivenLost(from.worker(), listener, handoff.peer()));
      return;
    }
    if (descriptors.size() != saved.descriptors()) {
      throw new MalformedMessageException(
          "a client with %d descriptors instead of %d"
              .formatted(descriptors.size(), saved.descriptors()));
    }
    var given = new Event.Given(from.worker(), handoff.id(), listener, handoff.peer(), saved);
    // Not before the Taken in front of it has happened, by which the client became the worker's.
    events.addWhenDue(() -> owned(given, descriptors));
  }

  private Event owned(Event.Given given, List<Fd> descriptors) {
    if (owner.own(given.handoff(), descriptors)) {
      return given;
    }
    descriptors.forEach(Fd::close);
    return new Event.Garbled(
        given.worker(), "client " + given.handoff() + ", which it cannot have had");
  }

  private static int number(WorkerProcess from, int index) throws MalformedMessageException {
    List<Integer> numbers = from.generation().listeners();
    if (index >= numbers.size()) {
      throw new MalformedMessageException(
          "listener " + index + " of the " + numbers.size() + " that its generation has");
    }
    return numbers.get(index);
  }
}
