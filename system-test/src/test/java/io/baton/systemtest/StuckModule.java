package io.baton.systemtest;

import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A user's module whose service {@code stuck}, for the raw codec, echoes under a lock, and gets
 * stuck at {@value #DEADLOCK}, with the lock, and at {@value #SPIN}, without.
 */
public final class StuckModule implements Module {
  static final String DEADLOCK = "D";
  static final String SPIN = "S";

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final ReentrantLock OTHER_LOCK = new ReentrantLock();

  @Override
  public String name() {
    return "stuck";
  }

  @Override
  public void start(Context context) {
    context.service("stuck", ByteBuf.class, ByteBuf.class, Stuck::new);
  }

  private static void deadlock() {
    CountDownLatch both = new CountDownLatch(2);
    Thread.ofPlatform().daemon().start(() -> lockBoth(OTHER_LOCK, LOCK, both));
    lockBoth(LOCK, OTHER_LOCK, both);
  }

  private static void lockBoth(ReentrantLock one, ReentrantLock other, CountDownLatch both) {
    one.lock();
    both.countDown();
    while (both.getCount() > 0) {
      Thread.onSpinWait();
    }
    other.lock();
  }

  private static void spin() {
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }

  /** The service. It has nothing to save. */
  public static final class Stuck implements Service<ByteBuf, ByteBuf> {

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      if (message.getByte(message.readerIndex()) == DEADLOCK.charAt(0)) {
        deadlock();
      } else if (message.getByte(message.readerIndex()) == SPIN.charAt(0)) {
        spin();
      }
      LOCK.lock();
      try {
        session.send(message.retain());
      } finally {
        LOCK.unlock();
      }
    }

    @Override
    public byte[] save(Session<ByteBuf> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<ByteBuf> session, byte[] saved) {
      // there is nothing to go on with
    }
  }
}
