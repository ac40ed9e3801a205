package io.baton.spice;

import io.baton.codec.CodecModule;
import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * The beginning of a module that shows screens: its codec and its services. The module's jar
 * carries this library's classes.
 *
 * <pre>{@code
 * public final class ClockModule implements CodecModule {
 *   private SpiceCodec codec;
 *
 *   @Override
 *   public String name() {
 *     return "clock";
 *   }
 *
 *   @Override
 *   public void start(Context context) {
 *     codec = new SpiceCodec(SpiceSettings.of(context.config()));
 *     context.service("clock", SpiceInput.class, SpiceOutput.class,
 *         Spice.service(640, 480, ClockScreen::new));
 *   }
 *
 *   @Override
 *   public Map<String, Codec<?, ?>> codecs() {
 *     return Map.of("spice", codec);
 *   }
 * }
 * }</pre>
 *
 * @see CodecModule
 */
public final class Spice {
  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true"); // a server has no screen of its own
    }
  }

  private Spice() {}

  /**
   * Makes a service factory of one that makes screens' services.
   *
   * @param width of the screen at first, in pixels
   * @param height of the screen at first, in pixels
   * @param factory called once per session, in the session's lane
   * @throws IllegalArgumentException if a side is less than 1, or the screen has more than {@link
   *     Screen#MAX_PIXELS}
   */
  public static Supplier<Service<SpiceInput, SpiceOutput>> service(
      int width, int height, Supplier<? extends ScreenService> factory) {
    if (width < 1 || height < 1 || (long) width * height > Screen.MAX_PIXELS) {
      throw new IllegalArgumentException(
          "a screen of %d x %d pixels; allowed: 1 to %d pixels"
              .formatted(width, height, Screen.MAX_PIXELS));
    }
    return () -> new ScreenSession(factory.get(), width, height);
  }
}
