package io.baton.link.types;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * The way from the messages of one schema of a peer to this side's records. Any number of threads
 * may use it at a time.
 *
 * <p>Whatever the bytes are, reading takes at most four steps for each and {@value
 * Input#FREE_STEPS} more. It allocates at most 64 bytes for each and 8 KiB more, the exception
 * included, if the peer sends all components of this side's records. A component that it does not
 * send has a place in memory without a byte; a message may have at most twelve of these for each of
 * its bytes and 1,024 more.
 *
 * @param <M> this side's messages
 */
public final class ReadingPlan<M> {
  private final Class<M> type;
  private final List<String> names;
  private final Reader[] readers;

  ReadingPlan(Class<M> type, Schema peers, Reader[] readers) {
    this.type = type;
    this.readers = readers;
    names =
        peers.root().members().stream()
            .map(member -> peers.definition((Kind.Named) member).name())
            .toList();
  }

  /**
   * Reads a message.
   *
   * @param bytes the message and nothing else; all of it is consumed
   * @throws MalformedException if the bytes are not a message of the peer's schema
   * @throws UndecodableException if they are, and this side has no record for it
   */
  public M read(ByteBuffer bytes) throws MalformedException, UndecodableException {
    Input in = Input.of(bytes);
    int index = in.readIndex(readers.length, "the union of messages");
    in.type(names.get(index));
    M message = type.cast(Objects.requireNonNull(readers[index].read(in)));
    in.finish();
    return message;
  }
}
