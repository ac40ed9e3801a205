package io.baton.config;

import io.baton.config.Settings.Access;
import io.baton.config.Settings.AccessLog;
import io.baton.config.Settings.Authentication;
import io.baton.config.Settings.Block;
import io.baton.config.Settings.ForwardedHeader;
import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.Limits;
import io.baton.config.Settings.ListenerOptions;
import io.baton.config.Settings.Others;
import io.baton.config.Settings.Output;
import io.baton.config.Settings.PlacementKind;
import io.baton.config.Settings.ProxyProtocol;
import io.baton.config.Settings.RealIp;
import io.baton.config.Settings.Return;
import io.baton.config.Settings.SessionOptions;
import io.baton.config.Settings.SocketOptions;
import io.baton.config.Settings.TcpOptions;
import io.baton.config.Settings.Timeouts;
import io.baton.config.Settings.Window;
import io.baton.credentials.Credentials;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The options of a listener: each is what its block says, or else what the defaults say. */
final class ListenerOptionsMapper {
  private static final Pattern MODE = Pattern.compile("0?[0-7]{1,3}");

  /** Of a duration that depends on the codec unless it is said. */
  private static final Map<String, Long> PATIENCE = Map.of("auto", Timeouts.AUTO, "off", 0L);

  static final String PROXY = "proxy-protocol";
  static final String REAL_IP = "real-ip";
  static final String TLS = "tls";
  static final String CERTIFICATES = "certificates";
  static final String CLIENT_CA = "client-ca";
  static final String AUTHENTICATOR = "authenticator";

  private static final String PROTOCOLS = "TLSv1.3 and TLSv1.2";

  private final Section block;
  private final @Nullable ListenerOptions defaults;
  private final CredentialsReader credentials;

  /**
   * @param defaults null if the block must have all of them, as that of the defaults itself
   * @param credentials reads the files that it names
   */
  ListenerOptionsMapper(
      Section block, @Nullable ListenerOptions defaults, CredentialsReader credentials) {
    this.block = block;
    this.defaults = defaults;
    this.credentials = credentials;
  }

  ListenerOptions map() {
    return new ListenerOptions(
        socket(),
        proxy(),
        realIp(),
        tls(),
        either(
            "placement", key -> block.oneOf(key, PlacementKind.class), ListenerOptions::placement),
        access(),
        limits(),
        either("access-log", key -> block.oneOf(key, AccessLog.class), ListenerOptions::accessLog),
        new SessionOptions(
            either("lane", key -> block.oneOf(key, LaneKind.class), o -> o.session().lane()),
            window(),
            output(),
            timeouts(),
            awaits(),
            authentication()));
  }

  private SocketOptions socket() {
    return new SocketOptions(
        either("backlog", key -> block.integer(key, 1, 65_535), o -> o.socket().backlog()),
        either("optional", block::flag, o -> o.socket().optional()),
        either("mode", this::mode, o -> o.socket().mode()),
        new TcpOptions(
            either(
                "defer-accept",
                key -> block.millisOr(key, PATIENCE, 1_000, 60_000),
                o -> o.socket().tcp().deferAcceptMs()),
            duration("tcp-keepalive", o -> o.socket().tcp().keepaliveMs())));
  }

  /** A block, whose keys are inherited each by itself. */
  private ProxyProtocol proxy() {
    if (defaults != null && !block.has(PROXY)) {
      return defaults.proxy();
    }
    Section its = block.section(PROXY);
    ProxyProtocol proxy =
        new ProxyProtocol(
            either(its, "from", key -> peers(its, key), o -> o.proxy().from()),
            either(its, "others", key -> its.oneOf(key, Others.class), o -> o.proxy().others()),
            either(
                its,
                "timeout",
                key -> its.millis(key, 10, SettingsMapper.DAY),
                o -> o.proxy().timeoutMs()));
    its.end();
    return proxy;
  }

  /** Likewise. */
  private RealIp realIp() {
    if (defaults != null && !block.has(REAL_IP)) {
      return defaults.realIp();
    }
    Section its = block.section(REAL_IP);
    RealIp realIp =
        new RealIp(
            either(its, "from", key -> peers(its, key), o -> o.realIp().from()),
            either(
                its,
                "header",
                key -> its.oneOf(key, ForwardedHeader.class),
                o -> o.realIp().header()));
    its.end();
    return realIp;
  }

  /** Likewise. */
  private TlsSettings tls() {
    if (defaults != null && !block.has(TLS)) {
      return defaults.tls();
    }
    Section its = block.section(TLS);
    List<Credentials.Files> certificates =
        either(its, CERTIFICATES, _ -> credentials.certificates(its), o -> o.tls().certificates());
    Path clientCa =
        eitherOrNone(its, CLIENT_CA, _ -> credentials.authorities(its), o -> o.tls().clientCa());
    TlsSettings tls =
        new TlsSettings(
            certificates,
            either(
                its,
                "client-auth",
                key -> its.oneOf(key, TlsSettings.ClientAuth.class),
                o -> o.tls().clientAuth()),
            clientCa,
            either(
                its,
                "protocols",
                key -> its.parsedAll(key, PROTOCOLS, ListenerOptionsMapper::protocol),
                o -> o.tls().protocols()),
            either(its, "tickets", its::flag, o -> o.tls().tickets()),
            either(
                its,
                "records",
                key -> its.oneOf(key, TlsSettings.Records.class),
                o -> o.tls().records()),
            either(
                its,
                "handshake-timeout",
                key -> its.millis(key, 10, SettingsMapper.DAY),
                o -> o.tls().handshakeMs()));
    if (tls.protocols().isEmpty()) {
      its.contradicts("protocols", "at least one of " + PROTOCOLS);
    }
    if (tls.isOn() && tls.clientAuth() != TlsSettings.ClientAuth.NONE && tls.clientCa() == null) {
      its.contradicts(
          "client-auth", "none, or a client-ca with the authorities of clients", CLIENT_CA);
    }
    its.end();
    return tls;
  }

  private static TlsSettings.Protocol protocol(String text) {
    return Arrays.stream(TlsSettings.Protocol.values())
        .filter(each -> each.text.equals(text))
        .findFirst()
        .orElseThrow(IllegalArgumentException::new);
  }

  private Output output() {
    int mark = highWaterMark();
    return new Output(mark, maxPending(mark));
  }

  private int highWaterMark() {
    return either(
        "high-water-mark",
        key -> block.bytes(key, SettingsMapper.KIB, 64 * SettingsMapper.MIB),
        o -> o.session().output().highWaterMarkBytes());
  }

  /** No less than the high-water mark, at which a service is asked to wait. */
  private int maxPending(int mark) {
    int max =
        either(
            "max-pending",
            key -> block.bytes(key, SettingsMapper.KIB, 1024 * SettingsMapper.MIB),
            o -> o.session().output().maxPendingBytes());
    if (max < mark) {
      if (block.has("max-pending")) {
        block.contradicts(
            "max-pending", "no less than high-water-mark, " + Units.bytes(mark), "high-water-mark");
      } else if (block.has("high-water-mark")) {
        block.contradicts("high-water-mark", "no more than max-pending, " + Units.bytes(max));
      }
    }
    return max;
  }

  private Access access() {
    return new Access(
        either("allow", key -> peers(block, key), o -> o.access().allow()),
        either("deny", key -> peers(block, key), o -> o.access().deny()),
        new Block(
            count("block-after", o -> o.access().block().after()),
            either(
                "block-within",
                key -> block.millis(key, 10, SettingsMapper.DAY),
                o -> o.access().block().withinMs()),
            either(
                "block-for",
                key -> block.millis(key, 10, SettingsMapper.DAY),
                o -> o.access().block().forMs())));
  }

  private static List<PeerRange> peers(Section in, String key) {
    return in.parsedAll(key, PeerRange.ALLOWED, PeerRange::parse);
  }

  private Limits limits() {
    return new Limits(
        count("max-connections", o -> o.limits().maxConnections()),
        count("max-connections-per-peer", o -> o.limits().maxConnectionsPerPeer()));
  }

  private Window window() {
    return new Window(
        either("window-messages", _ -> windowMessages(block), o -> o.session().window().messages()),
        either("window-bytes", _ -> windowBytes(block), o -> o.session().window().bytes()));
  }

  /** Reads the key of a listener or a route. */
  static int windowMessages(Section in) {
    return in.integerOr("window-messages", Map.of("auto", 0), 1, 65_536);
  }

  /** Likewise. */
  static int windowBytes(Section in) {
    return in.bytes("window-bytes", 1, 1024 * SettingsMapper.MIB);
  }

  private Return awaits() {
    return new Return(
        patience("awaits-return", o -> o.session().awaits().forMs()),
        either(
            "max-away",
            key -> block.integer(key, 1, SettingsMapper.MAX_CONNECTIONS),
            o -> o.session().awaits().maxAway()),
        either("resume-in-query", block::flag, o -> o.session().awaits().inQuery()));
  }

  private Authentication authentication() {
    return new Authentication(
        either(
            AUTHENTICATOR,
            key -> authenticator(block),
            o -> o.session().authentication().authenticator()),
        either(
            "authenticate-timeout",
            key -> block.millis(key, 10, SettingsMapper.DAY),
            o -> o.session().authentication().timeoutMs()),
        count(
            "max-sessions-per-principal",
            o -> o.session().authentication().maxSessionsPerPrincipal()),
        either(
            LinkServicesMapper.PLAINTEXT_TOKENS,
            block::flag,
            o -> o.session().authentication().plaintextTokens()));
  }

  /** Reads the key of a listener, a route or a service of link. */
  static String authenticator(Section in) {
    String name =
        in.text(AUTHENTICATOR, "the name of an authenticator, or off", text -> !text.isBlank());
    return name.equals("off") ? "" : name;
  }

  private Timeouts timeouts() {
    return new Timeouts(
        patience("first-byte-timeout", o -> o.session().timeouts().firstByteMs()),
        duration("header-timeout", o -> o.session().timeouts().headerMs()),
        duration("read-timeout", o -> o.session().timeouts().readMs()),
        patience("idle-timeout", o -> o.session().timeouts().idleMs()),
        duration("write-timeout", o -> o.session().timeouts().writeMs()),
        duration("response-timeout", o -> o.session().timeouts().responseMs()));
  }

  /** A duration that depends on the codec unless it is said. */
  private long patience(String key, ToLongFunction<ListenerOptions> inherited) {
    return duration(key, PATIENCE, inherited);
  }

  private long duration(String key, ToLongFunction<ListenerOptions> inherited) {
    return duration(key, Map.of("off", 0L), inherited);
  }

  private long duration(
      String key, Map<String, Long> words, ToLongFunction<ListenerOptions> inherited) {
    return either(
        key, k -> block.millisOr(k, words, 10, SettingsMapper.DAY), inherited::applyAsLong);
  }

  private int count(String key, ToIntFunction<ListenerOptions> inherited) {
    return either(
        key,
        k -> block.integerOr(k, Map.of("off", 0), 1, SettingsMapper.MAX_CONNECTIONS),
        inherited::applyAsInt);
  }

  private <T> T either(
      String key, Function<String, T> said, Function<ListenerOptions, T> inherited) {
    return either(block, key, said, inherited);
  }

  /**
   * Reads one key.
   *
   * @param in the block that has it, perhaps
   */
  private <T> T either(
      Section in, String key, Function<String, T> said, Function<ListenerOptions, T> inherited) {
    return defaults == null || in.has(key) ? said.apply(key) : inherited.apply(defaults);
  }

  /** The same for what may be nothing. */
  private <T> @Nullable T eitherOrNone(
      Section in,
      String key,
      Function<String, @Nullable T> said,
      Function<ListenerOptions, @Nullable T> inherited) {
    return defaults == null || in.has(key) ? said.apply(key) : inherited.apply(defaults);
  }

  private int mode(String key) {
    String text = block.text(key, "permission bits such as \"0660\"", MODE.asMatchPredicate());
    return text.isEmpty() ? 0 : Integer.parseInt(text, 8);
  }
}
