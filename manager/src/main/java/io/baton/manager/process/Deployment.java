package io.baton.manager.process;

import io.baton.config.Configuration;
import io.baton.config.Places;
import io.baton.credentials.Credentials;
import io.baton.manager.certificate.ServerCertificates;
import io.baton.manager.fleet.Generation;
import io.baton.pipe.DescriptorKind;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that it takes to start a worker of one generation, unchangeable from outside: what is edited
 * or replaced on disk later is another generation's.
 *
 * @param certificates that its listeners show
 * @param places where its configuration stands
 * @param sent what each worker is sent with its Hello, sealed memory files
 */
public record Deployment(
    Generation generation,
    ServerCertificates certificates,
    Places places,
    Map<DescriptorKind, Fd> sent,
    Launcher launcher,
    GenerationFiles files) {
  private static final Logger log = LoggerFactory.getLogger(Deployment.class);

  /**
   * Becomes the owner of the files.
   *
   * @param configuration that it was made from
   */
  public static Deployment of(
      Generation generation, Configuration configuration, Launcher launcher, GenerationFiles files)
      throws PosixException {
    ServerCertificates certificates = ServerCertificates.of(configuration);
    Map<DescriptorKind, Fd> sent = new EnumMap<>(DescriptorKind.class);
    try {
      byte[] concluded = configuration.concluded().getBytes(StandardCharsets.UTF_8);
      sent.put(DescriptorKind.CONFIG, MemFd.sealed("baton-configuration", concluded));
      Credentials credentials = configuration.credentials();
      if (!credentials.equals(Credentials.NONE)) {
        sent.put(
            DescriptorKind.CREDENTIALS, MemFd.sealed("baton-credentials", credentials.encode()));
      }
    } catch (PosixException | RuntimeException e) {
      sent.values().forEach(Fd::release);
      throw e;
    }
    return new Deployment(generation, certificates, configuration.places(), sent, launcher, files);
  }

  /** Has missing files written again, in a thread of their own. */
  void restore() {
    Thread.ofPlatform()
        .name("restore-generation-" + generation.number())
        .start(() -> {
          try {
            if (files.restore()) {
              log.warn(
                  "files of generation {} had vanished and were written again",
                  generation.number());
            }
          } catch (IOException e) {
            log.error(
                "files of generation {} cannot be written again: {}",
                generation.number(),
                e.toString());
          }
        });
  }

  /** Gives up what workers are sent; its files stay. */
  public void release() {
    sent.values().forEach(Fd::release);
  }

  /** No worker of it is left, nor will there be one. Its files go in a thread of their own. */
  public void discard() {
    release();
    Thread.ofPlatform().name("remove-generation-" + generation.number()).start(files::remove);
  }
}
