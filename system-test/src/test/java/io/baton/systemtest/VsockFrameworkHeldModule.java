package io.baton.systemtest;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.vsockframework.FrameworkMessage;
import io.baton.vsockframework.MessageTypes;
import io.baton.vsockframework.RecordServices;
import io.baton.vsockframework.VsockFrameworkCodec;
import io.baton.vsockframework.VsockFrameworkSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;

/** A module with a service of records of its own, whose jar has the framework's classes in it. */
public final class VsockFrameworkHeldModule implements CodecModule {
  private static final VsockFrameworkSettings SETTINGS =
      VsockFrameworkSettings.of(MessageTypes.of(Map.of(7, Port.class)));

  /** A port of this machine. */
  public record Port(int number) {}

  @Override
  public String name() {
    return "held";
  }

  @Override
  public void start(Context context) {
    context.service(
        "held-framework",
        FrameworkMessage.class,
        FrameworkMessage.class,
        new RecordServices(SETTINGS, Held::new));
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("held-framework", new VsockFrameworkCodec(SETTINGS));
  }

  /** Does not return before somebody at the port has sent a byte, and sends the record back. */
  public static final class Held implements Service<Record, Record> {
    @Override
    public void received(Session<Record> session, Record message) {
      if (message instanceof Port(int number) && number > 0) {
        try (Socket latch = new Socket(InetAddress.getLoopbackAddress(), number)) {
          latch.getInputStream().readNBytes(1);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      session.send(message);
    }
  }
}
