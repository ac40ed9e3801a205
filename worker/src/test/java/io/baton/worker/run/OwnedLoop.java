package io.baton.worker.run;

import io.netty.channel.EventLoop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * An embedded channel's event loop takes every thread for its own. This one is of the thread that
 * makes it, so that a test can send from another one; what that hands over waits until the channel
 * runs its tasks. One thread at a time: a test joins the other one.
 */
final class OwnedLoop {

  private OwnedLoop() {}

  static EventLoop of(EventLoop embedded) {
    Thread owner = Thread.currentThread();
    return (EventLoop)
        Proxy.newProxyInstance(
            OwnedLoop.class.getClassLoader(),
            new Class<?>[] {EventLoop.class},
            (_, method, arguments) -> {
              if (method.getName().equals("inEventLoop") && arguments == null) {
                return owner.equals(Thread.currentThread());
              }
              try {
                return method.invoke(embedded, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
