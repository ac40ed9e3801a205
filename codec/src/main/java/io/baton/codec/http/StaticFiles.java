package io.baton.codec.http;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service that sends a module's resources as files: pages, scripts, images. All of them, at most
 * {@value #MAX_BYTES} bytes together, are loaded into direct memory when the object is made, and
 * sent from there without being copied (except files so small that they go out in one piece with
 * their heads). One object serves all sessions, in any lane.
 *
 * <pre>
 *   StaticFiles site =
 *       StaticFiles.of(getClass().getClassLoader(), "site", List.of("index.html", "site.css"));
 *   context.service("site", FullHttpRequest.class, HttpObject.class, () -> site.at("/app/{@literal *}"));
 * </pre>
 *
 * <p>A request's path is looked up in a map of these names and nothing else, so there is no way to
 * a resource that is not named. Paths are compared percent-decoded; a directory's is that of its
 * {@code index.html}. GET and HEAD are answered, other methods with 405.
 *
 * <p>Caching (RFC 9110, 13): a strong ETag of the content, Last-Modified as the jar has it, and a
 * Cache-Control that by default lets caches ask each time. If-None-Match, and where that is not
 * sent If-Modified-Since, make a 304; If-Match and If-Unmodified-Since make a 412. Ranges (RFC
 * 9110, 14): one range of bytes makes a 206, one outside of the file a 416; several ranges, and
 * what is not understood, the whole file.
 */
public final class StaticFiles implements Service<FullHttpRequest, HttpObject> {
  /** The most bytes that one object's files may have together. */
  public static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final String INDEX = "index.html";
  private static final String REVALIDATE = "no-cache";
  private static final String METHODS = "GET, HEAD";

  private final Map<String, StaticFile> files;
  private final String mount;
  private final String caching;

  private StaticFiles(Map<String, StaticFile> files, String mount, String caching) {
    this.files = files;
    this.mount = mount;
    this.caching = caching;
  }

  /**
   * Loads the files.
   *
   * @param prefix the beginning of the resources' names, without a slash at either end; may be
   *     empty
   * @param names the names below the prefix, such as {@code "index.html"} and {@code
   *     "css/site.css"}; they are the files' paths, too
   * @throws IllegalArgumentException if a resource is missing or cannot be read, or all together
   *     exceed {@link #MAX_BYTES}
   */
  public static StaticFiles of(ClassLoader loader, String prefix, List<String> names) {
    Map<String, StaticFile> files = new HashMap<>();
    int left = MAX_BYTES;
    for (String name : names) {
      String resource = prefix.isEmpty() ? name : prefix + "/" + name;
      StaticFile file = load(loader, resource, left);
      left -= file.size();
      String path = "/" + name.replace("%", "%25"); // as RequestTarget has it
      files.put(path, file);
      if (name.equals(INDEX) || name.endsWith("/" + INDEX)) {
        files.put(path.substring(0, path.length() - INDEX.length()), file);
      }
    }
    return new StaticFiles(Map.copyOf(files), "", REVALIDATE);
  }

  private static StaticFile load(ClassLoader loader, String resource, int most) {
    URL url = loader.getResource(resource);
    if (url == null) {
      throw new IllegalArgumentException("there is no resource " + resource);
    }
    try {
      URLConnection connection = url.openConnection();
      connection.setUseCaches(false);
      try (InputStream in = connection.getInputStream()) {
        byte[] content = in.readNBytes(most + 1);
        if (content.length > most) {
          throw new IllegalArgumentException(
              "with resource %s it is more than %d bytes".formatted(resource, MAX_BYTES));
        }
        return StaticFile.of(resource, content, connection.getLastModified());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("loading the resource " + resource, e);
    }
  }

  /**
   * Returns the same files below a route's prefix.
   *
   * @param path the route's path, which ends with {@code /*}
   * @throws IllegalArgumentException if the path is of another form
   */
  public StaticFiles at(String path) {
    if (!path.startsWith("/") || !path.endsWith("/*")) {
      throw new IllegalArgumentException(path + " is not a path such as /files/*");
    }
    return new StaticFiles(files, path.substring(0, path.length() - 2), caching);
  }

  /**
   * Returns the same files, with permission for caches to keep them without asking.
   *
   * @param age how long a cache may keep a file, in whole seconds
   */
  public StaticFiles cachedFor(Duration age) {
    return new StaticFiles(files, mount, "public, max-age=" + age.toSeconds());
  }

  @Override
  public void received(Session<HttpObject> session, FullHttpRequest request) {
    session.send(answer(request));
  }

  private FullHttpResponse answer(FullHttpRequest request) {
    StaticFile file = find(request.uri());
    if (file == null) {
      return PlainResponse.of(HttpResponseStatus.NOT_FOUND);
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (!head && !request.method().equals(HttpMethod.GET)) {
      FullHttpResponse response = PlainResponse.of(HttpResponseStatus.METHOD_NOT_ALLOWED);
      response.headers().set(HttpHeaderNames.ALLOW, METHODS);
      return response;
    }
    if (!file.validators().isWanted(request.headers())) {
      return PlainResponse.of(HttpResponseStatus.PRECONDITION_FAILED);
    }
    if (file.validators().isKnownTo(request.headers())) {
      return response(HttpResponseStatus.NOT_MODIFIED, file, Unpooled.EMPTY_BUFFER);
    }
    // Ranges are for GET only (RFC 9110, 14.2).
    ByteRange range =
        head ? new ByteRange.All() : file.validators().range(request.headers(), file.size());
    return switch (range) {
      case ByteRange.All _ -> whole(file);
      case ByteRange.Part part -> part(file, part);
      case ByteRange.Outside _ -> outside(file);
    };
  }

  private @Nullable StaticFile find(String target) {
    String path = RequestTarget.path(target);
    return path.startsWith(mount) ? files.get(path.substring(mount.length())) : null;
  }

  private FullHttpResponse whole(StaticFile file) {
    FullHttpResponse response = response(HttpResponseStatus.OK, file, file.bytes());
    describe(response.headers(), file, file.size());
    return response;
  }

  private FullHttpResponse part(StaticFile file, ByteRange.Part part) {
    FullHttpResponse response =
        response(
            HttpResponseStatus.PARTIAL_CONTENT,
            file,
            file.bytes().slice((int) part.first(), (int) part.length()));
    describe(response.headers(), file, (int) part.length());
    response
        .headers()
        .set(
            HttpHeaderNames.CONTENT_RANGE,
            "bytes %d-%d/%d".formatted(part.first(), part.last(), file.size()));
    return response;
  }

  private static FullHttpResponse outside(StaticFile file) {
    FullHttpResponse response =
        PlainResponse.of(HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
    response.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + file.size());
    return response;
  }

  private FullHttpResponse response(HttpResponseStatus status, StaticFile file, ByteBuf content) {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
    response
        .headers()
        .set(HttpHeaderNames.ETAG, file.tag())
        .set(HttpHeaderNames.LAST_MODIFIED, file.modified())
        .set(HttpHeaderNames.CACHE_CONTROL, caching);
    return response;
  }

  private static void describe(HttpHeaders headers, StaticFile file, int length) {
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, file.type())
        .set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, length);
  }
}
