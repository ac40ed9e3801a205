package io.baton.codec.http;

import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link FileDirectory} for one session. A file is found and read on a virtual
 * thread, whatever the session's lane, because that blocks where the disk does; and sent in pieces,
 * the next one when the session is writable: so a client that takes its time costs a piece and the
 * high-water mark of memory, and has the write timeout. The request is held until its answer is
 * sent, so that there is one at a time.
 */
final class FileService implements Service<FullHttpRequest, HttpObject> {
  private static final String METHODS = "GET, HEAD";
  private static final int PIECE = 64 * 1024;

  /** Requests for a certain part or version get the file as it is, which alone has these. */
  private static final List<AsciiString> OF_THE_FILE =
      List.of(HttpHeaderNames.RANGE, HttpHeaderNames.IF_MATCH, HttpHeaderNames.IF_UNMODIFIED_SINCE);

  private final FileTree files;
  private final @Nullable GzipCache forms;
  private final Executor executor;

  /** Has a permit when the session may have become writable, or has ended. */
  private final Semaphore changed = new Semaphore(0);

  private volatile boolean closed;

  /** The bytes of an answer. */
  private interface Content {
    ByteBuf read(long at, int length) throws IOException;
  }

  /**
   * @param forms makes compressed ones; null: only those that are there are sent
   * @param executor for what blocks, one task at a time
   */
  FileService(FileTree files, @Nullable GzipCache forms, Executor executor) {
    this.forms = forms;
    this.executor = executor;
    this.files = files;
  }

  @Override
  public void received(Session<HttpObject> session, FullHttpRequest request) {
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      FullHttpResponse response = PlainResponse.of(HttpResponseStatus.METHOD_NOT_ALLOWED);
      response.headers().set(HttpHeaderNames.ALLOW, METHODS);
      session.send(response);
      return;
    }
    Hold hold = session.hold();
    executor.execute(() -> {
      try (hold) {
        answer(session, request);
      } catch (RuntimeException e) {
        session.close(CloseReason.ERROR);
        throw e;
      }
    });
  }

  @Override
  public void writable(Session<HttpObject> session) {
    changed.release();
  }

  @Override
  public void closed(Session<HttpObject> session, CloseReason why) {
    closed = true;
    changed.release();
  }

  private void answer(Session<HttpObject> session, FullHttpRequest request) {
    AcceptedEncodings accepted = AcceptedEncodings.of(request.headers());
    FileTree.Found found;
    try {
      found = files.find(request.uri(), accepted);
    } catch (AccessDeniedException _) {
      session.send(PlainResponse.of(HttpResponseStatus.FORBIDDEN));
      return;
    } catch (InvalidPathException _) { // a name that the file system cannot have
      session.send(PlainResponse.of(HttpResponseStatus.NOT_FOUND));
      return;
    } catch (IOException _) {
      session.send(PlainResponse.of(HttpResponseStatus.INTERNAL_SERVER_ERROR));
      return;
    }
    switch (found) {
      case FileTree.Found.Nothing _ -> session.send(PlainResponse.of(HttpResponseStatus.NOT_FOUND));
      case FileTree.Found.Directory _ -> session.send(FileResponses.redirect(request.uri()));
      case FileTree.Found.File file -> answer(session, request, file, accepted);
    }
  }

  private void answer(
      Session<HttpObject> session,
      FullHttpRequest request,
      FileTree.Found.File file,
      AcceptedEncodings accepted) {
    try (FileChannel _ = file.channel()) {
      GzipCache making = forms;
      if (making == null || !GzipCache.isFor(file)) {
        answer(session, request, file);
        return;
      }
      boolean may =
          accepted.has(AcceptedEncodings.Coding.GZIP)
              && OF_THE_FILE.stream().noneMatch(request.headers()::contains);
      if (!may || !answerPacked(session, request, file, making)) {
        answer(session, request, file.varying());
      }
    } catch (IOException e) {
      session.close(CloseReason.ERROR); // the client sees that the answer is cut off
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      session.close(CloseReason.ERROR);
    }
  }

  /** Answers with a form that is made of the file, if there is one. */
  private boolean answerPacked(
      Session<HttpObject> session,
      FullHttpRequest request,
      FileTree.Found.File file,
      GzipCache making)
      throws IOException, InterruptedException {
    FileTree.Found.File packed = file.packed(AcceptedEncodings.Coding.GZIP);
    if (packed.validators().isKnownTo(request.headers())) {
      sendNotModified(session, packed);
      return true;
    }
    byte[] form = making.of(file);
    if (form == null) {
      return false;
    }
    session.send(FileResponses.described(HttpResponseStatus.OK, packed, form.length));
    Content content = (at, length) -> Unpooled.wrappedBuffer(form, (int) at, length);
    send(session, content, 0, isHead(request) ? 0 : form.length);
    return true;
  }

  private static boolean isHead(FullHttpRequest request) {
    return request.method().equals(HttpMethod.HEAD);
  }

  private static void sendNotModified(Session<HttpObject> session, FileTree.Found.File file) {
    session.send(FileResponses.response(HttpResponseStatus.NOT_MODIFIED, file));
    session.send(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  private void answer(
      Session<HttpObject> session, FullHttpRequest request, FileTree.Found.File file)
      throws IOException, InterruptedException {
    HttpHeaders asked = request.headers();
    if (!file.validators().isWanted(asked)) {
      session.send(PlainResponse.of(HttpResponseStatus.PRECONDITION_FAILED));
      return;
    }
    if (file.validators().isKnownTo(asked)) {
      sendNotModified(session, file);
      return;
    }
    Content content = (at, length) -> read(file.channel(), at, length);
    // Ranges are for GET only (RFC 9110, 14.2).
    boolean head = isHead(request);
    ByteRange range = head ? new ByteRange.All() : file.validators().range(asked, file.size());
    switch (range) {
      case ByteRange.All _ -> {
        session.send(FileResponses.whole(file));
        send(session, content, 0, head ? 0 : file.size());
      }
      case ByteRange.Part part -> {
        session.send(FileResponses.part(file, part));
        send(session, content, part.first(), part.length());
      }
      case ByteRange.Outside _ -> session.send(FileResponses.outside(file));
    }
  }

  /** Sends the content of an answer whose head is sent, unless the session ends before. */
  private void send(Session<HttpObject> session, Content from, long at, long length)
      throws IOException, InterruptedException {
    long left = length;
    while (left > 0) {
      while (!session.writable()) {
        if (closed) {
          return;
        }
        changed.acquire();
      }
      ByteBuf piece = from.read(at + length - left, (int) Math.min(left, PIECE));
      left -= piece.readableBytes();
      if (!session.send(new DefaultHttpContent(piece))) {
        return;
      }
    }
    session.send(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  /**
   * @throws IOException also if the file has become shorter
   */
  private static ByteBuf read(FileChannel from, long at, int length) throws IOException {
    ByteBuf piece = ByteBufAllocator.DEFAULT.directBuffer(length, length);
    try {
      while (piece.isWritable()) {
        int read = piece.writeBytes(from, at + piece.readableBytes(), piece.writableBytes());
        if (read < 0) {
          throw new IOException("the file has become shorter while it was sent");
        }
      }
      return piece;
    } catch (IOException | RuntimeException e) {
      piece.release();
      throw e;
    }
  }
}
