package io.baton.config;

/** The blocks of the codecs, each with its bounds. */
final class CodecsMapper {
  private CodecsMapper() {}

  static CodecSettings map(Section baton) {
    return new CodecSettings(
        http(baton.section("http")),
        webSocket(baton.section("websocket")),
        new CodecSettings.Line(oneSize(baton.section("line"), "max-length")),
        new CodecSettings.Frame(oneSize(baton.section("frame"), "max-length")),
        link(baton.section("link")));
  }

  private static CodecSettings.Http http(Section http) {
    CodecSettings.Http settings =
        new CodecSettings.Http(
            http.bytes("max-request-line", 64, SettingsMapper.MIB),
            http.bytes("max-header", 64, SettingsMapper.MIB),
            http.bytes("max-content", 0, SettingsMapper.MAX_WHOLE),
            http.bytes("max-content-in-memory", 0, SettingsMapper.MAX_WHOLE));
    http.end();
    return settings;
  }

  private static CodecSettings.WebSocket webSocket(Section block) {
    CodecSettings.WebSocket settings =
        new CodecSettings.WebSocket(
            block.bytes("max-message", 125, 1024 * SettingsMapper.MIB),
            block.flag("permessage-deflate"));
    block.end();
    return settings;
  }

  /** A day. */
  private static final long MAX_COME_BACK_MS = 24 * 60 * 60 * 1_000;

  private static CodecSettings.Link link(Section block) {
    int window = block.bytes("window", SettingsMapper.KIB, 64 * SettingsMapper.MIB);
    int sessionWindow = block.bytes("session-window", SettingsMapper.KIB, 256 * SettingsMapper.MIB);
    int maxMessage = block.bytes("max-message", SettingsMapper.KIB, 256 * SettingsMapper.MIB);
    if (sessionWindow < window) {
      block.contradicts("session-window", "no less than window, " + Units.bytes(window), "window");
    }
    if (maxMessage > sessionWindow) {
      block.contradicts(
          "max-message",
          "no more than session-window, " + Units.bytes(sessionWindow),
          "session-window");
    }
    long comeBackMs = block.millis("come-back", 0, MAX_COME_BACK_MS);
    block.end();
    return new CodecSettings.Link(window, sessionWindow, maxMessage, comeBackMs);
  }

  private static int oneSize(Section block, String key) {
    int bytes = block.bytes(key, 1, 1024 * SettingsMapper.MIB);
    block.end();
    return bytes;
  }
}
