package io.baton.worker.module;

import io.baton.codec.websocket.Handshake;
import io.baton.service.Service;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What makes the services of a module, which knows that module's class loader. While a service's
 * callback runs, the thread's context class loader is that one: libraries look there for their
 * drivers and providers, in the module's jar. Any thread.
 */
public sealed interface OfModule {

  /** Returns the module's name. */
  String module();

  ClassLoader loader();

  /** Returns the factory, as one of the module of this name and loader. */
  @SuppressWarnings("unchecked") // a handshake makes what it is declared to
  static <I, O> Supplier<? extends Service<I, O>> of(
      Supplier<? extends Service<I, O>> factory, String module, ClassLoader loader) {
    return factory instanceof Handshake handshake
        ? (Supplier<? extends Service<I, O>>)
            (Supplier<?>) new OfHandshake(handshake, module, loader)
        : new OfFactory<>(factory, module, loader);
  }

  /**
   * Code of a module runs next in this thread.
   *
   * @param factory of the service; one that is of no module changes nothing
   */
  static void enter(Object factory) {
    if (factory instanceof OfModule of) {
      Thread thread = Thread.currentThread();
      if (!of.loader().equals(thread.getContextClassLoader())) {
        thread.setContextClassLoader(of.loader()); // until another module's turn
      }
    }
  }

  /** A plain one. */
  record OfFactory<S>(Supplier<? extends S> factory, String module, ClassLoader loader)
      implements OfModule, Supplier<S> {
    @Override
    public S get() {
      OfModule.enter(this);
      return factory.get();
    }
  }

  /** One that has a say in the handshake. */
  record OfHandshake(Handshake handshake, String module, ClassLoader loader)
      implements OfModule, Handshake {
    @Override
    public List<String> subprotocols() {
      OfModule.enter(this);
      return handshake.subprotocols();
    }

    @Override
    public Set<String> kept() {
      OfModule.enter(this);
      return handshake.kept();
    }

    @Override
    public boolean allows(HttpRequest request) {
      OfModule.enter(this);
      return handshake.allows(request);
    }

    @Override
    public Service<WebSocketFrame, WebSocketFrame> get(String subprotocol) {
      OfModule.enter(this);
      return handshake.get(subprotocol);
    }

    @Override
    public Service<WebSocketFrame, WebSocketFrame> get() {
      OfModule.enter(this);
      return handshake.get();
    }
  }
}
