package io.baton.softbus;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An example of a module with session servers: the codec {@code softbus}, and the service {@code
 * softbus-echo} with an {@link EchoServer} under each name of its block:
 *
 * <pre>
 *   baton.modules.softbus {
 *     keys = "/etc/baton/softbus.keys"
 *     echo {
 *       "com.example.echo" = all        # everybody who has one of the keys
 *       "com.example.private" = [1, 2]  # those who have one of these
 *     }
 *   }
 * </pre>
 *
 * <p>Without keys in the configuration the module offers nothing.
 */
public final class SoftBusModule implements CodecModule {
  private static final String BLOCK = "baton.modules.softbus.";

  private @Nullable SoftBusCodec codec;

  @Override
  public String name() {
    return "softbus";
  }

  @Override
  public void start(Context context) {
    if (!context.config().containsKey("keys")) {
      return;
    }
    SoftBusSettings settings;
    try {
      settings = SoftBusSettings.read(context.config());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(BLOCK + e.getMessage(), e);
    }
    SoftBusServers.Builder servers = SoftBusServers.builder(settings);
    if (!(context.config().getOrDefault("echo", Map.of()) instanceof Map<?, ?> names)) {
      throw new IllegalArgumentException(
          BLOCK + "echo is no block; allowed: { NAME = all or [INDEX, ...], ... }");
    }
    names.forEach((name, who) ->
        servers.server(
            String.valueOf(name), EchoServer::new, permission(name, who), Integer.MAX_VALUE));
    context.service(
        "softbus-echo", SoftBusMessage.Input.class, SoftBusMessage.Output.class, servers.build());
    codec = new SoftBusCodec(settings);
  }

  private static SoftBusPermission permission(Object name, Object who) {
    if (who.equals("all")) {
      return SoftBusPermission.ALL;
    }
    Set<Long> indexes = new HashSet<>();
    if (who instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Number number) {
          indexes.add(number.longValue());
        }
      }
      if (indexes.size() == list.size()) {
        return SoftBusPermission.keys(indexes);
      }
    }
    throw new IllegalArgumentException(
        "%secho.\"%s\" is %s; allowed: all, or indexes of keys [1, 2, ...]"
            .formatted(BLOCK, name, who));
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    SoftBusCodec its = codec;
    return its == null ? Map.of() : Map.of(SoftBusCodec.NAME, its);
  }
}
