package io.baton.config;

/** The blocks of the codecs, each with its bounds. */
final class CodecsMapper {
  private CodecsMapper() {}

  static Settings.Codecs map(Section baton) {
    return new Settings.Codecs(
        http(baton.section("http")),
        webSocket(baton.section("websocket")),
        new Settings.Line(oneSize(baton.section("line"), "max-length")),
        new Settings.Frame(oneSize(baton.section("frame"), "max-length")));
  }

  private static Settings.Http http(Section http) {
    Settings.Http settings =
        new Settings.Http(
            http.bytes("max-request-line", 64, SettingsMapper.MIB),
            http.bytes("max-header", 64, SettingsMapper.MIB),
            http.bytes("max-content", 0, SettingsMapper.MAX_WHOLE),
            http.bytes("max-content-in-memory", 0, SettingsMapper.MAX_WHOLE));
    http.end();
    return settings;
  }

  private static Settings.WebSocket webSocket(Section block) {
    Settings.WebSocket settings =
        new Settings.WebSocket(
            block.bytes("max-message", 125, 1024 * SettingsMapper.MIB),
            block.flag("permessage-deflate"));
    block.end();
    return settings;
  }

  private static int oneSize(Section block, String key) {
    int bytes = block.bytes(key, 1, 1024 * SettingsMapper.MIB);
    block.end();
    return bytes;
  }
}
