package io.baton.systemtest;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.codec.TableCodec;
import io.baton.codec.TableCodec.Line;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import java.nio.ByteBuffer;
import java.util.Map;

/** Sessions of several connections that count what they hear on all of them. */
public final class TableModule implements CodecModule {

  @Override
  public String name() {
    return "tables";
  }

  @Override
  public void start(Context context) {
    context.service("waiter", Line.class, Line.class, Counting::new);
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("table", new TableCodec());
  }

  /** Answers each seat's line with the table's number of it and the worker's pid. */
  public static final class Counting implements Service<Line, Line> {
    private final long pid = ProcessHandle.current().pid();
    private int count;

    @Override
    public void received(Session<Line> session, Line line) {
      if (line.text().equals("end")) {
        session.close(CloseReason.SERVICE);
      } else {
        session.send(new Line(line.seat(), ++count + " " + pid));
      }
    }

    @Override
    public byte[] save(Session<Line> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(count).array();
    }

    @Override
    public void resumed(Session<Line> session, byte[] saved) {
      count = ByteBuffer.wrap(saved).getInt();
    }
  }
}
