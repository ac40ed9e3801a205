package io.baton.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerSecretsTest {
  @TempDir private Path dir;

  @Test
  void theInstancesSecretOutlivesARestartAndIsNobodyElsesToRead() throws Exception {
    byte[] first = ServerSecrets.of(InstanceSecret.in(dir), 0).sessionKeys();
    assertThat(ServerSecrets.of(InstanceSecret.in(dir), 0).sessionKeys()).isEqualTo(first);
    Path file = dir.resolve("instance");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(dir)) {
      assertThat(files).containsExactly(file);
    }
    Files.delete(file);
    assertThat(ServerSecrets.of(InstanceSecret.in(dir), 0).sessionKeys()).isNotEqualTo(first);
  }

  @Test
  void aFileOfAnotherLengthIsRefused() throws Exception {
    Path file = Files.write(dir.resolve("instance"), new byte[31]);
    assertThatIOException()
        .isThrownBy(() -> InstanceSecret.in(dir))
        .withMessageStartingWith(file + " has 31 bytes, not 32");
  }

  @Test
  void whoIsSentThemHasTheSame() throws Exception {
    ServerSecrets secrets = ServerSecrets.of(InstanceSecret.in(dir), 0);
    ServerSecrets sent = ServerSecrets.decode(secrets.encode());
    assertThat(sent.sessionKeys()).isEqualTo(secrets.sessionKeys());
    assertThat(sent.tickets().encode()).isEqualTo(secrets.tickets().encode());
    assertThatIllegalArgumentException().isThrownBy(() -> ServerSecrets.decode(new byte[71]));
    assertThat(secrets.toString()).isEqualTo("secrets with " + secrets.tickets());
  }
}
