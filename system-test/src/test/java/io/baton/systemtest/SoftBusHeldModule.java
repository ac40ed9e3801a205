package io.baton.systemtest;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.softbus.SoftBusCodec;
import io.baton.softbus.SoftBusMessage;
import io.baton.softbus.SoftBusServer;
import io.baton.softbus.SoftBusServers;
import io.baton.softbus.SoftBusSession;
import io.baton.softbus.SoftBusSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A module with session servers of its own, whose jar has the softbus jar's classes in it. */
public final class SoftBusHeldModule implements CodecModule {
  static final String NAME = "com.example.held";

  private @Nullable SoftBusSettings settings;

  @Override
  public String name() {
    return "held";
  }

  @Override
  public void start(Context context) {
    SoftBusSettings its = SoftBusSettings.read(context.config());
    settings = its;
    SoftBusServers servers = SoftBusServers.builder(its).server(NAME, Held::new).build();
    context.service("held-bus", SoftBusMessage.Input.class, SoftBusMessage.Output.class, servers);
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    SoftBusSettings its = settings;
    return its == null ? Map.of() : Map.of("held-softbus", new SoftBusCodec(its));
  }

  /**
   * Answers a byte with the byte. If it gets a port in four bytes, it does not return before
   * somebody there has sent a byte, which it answers.
   */
  public static final class Held implements SoftBusServer {
    @Override
    public void bytesReceived(SoftBusSession session, byte[] data) {
      session.sendBytes(data.length == 1 ? data : waited(ByteBuffer.wrap(data).getInt()));
    }

    private static byte[] waited(int port) {
      try (Socket latch = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return latch.getInputStream().readNBytes(1);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
