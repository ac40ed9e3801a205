package io.baton.link.stream;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.Transfer;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.LinkStreams;
import io.baton.link.core.Sources;
import io.baton.link.core.StreamSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The handles of a session's byte streams, by channel. The session's driver tells it the stream
 * events of {@link LinkEvents}, and the end.
 *
 * <p>All methods are called by a thread that has the core to itself. They do not wait, except for
 * the disk where a file is opened or closed. After a session was resumed on a new connection, its
 * driver calls {@link LinkCore#deliver} at once, which tells what has ended meanwhile.
 *
 * <p>A session moves with its streams if none {@link #isBound}: {@link #save} after the core was
 * saved, {@link #moved} here, and there {@link LinkCore#restore(byte[], Sources)} with the new
 * object, then {@link #restore}. The handles here fail with {@link LinkCode#MOVED}; the ends of
 * transfers are told there.
 */
public final class SessionStreams extends StreamOwner implements Sources {
  private static final int SAVED_VERSION = 1;

  private final Consumer<Transfer> transfers;
  private Map<Integer, IncomingStream> incoming = Collections.emptyMap();
  private Map<Integer, OutgoingStream> outgoing = Collections.emptyMap();
  private @Nullable LinkException over;
  private boolean lost;

  /**
   * Has no streams yet.
   *
   * @param transfers takes the end of each stream from or into a file; called by a thread that has
   *     the core, so it only hands it on
   */
  public SessionStreams(CoreAccess access, Consumer<Transfer> transfers) {
    super(access);
    this.transfers = transfers;
  }

  /**
   * Begins to send a stream. If that is not possible, the stream fails with the reason.
   *
   * @return whether it has begun
   */
  public boolean send(LinkCore core, OutgoingStream stream) {
    LinkException refusal = over;
    int channel = refusal == null ? open(core.streams(), stream) : -1;
    if (channel < 0) {
      stream.abandon(refusal == null ? refusal(core, stream) : refusal);
      return false;
    }
    add(channel, stream);
    if (!stream.begin(core, this, channel)) {
      core.streams().end(channel, LinkCode.BYE.number());
      return false;
    }
    return true;
  }

  private void add(int channel, OutgoingStream stream) {
    if (outgoing.isEmpty()) {
      outgoing = new HashMap<>();
    }
    outgoing.put(channel, stream);
  }

  private void add(IncomingStream stream) {
    if (incoming.isEmpty()) {
      incoming = new HashMap<>();
    }
    incoming.put(stream.channel, stream);
  }

  private static int open(LinkStreams core, OutgoingStream stream) {
    FileSource file = stream.file();
    return file == null
        ? core.open(stream.name, stream.length)
        : core.open(stream.name, stream.length, file);
  }

  private static LinkException refusal(LinkCore core, OutgoingStream stream) {
    return core.isClosing()
        ? stream.because(LinkCode.BYE, "cannot begin: the session is closing", null)
        : stream.because(
            LinkCode.TOO_MANY,
            "cannot begin: %d are open, and no more are allowed"
                .formatted(core.streams().outgoing()),
            null);
  }

  /** Makes the handle of a stream that the peer has opened. */
  public IncomingStream opened(int channel, String name, long length) {
    IncomingStream stream = new IncomingStream(this, channel, name, length, 0);
    add(stream);
    return stream;
  }

  /** Takes the core's event. */
  public void readable(LinkCore core, int channel) {
    IncomingStream stream = incoming.get(channel);
    if (stream != null) {
      stream.readable(core);
    }
  }

  /** Takes the core's event. */
  public void ended(LinkCore core, int channel, int code) {
    IncomingStream stream = incoming.get(channel);
    if (stream != null) {
      stream.ended(core, code);
    }
  }

  /** Takes the core's event. */
  public void stopped(int channel, int code) {
    OutgoingStream stream = outgoing.get(channel);
    if (stream != null) {
      int told = code == LinkCode.DONE.number() ? LinkCode.BYE.number() : code;
      stream.over(stream.endedBy("its reader", told), true);
    }
  }

  /** Takes the core's event. */
  public void delivered(int channel) {
    OutgoingStream stream = outgoing.remove(channel);
    if (stream != null) {
      stream.delivered();
    }
  }

  /**
   * Lets all streams that wait for room write. To be called whenever there may be more, which is
   * after each {@link LinkCore#read} and {@link LinkCore#deliver}; the event {@link
   * LinkEvents#acknowledged} alone would not do, because the bound of the whole queue is shared
   * with the messages.
   */
  public void progress(LinkCore core) {
    for (OutgoingStream each : outgoing.values()) {
      each.progress(core);
    }
  }

  /** Ends all streams: the session is over. Everything that follows is told the same. */
  public void end(Ending why) {
    lost = why.isLost();
    String text = why.text().isEmpty() ? "" : ": " + why.text();
    end(new LinkException(why.code(), "the session has ended" + text, null), true);
  }

  /** Ends the handles of all streams: the session goes on in another process. */
  public void moved() {
    int code = LinkCode.MOVED.number();
    end(new LinkException(code, "the session goes on in another worker", null), false);
  }

  private void end(LinkException why, boolean told) {
    if (over != null) {
      return;
    }
    over = why;
    for (IncomingStream each : List.copyOf(incoming.values())) {
      each.over(why, told);
    }
    for (OutgoingStream each : outgoing.values()) {
      each.over(why, told);
      each.closeFile();
    }
    outgoing.clear();
  }

  /** Tells whether a stream depends on an object of this process, so that the session must stay. */
  public boolean isBound() {
    for (IncomingStream each : incoming.values()) {
      if (each.isBound()) {
        return true;
      }
    }
    for (OutgoingStream each : outgoing.values()) {
      if (each.isBound()) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether no stream is under way, in any direction. */
  public boolean isEmpty() {
    return incoming.isEmpty() && outgoing.isEmpty();
  }

  /** Returns how many streams of the peer have not ended. */
  public int incoming() {
    return incoming.size();
  }

  /** Returns how many streams of this side have not been consumed and acknowledged. */
  public int outgoing() {
    return outgoing.size();
  }

  /** Returns the name of the stream on a channel; empty if it has ended or there is none. */
  public String name(int channel) {
    StreamHandle stream = stream(channel);
    return stream == null ? "" : stream.name;
  }

  /** Returns the length in bytes of the stream on a channel; -1 if it is not known. */
  public long length(int channel) {
    StreamHandle stream = stream(channel);
    return stream == null ? -1 : stream.length;
  }

  private @Nullable StreamHandle stream(int channel) {
    StreamHandle read = incoming.get(channel);
    return read == null ? outgoing.get(channel) : read;
  }

  /**
   * Returns what {@link #restore} goes on with, beside the core's bytes.
   *
   * @throws IllegalStateException if a stream {@link #isBound}
   */
  public byte[] save() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream to = new DataOutputStream(bytes);
      to.writeByte(SAVED_VERSION);
      to.writeByte(incoming.size());
      for (IncomingStream each : incoming.values()) {
        each.save(to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Goes on with the streams of a session from another process of this machine. A file that is not
   * there any more ends its stream with ERROR.
   *
   * @throws IllegalArgumentException if the bytes are none of {@link #save}
   */
  public void restore(LinkCore core, byte[] saved) {
    try {
      DataInputStream from = new DataInputStream(new ByteArrayInputStream(saved));
      int version = from.readByte();
      if (version != SAVED_VERSION) {
        throw new IOException("version %d; known is 1".formatted(version));
      }
      for (int left = from.readUnsignedByte(); left > 0; left--) {
        add(IncomingStream.restore(this, from));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("not the saved streams of a session: " + e, e);
    }
    for (IncomingStream each : List.copyOf(incoming.values())) {
      each.resume(core);
    }
  }

  /**
   * Goes on with a stream of a file; called by {@link LinkCore#restore}. The file is opened when it
   * is read; if it is not the same any more, the stream ends with ERROR then.
   */
  @Override
  public StreamSource open(byte[] saved) throws IOException {
    DataInputStream from = new DataInputStream(new ByteArrayInputStream(saved));
    OutgoingStream stream = OutgoingStream.restore(this, from);
    add(stream.channel, stream);
    return Objects.requireNonNull(stream.file());
  }

  @Override
  void forget(int channel) {
    incoming.remove(channel);
  }

  @Override
  void transferred(
      String name, boolean incoming, Path file, long bytes, @Nullable LinkException why) {
    Ending how =
        why == null
            ? new Ending(LinkCode.DONE.number(), "", false)
            : new Ending(why.code(), String.valueOf(why.getMessage()), lost);
    transfers.accept(new Transfer(name, incoming, file, bytes, how));
  }
}
