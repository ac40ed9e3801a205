package io.baton.worker.codec.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Failure;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A client of Link whose bytes a test carries by hand. Its messages are texts, of one type set. */
public final class CoreClient implements LinkEvents {
  private static final ByteBuffer SCHEMA = ByteBuffer.wrap("any".getBytes(UTF_8));

  /** What it was told, in order. */
  public final List<String> told = new ArrayList<>();

  /** The bytes of the server's streams. */
  public final ByteArrayOutputStream streamed = new ByteArrayOutputStream();

  private final Map<Integer, String> names = new HashMap<>();
  private final Random random = new Random(1);
  private final byte @Nullable [] token;
  private final byte[] credential;
  private ClientHandshake handshake;
  private @Nullable LinkCore core;
  private boolean welcome;

  /** A client that wants a session of this service. */
  public CoreClient(String service) {
    this(service, null, new byte[0], Limits.DEFAULT);
  }

  /**
   * @param token null if it has none
   */
  public CoreClient(String service, byte @Nullable [] token, byte[] credential, Limits limits) {
    this.token = token;
    this.credential = credential;
    this.handshake = ClientHandshake.open(service, token, credential, limits, random);
  }

  /** It has lost its connection, and wants to go on with its session. */
  public void comesBack() {
    handshake = ClientHandshake.resume(core(), token, credential, random);
    welcome = false;
  }

  public LinkCore core() {
    if (core == null) {
      throw new AssertionError("no session; told " + told);
    }
    return core;
  }

  /** Whether the server has let it in. */
  public boolean isWelcome() {
    return welcome;
  }

  /** Says this, as soon as its bytes are fetched. */
  public void says(String text) {
    LinkCore its = core();
    int types = its.define(SCHEMA.duplicate());
    assertThat(its.send(types, ByteBuffer.wrap(text.getBytes(UTF_8)))).isTrue();
  }

  /** Says this on a channel of this name. */
  public void says(String channel, String text) {
    int number = core().openMessages(channel);
    assertThat(core().send(number, types(), ByteBuffer.wrap(text.getBytes(UTF_8)))).isTrue();
  }

  /** Asks this. */
  public void asks(String text) {
    assertThat(core().ask(0, types(), ByteBuffer.wrap(text.getBytes(UTF_8)))).isPositive();
  }

  private int types() {
    return core().define(SCHEMA.duplicate());
  }

  /** Says goodbye behind what it has said. */
  public void leaves() {
    core().close(18, "");
  }

  /** Returns the bytes that it has to send now. */
  public byte[] sends() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    boolean more = true;
    while (more) {
      more = false;
      if (handshake.pending()) {
        more = handshake.write(bytes) > 0;
      } else if (welcome) {
        more = core().write(bytes) > 0;
      }
      all.write(bytes.array(), 0, bytes.position());
      bytes.clear();
    }
    return all.toByteArray();
  }

  /** Takes bytes that the server has sent. */
  public void hears(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (!welcome && from.hasRemaining()) {
      switch (handshake.read(from)) {
        case WELCOMED -> {
          core = handshake.core();
          welcome = true;
        }
        case REFUSED -> told.add("refused " + handshake.refusal().code());
        case WAITING -> {
          // The rest is still to come.
        }
      }
    }
    if (welcome && from.hasRemaining()) {
      core().read(from, this);
    }
  }

  @Override
  public void pinged(long t1) {
    core().pong(t1, t1, t1);
  }

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
    String text =
        switch (kind) {
          case MESSAGE -> names.getOrDefault(channel, "");
          case ASK, REPLY, CANCEL -> kind + " ";
          case FAILED -> "FAILED " + Failure.read(payload);
        };
    told.add(text + UTF_8.decode(payload));
    if (kind == MessageKind.ASK) {
      var _ = core().reply(channel, ask, types(), ByteBuffer.wrap("mine".getBytes(UTF_8)));
    }
    core().consumed(channel, size);
    return true;
  }

  @Override
  public void openedMessages(int channel, String name) {
    names.put(channel, name + ": ");
  }

  /** All that has come of a stream of the server, in place of what nobody else reads. */
  @Override
  public void readable(int channel) {
    ByteBuffer bytes = ByteBuffer.allocate(1_024);
    while (core().streams().read(channel, bytes.clear()) > 0) {
      streamed.write(bytes.array(), 0, bytes.position());
    }
  }

  @Override
  public void ended(int channel, int code) {
    told.add("ended " + LinkCode.of(code));
  }

  @Override
  public void defined(int types, ByteBuffer schema) {}

  @Override
  public void goingAway(LinkCode code, long comeBackMillis) {
    told.add("going away " + code);
  }

  @Override
  public void closed(int code, String text) {
    told.add("closed " + code);
  }
}
