package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A handler that writes down what it is told. */
class RecordingHandler implements LinkHandler<Note, Note> {
  /** Everything but messages, as words. */
  final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

  final CountDownLatch closed = new CountDownLatch(1);
  private final List<Integer> numbers = new ArrayList<>();

  @Override
  public boolean opened(LinkSession<Note, Note> session) {
    told.add("opened");
    return true;
  }

  @Override
  public void received(LinkSession<Note, Note> session, Note message) {
    switch (message) {
      case Note.Numbered(int number, String text) -> {
        synchronized (numbers) {
          numbers.add(number);
          numbers.notifyAll();
        }
      }
    }
  }

  @Override
  public void away(LinkSession<Note, Note> session) {
    told.add("away");
  }

  @Override
  public void back(LinkSession<Note, Note> session) {
    told.add("back");
  }

  @Override
  public void closed(LinkSession<Note, Note> session, Ending why) {
    told.add("closed %d %s".formatted(why.code(), why.isLost() ? "lost" : why.text()));
    closed.countDown();
  }

  /** Waits for what it is told next. */
  String next() throws InterruptedException {
    String next = told.poll(30, TimeUnit.SECONDS);
    return next == null ? "nothing within 30 s" : next;
  }

  /** Waits until so many messages were received; returns their numbers. */
  List<Integer> awaitNumbers(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    synchronized (numbers) {
      while (numbers.size() < count && System.nanoTime() < end) {
        numbers.wait(1_000);
      }
      return List.copyOf(numbers);
    }
  }
}
