package io.baton.worker.codec.websocket;

import io.baton.codec.Protocol;
import io.baton.config.SettingsFixture;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.link.LinkServices;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.netty.handler.codec.http.HttpObject;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** An HTTP server that has nothing but Link in a WebSocket, at /link. */
public final class LinkInHttp {
  private LinkInHttp() {}

  /**
   * Returns it as a route.
   *
   * @param http settings of HTTP
   * @param options of the route
   */
  public static Route<HttpObject, HttpObject> route(
      LinkServices services, String http, String options) {
    LinkUpgrade link = new LinkUpgrade("/link", List.of(), new DeniedOrigins(() -> 0), services);
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
                SettingsFixture.http(http),
                InstantSource.system(),
                Spool.NONE,
                List.of(),
                Map.of("/link", link))
            .seeking();
    HttpRouter.Table none = new HttpRouter.Table(List.of());
    return new Route<>(
        "http",
        new Protocol<>("", codec, () -> new HttpRouter(none)),
        link.protocols(),
        TestRoutes.options(options));
  }
}
