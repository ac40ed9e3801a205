package io.baton.systemtest;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.worker.migration.SavedSession;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A worker's process that speaks the pipe's messages and misbehaves as its argument says. Until it
 * does, it answers pings and ends when it is drained, as a good one would.
 */
final class ScriptedWorker {

  /** How it misbehaves, at the first handoff if nothing else is said. */
  enum Script {
    /** At once, before it has read anything. */
    EXITS_AT_ONCE,
    /** Says Hello to nobody. */
    NEVER_READY,
    /** Says why it cannot come up. */
    FAILS,
    /** Receives a client and dies. */
    DIES_BEFORE_TAKEN,
    /** Takes a client and dies before it reads a byte. */
    DIES_AFTER_TAKEN,
    /** Receives {@value ScriptedWorker#BATCH} clients, takes the first half, dies. */
    DIES_WITH_HALF_TAKEN,
    /** Receives clients, never answers for them, and is otherwise well. */
    NEVER_TAKES,
    /** After Ready, never reads the pipe again. */
    NEVER_READS,
    /** Has no descriptor for anybody. */
    REFUSES_ALL,
    /** Cannot read what another worker has saved, and has no descriptor for anybody else. */
    REFUSES_SAVED,
    SENDS_GARBAGE,
    SENDS_TRUNCATED,
    SENDS_OVERSIZED,
    SENDS_DESCRIPTOR,
    /** Gives a client away that it has not taken, unasked. */
    SENDS_HANDOFF,
    TAKES_UNKNOWN,
    REFUSES_UNKNOWN,
    DEPARTS_UNKNOWN,
    SENDS_READY_AGAIN,
    SENDS_HELLO
  }

  static final int BATCH = 4;

  private static final int PIPE = 3;
  private static final int DEAD = 9;

  private final Frame frame = new Frame(2 * Message.MAX_PACKET);
  private final Fd fd = Fd.owning(PIPE);
  private final Pipe pipe = new Pipe(fd, frame);
  private final Script script;
  private final List<Long> held = new ArrayList<>();

  /** Kept, so that no collector finds out that nobody needs them. */
  private final List<Fd> clients = new ArrayList<>();

  private ScriptedWorker(Script script) {
    this.script = script;
  }

  public static void main(String[] args) throws Exception {
    new ScriptedWorker(Script.valueOf(args[0])).run();
  }

  private void run() throws Exception {
    switch (script) {
      case EXITS_AT_ONCE -> {
        System.err.println("out of luck");
        die();
      }
      case FAILS -> {
        say(new Failed("the script says so"));
        die();
      }
      case NEVER_READY -> sleepForEver();
      default -> {
        say(new Ready(SavedSession.READ));
        if (script == Script.NEVER_READS) {
          sleepForEver();
        }
        obey();
      }
    }
  }

  private void obey() throws Exception {
    while (pipe.receiveWaiting() instanceof Pipe.Packet packet) {
      Iterator<Fd> descriptors = packet.descriptors().iterator();
      for (Message message : packet.messages()) {
        switch (message) {
          case Ping ping -> {
            say(new Pong(ping.number()));
            say(new LoadReport(Load.NONE));
          }
          case Handoff handoff -> handoff(handoff, descriptors.next());
          case Message.Drain _ -> System.exit(0);
          default -> {}
        }
      }
    }
  }

  private void handoff(Handoff handoff, Fd client) throws Exception {
    held.add(handoff.id());
    clients.add(client);
    switch (script) {
      case DIES_BEFORE_TAKEN -> die();
      case DIES_AFTER_TAKEN -> {
        say(new Taken(handoff.id()));
        die();
      }
      case DIES_WITH_HALF_TAKEN -> {
        if (held.size() == BATCH) {
          pipe.send(held.stream().limit(BATCH / 2).map(Taken::new).toList(), List.of());
          die();
        }
      }
      case NEVER_TAKES -> {}
      case REFUSES_ALL -> refuse(handoff, Refusal.NO_DESCRIPTORS);
      case REFUSES_SAVED ->
          refuse(
              handoff,
              handoff.kind() instanceof HandoffKind.Fresh
                  ? Refusal.NO_DESCRIPTORS
                  : Refusal.UNREADABLE);
      case SENDS_GARBAGE -> send(new byte[] {-1, -2, -3, 0, 0, 7}, null);
      case SENDS_TRUNCATED -> send(new byte[] {67, 1, 0, 0}, null);
      case SENDS_OVERSIZED -> {
        byte[] many = new byte[Message.MAX_PACKET + 1];
        java.util.Arrays.fill(many, (byte) 65);
        send(many, null);
      }
      case SENDS_DESCRIPTOR -> pipe.send(new Pong(1), new EventFd().fd());
      case SENDS_HANDOFF -> {
        HandoffKind saved = HandoffKind.saved("", ByteBuffer.allocate(8));
        pipe.send(new Handoff(handoff.id(), handoff.listener(), handoff.peer(), saved), client);
      }
      case TAKES_UNKNOWN -> say(new Taken(handoff.id() + 1_000_000));
      case REFUSES_UNKNOWN -> say(new Refused(handoff.id() + 1_000_000, Refusal.UNUSABLE, ""));
      case DEPARTS_UNKNOWN -> say(new Message.Departed(handoff.listener(), null, 1));
      case SENDS_READY_AGAIN -> say(new Ready(SavedSession.READ));
      case SENDS_HELLO -> say(new Message.Hello(Message.VERSION, 1, 1, 1, List.of()));
      case EXITS_AT_ONCE, NEVER_READY, FAILS, NEVER_READS ->
          throw new IllegalStateException(script + " receives no handoff");
    }
  }

  private void refuse(Handoff handoff, Refusal why) {
    clients.removeLast().release();
    say(new Refused(handoff.id(), why, ""));
  }

  private void say(Message message) {
    pipe.send(message, null);
  }

  private void send(byte[] bytes, @Nullable Fd descriptor) {
    frame.payload().clear().put(bytes);
    frame.send(fd, descriptor);
  }

  private static void die() {
    Runtime.getRuntime().halt(DEAD);
  }

  private static void sleepForEver() {
    while (true) {
      LockSupport.park();
    }
  }
}
