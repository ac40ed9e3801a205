package io.baton.systemtest;

import io.baton.link.Incoming;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.Transfer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Either side of a session with byte streams. A stream's name tells its receiver what to do with
 * it:
 *
 * <ul>
 *   <li>{@code file PATH}: write it into this file
 *   <li>{@code sum ID}: read it, and tell its SHA-256
 *   <li>{@code held ID}: read its first byte, the others once {@link #release} was called, and tell
 *       its SHA-256
 *   <li>{@code first BYTES}: read so many, and close it
 *   <li>{@code refused CODE}: refuse it
 * </ul>
 *
 * <p>Each side tells how each stream has ended for it, once, under {@code received NAME} or {@code
 * sent NAME}: the sum, {@code complete}, or the code and the text of the failure.
 */
abstract class LinkStreamPeer implements LinkHandler<LinkWords, LinkWords> {
  private final CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
  private final Map<String, Outgoing> sending = new ConcurrentHashMap<>();

  /** Tells the test something; on any thread. */
  abstract void tell(LinkSession<LinkWords, LinkWords> session, String what, String how);

  @Override
  public final void streamed(LinkSession<LinkWords, LinkWords> session, Incoming stream) {
    String[] words = stream.name().split(" ", 2);
    switch (words[0]) {
      case "file" -> {
        var _ = stream.to(Path.of(words[1])); // transferred() tells its end
      }
      case "refused" -> stream.refuse(Integer.parseInt(words[1]));
      default ->
          Thread.ofVirtual()
              .start(() -> tell(session, "received " + stream.name(), read(stream, words)));
    }
  }

  private String read(Incoming stream, String[] words) {
    try (InputStream in = stream.input()) {
      return switch (words[0]) {
        case "first" -> in.readNBytes(Integer.parseInt(words[1])).length + " bytes";
        case "held" -> {
          int first = in.read();
          released.join();
          yield LinkBytes.sum(new SequenceInputStream(one(first), in));
        }
        case "sum" -> LinkBytes.sum(in);
        default -> throw new IllegalArgumentException(stream.name());
      };
    } catch (IOException e) {
      return how(e);
    }
  }

  private static InputStream one(int value) {
    return new ByteArrayInputStream(new byte[] {(byte) value});
  }

  /** Has held streams read on. */
  final void release() {
    released.complete(null);
  }

  @Override
  public final void transferred(LinkSession<LinkWords, LinkWords> session, Transfer transfer) {
    tell(
        session,
        (transfer.incoming() ? "received " : "sent ") + transfer.name(),
        transfer.isComplete() ? "complete" : transfer.how().code() + " " + transfer.how().text());
  }

  final void sendFile(LinkSession<LinkWords, LinkWords> session, String name, Path file) {
    try {
      sending.put(name, session.stream(name, file)); // transferred() tells its end
    } catch (IOException e) {
      tell(session, "sent " + name, how(e));
    }
  }

  final void sendBytes(
      LinkSession<LinkWords, LinkWords> session, String name, long length, long seed) {
    Outgoing outgoing = session.stream(name, new LinkBytes(length, seed), OptionalLong.of(length));
    sending.put(name, outgoing);
    var _ =
        outgoing
            .done()
            .whenComplete((_, e) -> tell(session, "sent " + name, e == null ? "complete" : how(e)));
  }

  /** Cancels a stream that was begun. */
  final void cancel(String name) {
    @Nullable Outgoing outgoing = sending.get(name);
    if (outgoing != null) {
      outgoing.cancel();
    }
  }

  private static String how(Throwable failure) {
    Throwable why =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return why instanceof LinkException e ? e.code() + " " + e.getMessage() : why.toString();
  }
}
