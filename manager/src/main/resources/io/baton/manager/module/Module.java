package @package@;

import io.baton.service.Module;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The services of this jar. Each worker finds this class by META-INF/services and starts it once. */
public final class @class@Module implements Module {
  private static final Logger log = LoggerFactory.getLogger(@class@Module.class);

  @Override
  public String name() {
    return "@name@";
  }

  /** Registers the services. The block {@code baton.modules.@name@} may have a {@code greeting}. */
  @Override
  public void start(Context context) {
    String greeting = String.valueOf(context.config().getOrDefault("greeting", "Hello"));
    context.service("@name@-greeter", String.class, String.class, () -> new Greeter(greeting));
    log.info("@name@-greeter says {}", greeting);
  }
}
