package io.baton.manager.process;

import io.baton.manager.fleet.Event;
import io.baton.pipe.HandoffKind.BeyondLimit;
import io.baton.pipe.HandoffKind.Fresh;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import java.util.ArrayList;
import java.util.List;

/**
 * The messages of all workers, made events. A packet that no worker would send is the event {@link
 * Event.Garbled}, and the descriptors that came with it are closed.
 */
final class WorkerMessages {
  private final EventQueue events;
  private final HandoffOwner owner;

  WorkerMessages(EventQueue events, HandoffOwner owner) {
    this.events = events;
    this.owner = owner;
  }

  /** Receives at most so many packets. */
  void receive(WorkerProcess from, int max) {
    for (int n = 0; n < max; n++) {
      try {
        if (!(from.pipe().receive() instanceof Packet packet)) {
          return;
        }
        receive(from.worker(), packet);
      } catch (MalformedMessageException e) {
        events.add(new Event.Garbled(from.worker(), String.valueOf(e.getMessage())));
        return; // what follows such a packet is no better
      }
    }
  }

  private void receive(long worker, Packet packet) throws MalformedMessageException {
    try {
      if (packet.messages().size() == 1
          && packet.messages().getFirst() instanceof Handoff handoff) {
        given(worker, handoff, packet);
      } else {
        said(worker, packet);
      }
    } catch (MalformedMessageException e) {
      packet.releaseDescriptors();
      throw e;
    }
  }

  private void said(long worker, Packet packet) throws MalformedMessageException {
    if (!packet.descriptors().isEmpty() || packet.descriptorLost()) {
      throw new MalformedMessageException("a descriptor without a client");
    }
    List<Event> said = new ArrayList<>(packet.messages().size());
    for (Message message : packet.messages()) {
      if (message instanceof Handoff) {
        throw new MalformedMessageException("a client among other messages");
      }
      said.add(new Event.Said(worker, message));
    }
    said.forEach(events::add);
  }

  private void given(long worker, Handoff handoff, Packet packet) throws MalformedMessageException {
    boolean isAWorkers =
        switch (handoff.kind()) {
          case Fresh _, BeyondLimit _ -> false;
          case Saved saved -> !saved.returned();
          case Unserved unserved -> unserved.search() == Search.ASK;
        };
    if (!isAWorkers) {
      throw new MalformedMessageException(
          "a client as only a manager sends one: " + handoff.kind().getClass().getSimpleName());
    }
    List<Fd> descriptors = packet.descriptors();
    if (packet.descriptorLost()) {
      for (Fd each : descriptors) {
        each.end(); // without what was lost there is no going on with it
      }
      events.add(lost(worker, handoff));
      return;
    }
    if (descriptors.size() != handoff.kind().descriptors()) {
      throw new MalformedMessageException(
          "a client with %d descriptors instead of %d"
              .formatted(descriptors.size(), handoff.kind().descriptors()));
    }
    // Not before the Taken in front of it has happened, by which the client became the worker's.
    events.addWhenDue(() -> owned(worker, handoff, descriptors));
  }

  private static Event lost(long worker, Handoff handoff) {
    return switch (handoff.kind()) {
      case Unserved kind ->
          new Event.SoughtLost(worker, handoff.listener(), handoff.peer(), kind.beyondLimit());
      case Saved kind -> new Event.GivenLost(worker, handoff.listener(), handoff.peer(), kind);
      case Fresh _, BeyondLimit _ -> throw new IllegalStateException("not a worker's: " + handoff);
    };
  }

  private Event owned(long worker, Handoff handoff, List<Fd> descriptors) {
    if (!owner.own(handoff.id(), handoff.via(), descriptors, handoff.kind().clients())) {
      descriptors.forEach(Fd::close);
      return new Event.Garbled(worker, "client " + handoff.id() + ", which it cannot have had");
    }
    return switch (handoff.kind()) {
      case Saved kind ->
          new Event.Given(worker, handoff.id(), handoff.listener(), handoff.peer(), kind);
      case Unserved kind ->
          new Event.Sought(worker, handoff.id(), handoff.listener(), handoff.peer(), kind);
      case Fresh _, BeyondLimit _ -> throw new IllegalStateException("not a worker's: " + handoff);
    };
  }
}
