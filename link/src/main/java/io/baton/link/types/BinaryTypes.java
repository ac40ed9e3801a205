package io.baton.link.types;

import java.util.Arrays;
import java.util.Objects;

/**
 * The messages of one side in Link's binary format.
 *
 * <p>Whatever the bytes of a peer's message are, reading takes at most four steps for each and
 * {@value Input#FREE_STEPS} more. It allocates at most 64 bytes for each and 8 KiB more, the
 * exception included, if the peer sends all components of this side's records. A component that it
 * does not send has a place in memory without a byte; a message may have at most twelve of these
 * for each of its bytes and 1,024 more.
 */
final class BinaryTypes<M> implements Types<M> {
  private final Class<M> type;
  private final UnionBinding messages;
  private final Schema schema;
  private final byte[] bytes;

  private BinaryTypes(Class<M> type, UnionBinding messages, Schema schema) {
    this.type = type;
    this.messages = messages;
    this.schema = schema;
    bytes = schema.bytes();
  }

  static <M> BinaryTypes<M> of(Class<M> sealed) {
    Binder binder = new Binder();
    UnionBinding messages = binder.messages(sealed);
    Schema schema = new Schema(binder.definitions(), messages.kind());
    try {
      SchemaReader.read(schema.bytes());
    } catch (SchemaException e) {
      throw new IllegalArgumentException(sealed.getName() + ": " + e.getMessage(), e);
    }
    return new BinaryTypes<>(sealed, messages, schema);
  }

  @Override
  public byte[] schema() {
    return bytes.clone();
  }

  @Override
  public void write(M message, Output out) {
    int start = out.size();
    boolean written = false;
    try {
      messages.write(Objects.requireNonNull(message, "a message is not null"), out);
      written = true;
    } finally {
      if (!written) {
        out.truncate(start);
      }
    }
  }

  @Override
  public ReadingPlan<M> reading(byte[] peers) throws SchemaException {
    Schema announced = SchemaReader.read(peers);
    Resolver resolver = new Resolver(announced, schema);
    Reader[] readers = resolver.branches(announced.root(), messages, "the union of messages");
    String[] names = new String[readers.length];
    Arrays.setAll(names, i -> resolver.name(announced.root().part(i)));
    return message -> {
      Input in = Input.of(message);
      int index = in.readIndex(readers.length, "the union of messages");
      in.type(names[index]);
      M read = type.cast(Objects.requireNonNull(readers[index].read(in)));
      in.finish();
      return read;
    };
  }
}
