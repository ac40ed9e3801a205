package io.baton.codec.http;

import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

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

  private final FileTree files;
  private final Executor executor;

  /** Has a permit when the session may have become writable, or has ended. */
  private final Semaphore changed = new Semaphore(0);

  private volatile boolean closed;

  /**
   * @param executor for what blocks, one task at a time
   */
  FileService(FileTree files, Executor executor) {
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
      case FileTree.Found.Directory _ -> session.send(redirect(request.uri()));
      case FileTree.Found.File file -> answer(session, request, file);
    }
  }

  /** The path of a directory has a slash at its end, for the links of its page. */
  private static FullHttpResponse redirect(String target) {
    int authority = target.startsWith("/") ? -1 : RequestTarget.authorityAt(target);
    String path =
        authority < 0 ? target : target.substring(RequestTarget.authorityEnd(target, authority));
    int query = path.indexOf('?');
    String to = query < 0 ? path + "/" : path.substring(0, query) + "/" + path.substring(query);
    FullHttpResponse response = PlainResponse.of(HttpResponseStatus.MOVED_PERMANENTLY);
    response.headers().set(HttpHeaderNames.LOCATION, to);
    return response;
  }

  private void answer(
      Session<HttpObject> session, FullHttpRequest request, FileTree.Found.File file) {
    try (FileChannel channel = file.channel()) {
      HttpHeaders asked = request.headers();
      if (!file.validators().isWanted(asked)) {
        session.send(PlainResponse.of(HttpResponseStatus.PRECONDITION_FAILED));
        return;
      }
      if (file.validators().isKnownTo(asked)) {
        session.send(response(HttpResponseStatus.NOT_MODIFIED, file));
        session.send(LastHttpContent.EMPTY_LAST_CONTENT);
        return;
      }
      // Ranges are for GET only (RFC 9110, 14.2).
      boolean head = request.method().equals(HttpMethod.HEAD);
      ByteRange range = head ? new ByteRange.All() : file.validators().range(asked, file.size());
      switch (range) {
        case ByteRange.All _ -> {
          session.send(described(HttpResponseStatus.OK, file, file.size()));
          send(session, channel, 0, head ? 0 : file.size());
        }
        case ByteRange.Part part -> {
          HttpResponse response =
              described(HttpResponseStatus.PARTIAL_CONTENT, file, part.length());
          response
              .headers()
              .set(
                  HttpHeaderNames.CONTENT_RANGE,
                  "bytes %d-%d/%d".formatted(part.first(), part.last(), file.size()));
          session.send(response);
          send(session, channel, part.first(), part.length());
        }
        case ByteRange.Outside _ -> {
          FullHttpResponse response =
              PlainResponse.of(HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
          response.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + file.size());
          session.send(response);
        }
      }
    } catch (IOException e) {
      session.close(CloseReason.ERROR); // the client sees that the answer is cut off
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      session.close(CloseReason.ERROR);
    }
  }

  private static HttpResponse response(HttpResponseStatus status, FileTree.Found.File file) {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    HttpHeaders headers = response.headers();
    headers
        .set(HttpHeaderNames.ETAG, file.validators().tag())
        .set(HttpHeaderNames.LAST_MODIFIED, HttpDate.format(file.validators().modifiedAt()))
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
    if (file.varies()) {
      headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
    }
    return response;
  }

  private static HttpResponse described(
      HttpResponseStatus status, FileTree.Found.File file, long length) {
    HttpResponse response = response(status, file);
    HttpHeaders headers = response.headers();
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, file.type())
        .set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES)
        .set(HttpHeaderNames.CONTENT_LENGTH, length);
    String encoding = file.encoding();
    if (encoding != null) {
      headers.set(HttpHeaderNames.CONTENT_ENCODING, encoding);
    }
    return response;
  }

  /** Sends the content of an answer whose head is sent, unless the session ends before. */
  private void send(Session<HttpObject> session, FileChannel from, long at, long length)
      throws IOException, InterruptedException {
    long left = length;
    while (left > 0) {
      while (!session.writable()) {
        if (closed) {
          return;
        }
        changed.acquire();
      }
      ByteBuf piece = read(from, at + length - left, (int) Math.min(left, PIECE));
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
