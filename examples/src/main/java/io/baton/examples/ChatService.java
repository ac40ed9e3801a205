package io.baton.examples;

import static io.baton.examples.ChatMessage.quoted;
import static java.util.Objects.requireNonNull;

import io.baton.service.CloseReason;
import io.baton.service.Replaying;
import io.baton.service.RequestHead;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A member of a room, which it enters with its handshake, {@code ?room=lobby&name=Anna}. Each text
 * that it sends is said to all in the room. It is told, each under the next number,
 *
 * <pre>
 *   {"number":1,"room":"lobby","worker":4711,"members":["Anna","Ben (away)"]}
 *   {"number":2,"id":"17.1","at":1767225600000,"name":"Anna","text":"Hello"}
 *   {"refused":"..."}, without a number: what it wanted is not done
 * </pre>
 *
 * <p>A room is in one worker. When sessions move, one after the other, each brings the room's last
 * messages along and adds those that are not there yet: so the room comes to be in the next worker,
 * and a message that was said in the former one meanwhile is told to those that had moved before.
 *
 * <p>Other members touch nothing here: they have it look, in its own lane, at what is new in the
 * room. While the session is being saved, that waits.
 */
final class ChatService
    implements Service<WebSocketFrame, WebSocketFrame>, Replaying<WebSocketFrame>, ChatRoom.Member {
  static final int MAX_TEXT = 500;

  /** Messages that a member may say within {@link #RATE_MS}. */
  static final int MAX_RATE = 20;

  static final int RATE_MS = 10_000;

  /** Many come and go at once, as when sessions move: the list is told when that is over. */
  static final Duration LIST_DELAY = Duration.ofMillis(500);

  private static final int MAX_KEPT = 100;
  private static final byte VERSION = 1;

  private final ChatRooms rooms;
  private final InstantSource clock;
  private final AtomicBoolean looks = new AtomicBoolean();
  private final AtomicBoolean looksAround = new AtomicBoolean();

  /** Null before the session has entered a room. */
  private @Nullable ChatRoom room;

  private volatile @Nullable Session<WebSocketFrame> session;
  private volatile boolean away;
  private volatile String name = "";
  private String roomName = "";
  private String list = "";

  /** Ids of those of the room's messages that it was told. */
  private final Set<String> seen = new HashSet<>();

  /** What it was told last, for a client that comes back. */
  private final Deque<String> kept = new ArrayDeque<>();

  private long number;

  /** Begins the ids of its messages; no other member has the same. */
  private long author = ThreadLocalRandom.current().nextLong();

  private int saidBefore;
  private final Deque<Long> saidAt = new ArrayDeque<>();

  ChatService(ChatRooms rooms, InstantSource clock) {
    this.rooms = rooms;
    this.clock = clock;
  }

  /** Returns the first value of a parameter of the query; empty if there is none. */
  static String parameter(String target, String parameter) {
    try {
      return new QueryStringDecoder(target)
          .parameters()
          .getOrDefault(parameter, List.of(""))
          .getFirst();
    } catch (IllegalArgumentException e) {
      return ""; // malformed
    }
  }

  // ---- the room ----

  @Override
  public boolean opened(Session<WebSocketFrame> its) {
    session = its;
    String target = its.handshake().map(RequestHead::target).orElse("");
    roomName = parameter(target, "room");
    name = parameter(target, "name");
    room = rooms.enter(roomName, this).orElse(null);
    if (room == null) {
      refuse(its, "the room is full");
      its.close(CloseReason.SERVICE);
    } else {
      look(its);
      lookAround(its);
    }
    return true;
  }

  @Override
  public String shown() {
    return away ? name + " (away)" : name;
  }

  @Override
  public void said() {
    Session<WebSocketFrame> its = session;
    if (its != null && looks.compareAndSet(false, true)) {
      var _ = its.after(Duration.ZERO, () -> look(its));
    }
  }

  @Override
  public void membersChanged() {
    Session<WebSocketFrame> its = session;
    if (its != null && looksAround.compareAndSet(false, true)) {
      var _ = its.after(LIST_DELAY, () -> lookAround(its));
    }
  }

  /** Tells what is new in the room. */
  private void look(Session<WebSocketFrame> its) {
    looks.set(false);
    List<ChatMessage> all = requireNonNull(room).messages();
    for (ChatMessage each : all) {
      if (seen.add(each.id())) {
        tell(its, each.json());
      }
    }
    // What the room has forgotten does not come again.
    seen.retainAll(all.stream().map(ChatMessage::id).collect(Collectors.toSet()));
  }

  /** Tells who is there, if that has changed. */
  private void lookAround(Session<WebSocketFrame> its) {
    looksAround.set(false);
    String now =
        requireNonNull(room).shown().stream()
            .map(ChatMessage::quoted)
            .collect(Collectors.joining(",", "\"members\":[", "]"));
    if (!now.equals(list)) {
      list = now;
      tell(
          its,
          "\"room\":%s,\"worker\":%d,%s"
              .formatted(quoted(roomName), ProcessHandle.current().pid(), now));
    }
  }

  // ---- the client ----

  @Override
  public void received(Session<WebSocketFrame> its, WebSocketFrame message) {
    String text = message instanceof TextWebSocketFrame frame ? frame.text().strip() : "";
    ChatRoom in = room;
    if (text.isEmpty() || in == null) {
      return;
    }
    long now = clock.millis();
    while (!saidAt.isEmpty() && now - saidAt.getFirst() >= RATE_MS) {
      saidAt.removeFirst();
    }
    if (text.length() > MAX_TEXT) {
      refuse(its, "a message has at most %d characters".formatted(MAX_TEXT));
    } else if (saidAt.size() >= MAX_RATE) {
      refuse(its, "at most %d messages in %d seconds".formatted(MAX_RATE, RATE_MS / 1_000));
    } else {
      saidAt.addLast(now);
      saidBefore++;
      in.say(new ChatMessage(Long.toHexString(author) + "." + saidBefore, now, name, text));
    }
  }

  private static void refuse(Session<WebSocketFrame> its, String why) {
    its.send(new TextWebSocketFrame("{\"refused\":%s}".formatted(quoted(why))));
  }

  private void tell(Session<WebSocketFrame> its, String what) {
    String message = "{\"number\":%d,%s}".formatted(++number, what);
    kept.addLast(message);
    if (kept.size() > MAX_KEPT) {
      kept.removeFirst();
    }
    its.send(new TextWebSocketFrame(message));
  }

  @Override
  public void away(Session<WebSocketFrame> its) {
    setAway(true);
  }

  @Override
  public void back(Session<WebSocketFrame> its, OptionalLong last) {
    long missed = number - last.orElse(0);
    kept.stream()
        .skip(Math.max(0, kept.size() - missed))
        .forEach(each -> its.send(new TextWebSocketFrame(each)));
    setAway(false);
  }

  private void setAway(boolean is) {
    away = is;
    ChatRoom in = room;
    if (in != null) {
      in.tellChanged();
    }
  }

  @Override
  public void closed(Session<WebSocketFrame> its, CloseReason why) {
    rooms.leave(roomName, this, why == CloseReason.MOVED);
  }

  // ---- from worker to worker ----

  @Override
  public byte[] save(Session<WebSocketFrame> its) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream to = new DataOutputStream(bytes)) {
      to.writeByte(VERSION);
      to.writeUTF(roomName);
      to.writeUTF(name);
      to.writeBoolean(away);
      to.writeLong(number);
      to.writeLong(author);
      to.writeInt(saidBefore);
      to.writeByte(saidAt.size());
      for (long each : saidAt) {
        to.writeLong(each);
      }
      to.writeShort(kept.size());
      for (String each : kept) {
        to.writeUTF(each);
      }
      List<ChatMessage> all = room == null ? List.of() : room.messages();
      to.writeByte(all.size());
      for (ChatMessage each : all) {
        each.write(to);
        to.writeBoolean(seen.contains(each.id()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void resumed(Session<WebSocketFrame> its, byte[] saved) {
    try (DataInputStream from = new DataInputStream(new ByteArrayInputStream(saved))) {
      if (from.readByte() != VERSION) {
        throw new IllegalArgumentException("not a member of version " + VERSION);
      }
      read(its, from);
    } catch (IOException e) {
      throw new IllegalArgumentException("what a member saved is cut off", e);
    }
  }

  private void read(Session<WebSocketFrame> its, DataInputStream from) throws IOException {
    roomName = from.readUTF();
    name = from.readUTF();
    away = from.readBoolean();
    number = from.readLong();
    author = from.readLong();
    saidBefore = from.readInt();
    for (int left = from.readByte(); left > 0; left--) {
      saidAt.addLast(from.readLong());
    }
    for (int left = from.readShort(); left > 0; left--) {
      kept.addLast(from.readUTF());
    }
    List<ChatMessage> known = new ArrayList<>();
    for (int left = from.readByte(); left > 0; left--) {
      ChatMessage each = ChatMessage.read(from);
      known.add(each);
      if (from.readBoolean()) {
        seen.add(each.id());
      }
    }
    session = its; // behind all that can fail: whoever is in the room is told of it
    room = rooms.comeBack(roomName, this, known);
    said();
  }
}
