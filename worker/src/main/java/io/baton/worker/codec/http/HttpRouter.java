package io.baton.worker.codec.http;

import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.module.OfModule;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The service of one session of a listener with routes: gives each request to the service of its
 * route, as {@link Paths} finds it, and answers 404 where there is none, and 405 if there is one
 * for other methods.
 *
 * <p>A route's service is made and opened when the session's first request for it comes, and is
 * closed when the session ends. One that does not want the client makes that request a 403 and the
 * connection's last. What a service throws ends the session, as it would without routes. The pieces
 * of a request go to the service that has its head.
 *
 * <p>What a session saves is a byte, the version, and for each service that is open its route's
 * path in UTF-8 and what it saved, each behind four bytes of length.
 */
public final class HttpRouter implements Service<HttpObject, HttpObject>, Draining<HttpObject> {
  private static final byte VERSION = 1;

  /**
   * Who answers at a path.
   *
   * @param path as it is configured
   * @param service gets what the path's rule for bodies makes of a request, and nothing else
   */
  public record Target(String path, Supplier<? extends Service<HttpObject, HttpObject>> service) {

    /** One whose service gets whole requests. */
    @SuppressWarnings("unchecked") // it receives nothing else
    public static Target whole(
        String path, Supplier<? extends Service<FullHttpRequest, HttpObject>> service) {
      return new Target(
          path, (Supplier<? extends Service<HttpObject, HttpObject>>) (Supplier<?>) service);
    }
  }

  /** A route that this session has used. */
  private record Open(Target target, Service<HttpObject, HttpObject> service) {
    /** Returns the service, whose callback runs next. */
    Service<HttpObject, HttpObject> entered() {
      OfModule.enter(target.service);
      return service;
    }
  }

  /** The same for all sessions of a listener. Immutable. */
  public static final class Table {
    private final Map<String, Target> targets;
    private final Paths patterns;

    /** A table of all of a listener's routes. */
    public Table(List<Target> targets) {
      this(targets, targets.stream().map(Target::path).toList());
    }

    /**
     * @param patterns all of the listener, of which some are for other protocols
     */
    public Table(List<Target> targets, List<String> patterns) {
      this.targets = targets.stream().collect(Collectors.toUnmodifiableMap(Target::path, t -> t));
      this.patterns = new Paths(patterns);
    }

    /** Returns who answers; the codec has found the route of all requests that it has read. */
    private @Nullable Target target(HttpRequest request) {
      String route =
          request instanceof Routed its ? its.route() : patterns.find(RequestKey.of(request));
      return route == null ? null : targets.get(route);
    }
  }

  private final Table table;
  private final List<Open> open = new ArrayList<>(1);

  /** Gets the pieces of the request that is being received; null: nobody does. */
  private @Nullable Open receiver;

  public HttpRouter(Table table) {
    this.table = table;
  }

  @Override
  public void received(Session<HttpObject> session, HttpObject message) {
    if (message instanceof HttpRequest head) {
      receiver = receiver(session, head);
    }
    Open to = receiver;
    if (to != null) {
      to.entered().received(session, message);
    }
  }

  /** The service for a request; null if there is none, and the client was told. */
  private @Nullable Open receiver(Session<HttpObject> session, HttpRequest request) {
    Target target = table.target(request);
    if (target == null) {
      session.send(nothing(table.patterns.allowed(RequestKey.of(request))));
      return null;
    }
    Open known = opened(target);
    if (known != null) {
      return known;
    }
    Open fresh = new Open(target, target.service.get());
    if (!fresh.entered().opened(session)) {
      session.send(forbidden());
      return null;
    }
    open.add(fresh);
    return fresh;
  }

  /**
   * Returns the answer where no service is.
   *
   * @param methods for which there is one
   */
  private static FullHttpResponse nothing(List<String> methods) {
    if (methods.isEmpty()) {
      return PlainResponse.of(HttpResponseStatus.NOT_FOUND);
    }
    FullHttpResponse response = PlainResponse.of(HttpResponseStatus.METHOD_NOT_ALLOWED);
    response.headers().set(HttpHeaderNames.ALLOW, String.join(", ", methods));
    return response;
  }

  private @Nullable Open opened(Target target) {
    for (Open each : open) { // one, mostly
      if (each.target.equals(target)) {
        return each;
      }
    }
    return null;
  }

  private static FullHttpResponse forbidden() {
    FullHttpResponse response = PlainResponse.of(HttpResponseStatus.FORBIDDEN);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return response;
  }

  @Override
  public void writable(Session<HttpObject> session) {
    open.forEach(each -> each.entered().writable(session));
  }

  /** For the one that has the request under way: there is one at a time. */
  @Override
  public void draining(Session<HttpObject> session) {
    if (receiver != null && receiver.entered() instanceof Draining<?> its) {
      @SuppressWarnings("unchecked") // it is a service of HTTP
      Draining<HttpObject> to = (Draining<HttpObject>) its;
      to.draining(session);
    }
  }

  @Override
  public void closed(Session<HttpObject> session, CloseReason why) {
    each(service -> service.closed(session, why));
  }

  /** Calls all of them, whatever one throws. */
  private void each(Consumer<Service<HttpObject, HttpObject>> call) {
    RuntimeException failure = null;
    for (Open each : open) {
      try {
        call.accept(each.entered());
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public byte[] save(Session<HttpObject> session) {
    List<byte[]> parts = new ArrayList<>();
    open.forEach(each -> {
      parts.add(each.target.path.getBytes(StandardCharsets.UTF_8));
      parts.add(each.entered().save(session));
    });
    int size = parts.stream().mapToInt(part -> Integer.BYTES + part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(1 + size).put(VERSION);
    parts.forEach(part -> all.putInt(part.length).put(part));
    return all.array();
  }

  /**
   * @throws IllegalArgumentException if that is not what {@link #save} wrote, or a route of it is
   *     not there any more
   */
  @Override
  public void resumed(Session<HttpObject> session, byte[] saved) {
    try {
      ByteBuffer all = ByteBuffer.wrap(saved);
      byte version = all.get();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "saved by version %d of the routes, this is %d".formatted(version, VERSION));
      }
      while (all.hasRemaining()) {
        String path = new String(part(all), StandardCharsets.UTF_8);
        resume(session, path, part(all));
      }
    } catch (BufferUnderflowException e) {
      abandon(session);
      throw new IllegalArgumentException("what the routes saved is cut off", e);
    } catch (RuntimeException e) {
      abandon(session);
      throw e;
    }
  }

  private static byte[] part(ByteBuffer from) {
    int length = from.getInt();
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  private void resume(Session<HttpObject> session, String path, byte[] saved) {
    Target target = table.targets.get(path);
    if (target == null) {
      throw new IllegalArgumentException("the session was moved here but has no route " + path);
    }
    Open fresh = new Open(target, target.service.get());
    fresh.entered().resumed(session, saved);
    open.add(fresh);
  }

  /** Nobody will tell those that were resumed already that this session does not go on. */
  private void abandon(Session<HttpObject> session) {
    closed(session, CloseReason.ERROR);
  }
}
