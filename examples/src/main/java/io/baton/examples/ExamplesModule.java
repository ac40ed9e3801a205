package io.baton.examples;

import io.baton.service.Module;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;

/**
 * Two services: {@code hello} for a listener with the http codec, {@code echo} for one with raw.
 *
 * <pre>
 *   baton.modules.examples { greeting = "Hello, World!" }
 * </pre>
 */
public final class ExamplesModule implements Module {

  @Override
  public String name() {
    return "examples";
  }

  @Override
  public void start(Context context) {
    String greeting = greeting(context);
    context.service(
        "hello", FullHttpRequest.class, HttpObject.class, () -> new HelloService(greeting));
    context.service("echo", ByteBuf.class, ByteBuf.class, EchoService::new);
  }

  private static String greeting(Context context) {
    return switch (context.config().getOrDefault("greeting", "Hello, World!")) {
      case String text -> text;
      case Object other ->
          throw new IllegalArgumentException(
              "baton.modules.examples.greeting is " + other + "; allowed: a text");
    };
  }
}
