package io.baton.worker.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;

/**
 * An embedded channel's event loop takes every thread for its own. This one is of the thread that
 * makes it, so that a test can send from another one; what that hands over waits until the channel
 * runs its tasks. One thread at a time: a test joins the other one.
 */
final class OwnedLoop {

  private OwnedLoop() {}

  static EventLoop of(EventLoop embedded) {
    return of(embedded, () -> {});
  }

  /**
   * Makes a loop that also says when its clock is read.
   *
   * @param onClockRead on the thread that reads
   */
  static EventLoop of(EventLoop embedded, Runnable onClockRead) {
    Thread owner = Thread.currentThread();
    Ticker watched = watched(embedded.ticker(), onClockRead);
    return (EventLoop)
        Proxy.newProxyInstance(
            OwnedLoop.class.getClassLoader(),
            new Class<?>[] {EventLoop.class},
            (_, method, arguments) -> {
              if (method.getName().equals("inEventLoop") && arguments == null) {
                return owner.equals(Thread.currentThread());
              }
              if (method.getName().equals("ticker")) {
                return watched;
              }
              try {
                return method.invoke(embedded, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Ticker watched(Ticker ticker, Runnable onRead) {
    return new Ticker() {
      @Override
      public long initialNanoTime() {
        return ticker.initialNanoTime();
      }

      @Override
      public long nanoTime() {
        onRead.run();
        return ticker.nanoTime();
      }

      @Override
      public void sleep(long delay, TimeUnit unit) throws InterruptedException {
        ticker.sleep(delay, unit);
      }
    };
  }
}
