package io.baton.worker.session;

import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.lane.Strand;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * The event loop's lane with a bound: while the test says that it is full it has no room for more
 * messages. What is submitted in spite of that runs at once.
 */
final class FullLane implements Lane {
  private final Lane loop;
  private final List<Runnable> roomAgain = new ArrayList<>();
  private boolean full;

  FullLane(EventLoop loop, boolean full) {
    this.loop = new LoopLane(loop);
    this.full = full;
  }

  void full(boolean is) {
    full = is;
    if (!full) {
      roomAgain.forEach(Runnable::run);
    }
  }

  @Override
  public Strand strand(Runnable whenRoomAgain) {
    roomAgain.add(whenRoomAgain);
    Strand strand = loop.strand(whenRoomAgain);
    return new Strand() {
      @Override
      public void submit(Runnable task) {
        strand.submit(task);
      }

      @Override
      public boolean hasRoom() {
        return !full;
      }

      @Override
      public boolean isCurrent() {
        return strand.isCurrent();
      }

      @Override
      public boolean mayBlock() {
        return strand.mayBlock();
      }
    };
  }

  @Override
  public int depth() {
    return loop.depth();
  }

  @Override
  public void close() {
    loop.close();
  }
}
