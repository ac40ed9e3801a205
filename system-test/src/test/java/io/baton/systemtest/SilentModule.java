package io.baton.systemtest;

import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A user's module whose service {@code silent}, for the http codec, answers {@value #LATE} after
 * some seconds, {@value #LEFT} with how many clients have left without an answer, and nothing else.
 */
public final class SilentModule implements Module {
  static final String LATE = "/late";
  static final String LEFT = "/left";

  private static final Duration LATER = Duration.ofSeconds(4);
  private static final AtomicInteger LEAVERS = new AtomicInteger();

  @Override
  public String name() {
    return "silent";
  }

  @Override
  public void start(Context context) {
    context.service("silent", FullHttpRequest.class, HttpObject.class, Silent::new);
  }

  /** The service. */
  public static final class Silent implements Service<FullHttpRequest, HttpObject> {
    private boolean asked;

    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      switch (request.uri()) {
        case LATE ->
            session.after(LATER, () -> session.send(PlainResponse.of(HttpResponseStatus.OK)));
        case LEFT -> {
          // 200 and how many
          session.send(
              PlainResponse.of(
                  new HttpResponseStatus(
                      HttpResponseStatus.OK.code(), Integer.toString(LEAVERS.get()))));
        }
        default -> asked = true;
      }
    }

    @Override
    public void closed(Session<HttpObject> session, CloseReason why) {
      if (asked && why == CloseReason.CLIENT) {
        LEAVERS.incrementAndGet();
      }
    }
  }
}
