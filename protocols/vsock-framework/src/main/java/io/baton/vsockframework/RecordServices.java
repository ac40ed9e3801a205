package io.baton.vsockframework;

import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * A service whose messages are records, as the service of a listener with this codec. A module
 * offers it:
 *
 * <pre>{@code
 * VsockFrameworkSettings settings =
 *     VsockFrameworkSettings.read(context.config(), MyModule.class.getClassLoader());
 * context.service(
 *     "traces",
 *     FrameworkMessage.class,
 *     FrameworkMessage.class,
 *     new RecordServices(settings, TraceService::new));
 * }</pre>
 *
 * <p>Each message is read in the session's lane, just before {@link Service#received}. A message of
 * an unknown type, or whose body does not have its type's form, ends the session with {@link
 * io.baton.service.CloseReason#PROTOCOL}; a service that implements {@link MalformedListener} is
 * told why. {@link io.baton.service.Session#send} throws an IllegalArgumentException for a record
 * that is no type's, or too long.
 *
 * @param settings those of the codec
 * @param factory makes the service of one session, in its lane
 */
public record RecordServices(
    VsockFrameworkSettings settings, Supplier<? extends Service<Record, Record>> factory)
    implements Supplier<Service<FrameworkMessage, FrameworkMessage>> {

  /** Returns the service of one session. */
  @Override
  public Service<FrameworkMessage, FrameworkMessage> get() {
    return new RecordService(settings, factory.get());
  }
}
