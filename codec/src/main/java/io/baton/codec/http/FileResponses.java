package io.baton.codec.http;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The heads of a {@link FileService}'s answers. */
final class FileResponses {
  private FileResponses() {}

  /** The path of a directory has a slash at its end, for the links of its page. */
  static FullHttpResponse redirect(String target) {
    int authority = target.startsWith("/") ? -1 : RequestTarget.authorityAt(target);
    String path =
        authority < 0 ? target : target.substring(RequestTarget.authorityEnd(target, authority));
    int query = path.indexOf('?');
    String to = query < 0 ? path + "/" : path.substring(0, query) + "/" + path.substring(query);
    FullHttpResponse response = PlainResponse.of(HttpResponseStatus.MOVED_PERMANENTLY);
    response.headers().set(HttpHeaderNames.LOCATION, to);
    return response;
  }

  /** The head of an answer that is about a file. */
  static HttpResponse response(HttpResponseStatus status, FileTree.Found.File file) {
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

  /** The head of an answer with content of that length. */
  static HttpResponse described(HttpResponseStatus status, FileTree.Found.File file, long length) {
    HttpResponse response = response(status, file);
    HttpHeaders headers = response.headers();
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, file.type())
        .set(HttpHeaderNames.CONTENT_LENGTH, length);
    String encoding = file.encoding();
    if (encoding != null) {
      headers.set(HttpHeaderNames.CONTENT_ENCODING, encoding);
    }
    return response;
  }

  private static HttpResponse ranged(HttpResponse response) {
    response.headers().set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES);
    return response;
  }

  /** The head of an answer with all of a file, of which there are ranges. */
  static HttpResponse whole(FileTree.Found.File file) {
    return ranged(described(HttpResponseStatus.OK, file, file.size()));
  }

  static HttpResponse part(FileTree.Found.File file, ByteRange.Part part) {
    HttpResponse response =
        ranged(described(HttpResponseStatus.PARTIAL_CONTENT, file, part.length()));
    response
        .headers()
        .set(
            HttpHeaderNames.CONTENT_RANGE,
            "bytes %d-%d/%d".formatted(part.first(), part.last(), file.size()));
    return response;
  }

  /** The answer to a range that the file does not have. */
  static FullHttpResponse outside(FileTree.Found.File file) {
    FullHttpResponse response =
        PlainResponse.of(HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
    response.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + file.size());
    return response;
  }
}
