package io.baton.config;

import io.baton.credentials.CredentialFiles;
import io.baton.credentials.Credentials;
import io.baton.credentials.Identity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of certificates, keys and tokens that the configuration names, each once, and
 * complains of those that are not as they should be; or, where a worker reads its configuration,
 * passes over what is in them.
 */
final class CredentialsReader {
  /** The current one and, while clients change over to it, the former one. */
  private static final int MAX_TOKENS = 2;

  private final Path base;
  private final boolean opened;
  private final Map<Path, List<X509Certificate>> chains = new HashMap<>();
  private final Map<Credentials.Files, Identity> identities = new HashMap<>();
  private final Map<Path, List<X509Certificate>> authorities = new HashMap<>();
  private final Map<Path, byte[]> tokens = new HashMap<>();

  /**
   * @param base what relative paths are relative to
   * @param opened whether the files are to be read
   */
  CredentialsReader(Path base, boolean opened) {
    this.base = base;
    this.opened = opened;
  }

  /** What was read. */
  Credentials result() {
    return new Credentials(identities, authorities, tokens);
  }

  List<Credentials.Files> certificates(Section tls) {
    List<Credentials.Files> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section each : tls.sections(ListenerOptionsMapper.CERTIFICATES)) {
      Credentials.Files files =
          new Credentials.Files(each.path("chain", base), each.path("key", base));
      each.end();
      all.add(files);
      if (opened && each.isGood("chain", "key")) {
        read(each, files, names);
      }
    }
    return all;
  }

  private void read(Section block, Credentials.Files files, Set<String> names) {
    List<X509Certificate> chain;
    try {
      chain = chains.computeIfAbsent(files.chain(), CredentialFiles::chain);
    } catch (IllegalArgumentException e) {
      block.reject("chain", String.valueOf(e.getMessage()));
      return;
    }
    try {
      Identity identity =
          identities.computeIfAbsent(files, its -> CredentialFiles.identity(chain, its.key()));
      for (String name : identity.names()) {
        if (!names.add(name)) {
          block.reject(
              "chain",
              "found a second certificate for %s, allowed one for each name".formatted(name));
        }
      }
    } catch (IllegalArgumentException e) {
      block.reject("key", String.valueOf(e.getMessage()));
    }
  }

  /** Reads the one certificate of a client; null if there is none. */
  Credentials.@Nullable Files certificate(Section tls) {
    boolean hasChain = !tls.text("chain", "a path", _ -> true).isEmpty();
    boolean hasKey = !tls.text("key", "a path", _ -> true).isEmpty();
    if (hasChain != hasKey) {
      tls.contradicts(hasChain ? "chain" : "key", "chain and key together, or none of them");
    }
    if (!hasChain || !hasKey) {
      return null;
    }
    Credentials.Files files = new Credentials.Files(tls.path("chain", base), tls.path("key", base));
    if (opened && tls.isGood("chain", "key")) {
      read(tls, files, new HashSet<>());
    }
    return files;
  }

  /** Reads what a broker knows its client by; null if nothing. */
  @Nullable Path brokerCredentials(Section cluster, String key) {
    if (cluster.text(key, "a path", _ -> true).isEmpty()) {
      return null;
    }
    Path file = cluster.path(key, base);
    if (opened && cluster.isGood(key)) {
      try {
        var _ = tokens.computeIfAbsent(file, CredentialFiles::brokerCredentials);
      } catch (IllegalArgumentException e) {
        cluster.reject(key, String.valueOf(e.getMessage()));
      }
    }
    return file;
  }

  @Nullable Path authorities(Section tls) {
    return authorities(tls, ListenerOptionsMapper.CLIENT_CA);
  }

  /** Reads the authorities that a key names; null if it names none. */
  @Nullable Path authorities(Section tls, String key) {
    if (tls.text(key, "a path", _ -> true).isEmpty()) {
      return null;
    }
    Path file = tls.path(key, base);
    if (opened && tls.isGood(key)) {
      try {
        var _ = authorities.computeIfAbsent(file, CredentialFiles::authorities);
      } catch (IllegalArgumentException e) {
        tls.reject(key, String.valueOf(e.getMessage()));
      }
    }
    return file;
  }

  /** Reads the tokens of a service, in their order. */
  List<Path> tokens(Section service, String key) {
    List<Path> files = service.parsedAll(key, "the path of a token's file", this::path);
    if (files.size() > MAX_TOKENS) {
      service.contradicts(key, "at most two files, the current token's and the former one's");
    }
    if (opened && service.isGood(key)) {
      for (Path file : files) {
        try {
          var _ = tokens.computeIfAbsent(file, CredentialFiles::token);
        } catch (IllegalArgumentException e) {
          service.reject(key, String.valueOf(e.getMessage()));
        }
      }
    }
    return files;
  }

  private Path path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("no path");
    }
    return base.resolve(text).normalize();
  }
}
