package io.baton.vsockframework;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An example of a module with a service of records: the codec {@code vsock-framework}, and the
 * service {@code vsock-framework-echo}, which sends back what it gets. With the types of the
 * original's example:
 *
 * <pre>
 *   baton.modules.vsock-framework.types {
 *     0 = "io.baton.vsockframework.example.Text"
 *     1 = "io.baton.vsockframework.example.Texts"
 *     2 = "io.baton.vsockframework.example.MeasuredTexts"
 *     4 = "io.baton.vsockframework.example.Talk"
 *   }
 * </pre>
 *
 * <p>Other keys: {@link VsockFrameworkSettings}. Without types in the configuration the module
 * offers nothing.
 */
public final class VsockFrameworkModule implements CodecModule {
  private static final String BLOCK = "baton.modules.vsock-framework.";

  private @Nullable VsockFrameworkCodec codec;

  @Override
  public String name() {
    return "vsock-framework";
  }

  @Override
  public void start(Context context) {
    if (!context.config().containsKey("types")) {
      return;
    }
    VsockFrameworkSettings settings;
    try {
      ClassLoader loader = VsockFrameworkModule.class.getClassLoader();
      settings = VsockFrameworkSettings.read(context.config(), loader);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(BLOCK + e.getMessage(), e);
    }
    EchoService echo = new EchoService();
    context.service(
        "vsock-framework-echo",
        FrameworkMessage.class,
        FrameworkMessage.class,
        new RecordServices(settings, () -> echo));
    codec = new VsockFrameworkCodec(settings);
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    VsockFrameworkCodec its = codec;
    return its == null ? Map.of() : Map.of(VsockFrameworkCodec.NAME, its);
  }
}
