package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.TypeSet;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Module;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service of Link, {@code json}, that greets in JSON which it writes and reads by hand. */
public final class LinkJsonModule implements Module {
  private static final TypeSet JSON = new TypeSet(new byte[] {'J'});
  private static final Pattern HELLO =
      Pattern.compile("\\{\\s*\"type\"\\s*:\\s*\"Hello\",\\s*\"name\"\\s*:\\s*\"([^\"]*)\"\\s*}");

  @Override
  public String name() {
    return "link-json";
  }

  @Override
  public void start(Context context) {
    context.service("json", LinkInput.class, LinkOutput.class, Greeting::new);
  }

  private static final class Greeting
      implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private final long worker = ProcessHandle.current().pid();
    private int greetings;

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      if (input instanceof LinkInput.Message(TypeSet types, ByteBuffer bytes)) {
        Matcher hello = HELLO.matcher(UTF_8.decode(bytes));
        if (types.equals(JSON) && hello.matches()) {
          session.send(new LinkOutput.Message(JSON, greeting(hello.group(1))));
        } else {
          session.send(new LinkOutput.Goodbye(300, "no hello"));
        }
      }
    }

    private ByteBuffer greeting(String name) {
      String json =
          "{\"type\":\"Greeting\",\"text\":\"Hello, %s!\",\"number\":%d,\"worker\":%d}"
              .formatted(name, ++greetings, worker);
      return ByteBuffer.wrap(json.getBytes(UTF_8));
    }

    @Override
    public void away(Session<LinkOutput> session) {
      // What is sent waits for the client.
    }

    @Override
    public void back(Session<LinkOutput> session, OptionalLong last) {
      // It has got everything.
    }

    @Override
    public byte[] save(Session<LinkOutput> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(greetings).array();
    }

    @Override
    public void resumed(Session<LinkOutput> session, byte[] saved) {
      greetings = ByteBuffer.wrap(saved).getInt();
    }
  }
}
