package io.baton.examples;

import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Authenticator;
import io.baton.service.Principal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows clients by a token (RFC 6750), such as {@code openssl rand -hex 32} makes one. Only the
 * tokens' hashes are configured, and it is they that are compared, all of them and in constant
 * time, so how long an answer takes says nothing about them.
 */
final class TokenAuthenticator implements Authenticator {
  private static final String SCHEME = "Bearer ";
  private static final Authentication NO_TOKEN =
      new Authentication.Unauthenticated("Bearer realm=\"baton\"");
  private static final Authentication WRONG_TOKEN =
      new Authentication.Unauthenticated("Bearer realm=\"baton\", error=\"invalid_token\"");

  private final Map<String, byte[]> hashes;

  /**
   * @param hashes SHA-256 of each client's token, by the client's name
   */
  private TokenAuthenticator(Map<String, byte[]> hashes) {
    this.hashes = hashes;
  }

  /**
   * Makes one of what is configured.
   *
   * @param hashes in hexadecimal digits, by the clients' names
   * @throws IllegalArgumentException if one of them is no SHA-256
   */
  static TokenAuthenticator of(Map<String, String> hashes) {
    Map<String, byte[]> all = new TreeMap<>();
    hashes.forEach((name, hash) -> all.put(name, parsed(name, hash)));
    return new TokenAuthenticator(all);
  }

  private static byte[] parsed(String name, String hash) {
    if (!hash.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(
          "baton.modules.examples.tokens.%s is \"%s\"; allowed: a SHA-256 of 64 hexadecimal digits"
              .formatted(name, hash));
    }
    return HexFormat.of().parseHex(hash);
  }

  @Override
  public Authentication authenticate(AuthenticationRequest request) {
    return switch (request) {
      case AuthenticationRequest.Http http ->
          http.head()
              .field("Authorization")
              .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
              .map(value -> decide(value.substring(SCHEME.length()).strip()))
              .orElse(NO_TOKEN);
      case AuthenticationRequest.Credential credential ->
          decide(StandardCharsets.UTF_8.decode(credential.bytes()).toString());
    };
  }

  private Authentication decide(String token) {
    byte[] hash = sha256(token);
    Optional<String> owner = Optional.empty();
    for (Map.Entry<String, byte[]> each : hashes.entrySet()) {
      if (MessageDigest.isEqual(each.getValue(), hash)) {
        owner = Optional.of(each.getKey());
      }
    }
    return owner.isPresent()
        ? new Authentication.Accepted(new Principal(owner.get()))
        : WRONG_TOKEN;
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
