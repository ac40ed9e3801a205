package io.baton.config;

import io.baton.config.Settings.LinkService;
import io.baton.config.Settings.ListenerOptions;
import io.baton.service.Endpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The services that clients of link ask for by name, on a listener or one of its routes, and who
 * may have them.
 */
final class LinkServicesMapper {
  static final String SERVICES = "services";
  static final String PLAINTEXT_TOKENS = "plaintext-tokens";

  private static final String ALLOW = "allow";
  private static final String TOKEN_FILES = "token-files";

  private static final int MAX_NAME_BYTES = 255;
  private static final String NAME =
      "a name of 1 to %d bytes of UTF-8 without control characters".formatted(MAX_NAME_BYTES);

  private final Section listener;
  private final @Nullable Endpoint endpoint;
  private final ListenerOptions options;
  private final CredentialsReader credentials;

  /**
   * @param listener the block of the listener
   * @param endpoint null if it was refused
   * @param options of the listener
   * @param credentials reads the files of tokens
   */
  LinkServicesMapper(
      Section listener,
      @Nullable Endpoint endpoint,
      ListenerOptions options,
      CredentialsReader credentials) {
    this.listener = listener;
    this.endpoint = endpoint;
    this.options = options;
    this.credentials = credentials;
  }

  /**
   * Reads the block of services, each of which is the name of a module's service, or a block.
   *
   * @param block has that block; the listener's, or a route's
   * @param inherited the authenticator of services that name none
   */
  List<LinkService> map(Section block, String inherited) {
    Section named = block.section(SERVICES);
    List<LinkService> services = new ArrayList<>();
    for (String name : named.keys()) {
      if (!isName(name)) {
        named.refuseName(name, NAME);
      }
      services.add(
          named.isBlock(name)
              ? service(name, named.section(name), inherited)
              : plain(name, named.text(name), inherited));
    }
    if (services.isEmpty()) {
      block.contradicts(SERVICES, "at least one service");
    }
    checkEncrypted(services);
    return services;
  }

  /**
   * Returns the only service of a block, which clients ask for by the name that its module gives
   * it.
   */
  List<LinkService> only(Section block, String service, String inherited) {
    if (!isName(service) && block.isGood("service")) {
      block.refuse("service", NAME);
    }
    List<LinkService> services = List.of(plain(service, service, inherited));
    checkEncrypted(services);
    return services;
  }

  private static boolean isName(String text) {
    return !text.isEmpty()
        && text.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text) // no half of a surrogate pair
        && text.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
  }

  private static LinkService plain(String name, String service, String inherited) {
    return new LinkService(name, service, List.of(), List.of(), inherited);
  }

  private LinkService service(String name, Section its, String inherited) {
    String service = its.text("service");
    List<PeerRange> allow =
        its.has(ALLOW) ? its.parsedAll(ALLOW, PeerRange.ALLOWED, PeerRange::parse) : List.of();
    List<Path> tokenFiles = its.has(TOKEN_FILES) ? credentials.tokens(its, TOKEN_FILES) : List.of();
    String authenticator =
        its.has(ListenerOptionsMapper.AUTHENTICATOR)
            ? ListenerOptionsMapper.authenticator(its)
            : inherited;
    if (endpoint != null && !options.proxy().isOn()) { // else its clients are not its peers
      String allowed = EndpointPeers.misfit(allow, endpoint);
      if (allowed != null) {
        its.contradicts(ALLOW, allowed);
      }
    }
    its.end();
    return new LinkService(name, service, allow, tokenFiles, authenticator);
  }

  /** Refuses secrets where others can read the traffic, unless that is the operator's choice. */
  private void checkEncrypted(List<LinkService> services) {
    if (!(endpoint instanceof Endpoint.Tcp tcp)
        || Hosts.isLoopback(tcp.host())
        || options.tls().isOn()
        || options.session().authentication().plaintextTokens()) {
      return;
    }
    for (LinkService service : services) {
      String risk = risk(service);
      if (risk != null) {
        listener.reject(
            "endpoint",
            "found %s without tls for service %s, which has %s; allowed a loopback address, tls.certificates or %s = true"
                .formatted(tcp, service.name(), risk, PLAINTEXT_TOKENS));
        return;
      }
    }
  }

  private static @Nullable String risk(LinkService service) {
    if (!service.authenticator().isEmpty()) {
      return "an authenticator: whoever can read the traffic learns the credentials of its clients";
    }
    return service.tokenFiles().isEmpty()
        ? null
        : "tokens: they are not sent themselves, but whoever can read the traffic can take over the sessions of its clients";
  }
}
