package io.baton.codec.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer, for a {@link HttpService.Handler}: first the status and header fields
 * of the answer, where they are not 200 and none, then one of {@link #text}, {@link #json}, {@link
 * #html}, {@link #send}, {@link #empty}, {@link #redirect}, {@link #stream} and {@link #events}.
 *
 * <p><b>Threading.</b> The request's body is there while the handler runs, and no longer; all else
 * may be asked and answered later, by one thread at a time.
 *
 * <p><b>Errors.</b> A request whose query or form is malformed is answered with 400, by an {@link
 * HttpException}. A second answer is the handler's mistake: {@link IllegalStateException}.
 */
public final class HttpExchange {
  private final Session<HttpObject> session;
  private final FullHttpRequest request;
  private final HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
  private HttpResponseStatus status = HttpResponseStatus.OK;
  private @Nullable Map<String, List<String>> query;
  private @Nullable Map<String, List<String>> form;
  private boolean answered;
  private volatile @Nullable HttpStream stream;

  HttpExchange(Session<HttpObject> session, FullHttpRequest request) {
    this.session = session;
    this.request = request;
  }

  // ---- the request ----

  /**
   * Returns the session, whose principal is this request's and whose timers the handler may use.
   */
  public Session<HttpObject> session() {
    return session;
  }

  /** Returns the request as Netty has it. */
  public FullHttpRequest request() {
    return request;
  }

  public String method() {
    return request.method().name();
  }

  /**
   * Requires one of these methods.
   *
   * @throws HttpException 405, and the client is told which methods there are, if it is another
   */
  public void requireMethod(String... allowed) {
    if (!List.of(allowed).contains(method())) {
      headers.set(HttpHeaderNames.ALLOW, String.join(", ", allowed));
      throw new HttpException(405, "Method Not Allowed");
    }
  }

  /** Returns the path, decoded as by {@link RequestTarget#path}. */
  public String path() {
    return RequestTarget.path(request.uri());
  }

  /** Returns a parameter of the path, by its name in the route; empty if the route has none. */
  public Optional<String> pathParameter(String name) {
    return request instanceof PathParameters its
        ? Optional.ofNullable(its.pathParameters().get(name))
        : Optional.empty();
  }

  /** Returns the first value of a parameter of the query. */
  public Optional<String> query(String name) {
    return query().getOrDefault(name, List.of()).stream().findFirst();
  }

  /** Returns all parameters of the query, each with its values in their order. */
  public Map<String, List<String>> query() {
    Map<String, List<String>> known = query;
    if (known == null) {
      known = parameters(request.uri(), true);
      query = known;
    }
    return known;
  }

  /** Returns the first value of a field of the form that is the request's body. */
  public Optional<String> form(String name) {
    return form().getOrDefault(name, List.of()).stream().findFirst();
  }

  /**
   * Returns all fields of the form that is the request's body, each with its values in their order.
   *
   * @throws HttpException 415 if the body is not {@code application/x-www-form-urlencoded}
   */
  public Map<String, List<String>> form() {
    Map<String, List<String>> known = form;
    if (known == null) {
      CharSequence type = HttpUtil.getMimeType(request);
      if (type == null
          || !HttpHeaderValues.APPLICATION_X_WWW_FORM_URLENCODED.contentEqualsIgnoreCase(type)) {
        throw new HttpException(415, "a form is application/x-www-form-urlencoded");
      }
      known = parameters(bodyText(), false);
      form = known;
    }
    return known;
  }

  private static Map<String, List<String>> parameters(String text, boolean hasPath) {
    try {
      return new QueryStringDecoder(text, UTF_8, hasPath).parameters();
    } catch (IllegalArgumentException e) {
      throw new HttpException(400, "malformed parameters");
    }
  }

  /** Returns the first value of a header field, whatever the case of its name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.headers().get(name));
  }

  /** Returns a copy of the body, for a library of JSON for example. */
  public byte[] body() {
    return ByteBufUtil.getBytes(request.content());
  }

  /** Returns the body as UTF-8. */
  public String bodyText() {
    return request.content().toString(UTF_8);
  }

  // ---- the answer ----

  /** Sets the answer's status; 200 without this. */
  public HttpExchange status(int code) {
    status = HttpResponseStatus.valueOf(code);
    return this;
  }

  /**
   * Sets a header field of the answer. Those of its length and of the connection are the codec's.
   *
   * @throws IllegalArgumentException if the name or value has characters that no field may have
   */
  public HttpExchange header(String name, String value) {
    headers.set(name, value);
    return this;
  }

  /** Answers with a text. */
  public void text(String text) {
    send("text/plain; charset=utf-8", text.getBytes(UTF_8));
  }

  /** Answers with a page. */
  public void html(String page) {
    send("text/html; charset=utf-8", page.getBytes(UTF_8));
  }

  /** Answers with JSON, as the module's own library has written it. */
  public void json(String json) {
    json(json.getBytes(UTF_8));
  }

  /** Answers with JSON in UTF-8. */
  public void json(byte[] json) {
    send("application/json", json);
  }

  /**
   * Answers with a body.
   *
   * @param type the media type
   * @param body not changed any more
   */
  public void send(String type, byte[] body) {
    if (!headers.contains(HttpHeaderNames.CONTENT_TYPE)) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    }
    answer(Unpooled.wrappedBuffer(body));
  }

  /** Answers without a body: status 204, unless another was set. */
  public void empty() {
    if (status.equals(HttpResponseStatus.OK)) {
      status = HttpResponseStatus.NO_CONTENT;
    }
    answer(Unpooled.EMPTY_BUFFER);
  }

  /** Sends the client to another address: 303, for a GET, unless another status was set. */
  public void redirect(String location) {
    if (status.equals(HttpResponseStatus.OK)) {
      status = HttpResponseStatus.SEE_OTHER;
    }
    header(HttpHeaderNames.LOCATION.toString(), location);
    answer(Unpooled.EMPTY_BUFFER);
  }

  private void answer(ByteBuf body) {
    begin();
    var _ =
        session.send(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, body, headers, EmptyHttpHeaders.INSTANCE));
  }

  /**
   * Begins an answer that comes in pieces. What is sent outside of a callback goes out at once.
   *
   * @param type the media type
   */
  public HttpStream stream(String type) {
    if (!headers.contains(HttpHeaderNames.CONTENT_TYPE)) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    }
    begin();
    HttpStream begun = new HttpStream(session);
    stream = begun;
    var _ = session.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers));
    if (request.method().equals(HttpMethod.HEAD)) {
      begun.end(); // its client waits for nothing more
    }
    return begun;
  }

  /** Begins a stream of server-sent events. */
  public Events events() {
    header(HttpHeaderNames.CACHE_CONTROL.toString(), "no-store");
    header("X-Accel-Buffering", "no"); // else nginx in front would collect them
    return new Events(session, stream("text/event-stream"), header("Last-Event-ID").orElse(""));
  }

  private void begin() {
    if (answered) {
      throw new IllegalStateException(method() + " " + path() + " is answered already");
    }
    answered = true;
  }

  /** The handler does not serve it. */
  void refuse(HttpException why) {
    if (answered) {
      throw why;
    }
    status(why.status()).text(why.getMessage() + "\n");
  }

  @Nullable HttpStream stream() {
    return stream;
  }
}
