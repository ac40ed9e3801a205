package io.baton.service.testkit;

import io.baton.service.Service;
import io.baton.testing.SessionContract;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The test kit's sessions keep what the runtime's do. */
final class TestSessionContractTest extends SessionContract {

  @Override
  protected Subject subject(Supplier<? extends Service<String, String>> services) {
    return new Kit(TestSession.from(services));
  }

  private record Kit(TestSession<String, String> test) implements Subject {
    @Override
    public void open() {
      test.open();
    }

    @Override
    public void receive(String message) {
      try {
        test.receive(message);
      } catch (IllegalStateException _) {
        // what a callback throws comes out of the test kit
      }
    }

    @Override
    public void clientEnds() {
      test.clientEnds();
    }

    @Override
    public void clientBreaks() {
      test.clientBreaks(List.of());
    }

    @Override
    public void setWritable(boolean writable) {
      test.setWritable(writable);
    }

    @Override
    public void advance(Duration time) {
      test.advance(time);
    }

    @Override
    public List<String> sent() {
      return test.sent();
    }

    @Override
    public int unprocessed() {
      return test.unprocessed();
    }

    @Override
    public void move() {
      test.move();
    }

    @Override
    public void close() {}
  }
}
