package io.baton.spice.dashboard;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.spice.Spice;
import io.baton.spice.SpiceCodec;
import io.baton.spice.SpiceInput;
import io.baton.spice.SpiceOutput;
import io.baton.spice.SpiceSettings;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The codec {@code spice} and the service {@code dashboard}, which shows what the server says of
 * itself at the address {@code metrics} of the module's block.
 */
public final class DashboardModule implements CodecModule {
  private static final String METRICS = "metrics";
  private static final String DEFAULT_METRICS = "http://127.0.0.1:9901/metrics";

  private SpiceSettings settings = SpiceSettings.DEFAULT;
  private @Nullable ServerState server;

  @Override
  public String name() {
    return "spice";
  }

  @Override
  public void start(Context context) {
    Map<String, Object> block = new HashMap<>(context.config());
    Object metrics = block.remove(METRICS);
    settings = SpiceSettings.of(block);
    ServerState state =
        new ServerState(URI.create(metrics == null ? DEFAULT_METRICS : metrics.toString()));
    server = state;
    context.service(
        "dashboard",
        SpiceInput.class,
        SpiceOutput.class,
        Spice.service(Dashboard.WIDTH, Dashboard.HEIGHT, () -> new Dashboard(state::lines)));
  }

  @Override
  public void stop() {
    ServerState its = server;
    if (its != null) {
      its.close();
    }
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("spice", new SpiceCodec(settings));
  }
}
