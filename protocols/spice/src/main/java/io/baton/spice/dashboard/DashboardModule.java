package io.baton.spice.dashboard;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.spice.Spice;
import io.baton.spice.SpiceCodec;
import io.baton.spice.SpiceInput;
import io.baton.spice.SpiceOutput;
import io.baton.spice.SpiceSettings;
import java.util.Map;

/** The codec {@code spice} and the service {@code dashboard}. */
public final class DashboardModule implements CodecModule {
  private SpiceSettings settings = SpiceSettings.DEFAULT;

  @Override
  public String name() {
    return "spice";
  }

  @Override
  public void start(Context context) {
    settings = SpiceSettings.of(context.config());
    context.service(
        "dashboard",
        SpiceInput.class,
        SpiceOutput.class,
        Spice.service(Dashboard.WIDTH, Dashboard.HEIGHT, Dashboard::new));
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("spice", new SpiceCodec(settings));
  }
}
