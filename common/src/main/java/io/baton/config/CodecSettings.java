package io.baton.config;

/** The bounds of the codecs. */
public record CodecSettings(Http http, WebSocket webSocket, Line line, Frame frame, Link link) {
  /**
   * Bounds of the http codec, in bytes.
   *
   * @param maxContentInMemory a longer body goes to a file, if there is room for it
   */
  public record Http(int maxRequestLine, int maxHeader, int maxContent, int maxContentInMemory) {}

  /**
   * The bounds of the websocket codec.
   *
   * @param maxMessage bytes of a message, all its fragments together and inflated
   * @param deflate whether permessage-deflate is agreed to
   */
  public record WebSocket(int maxMessage, boolean deflate) {}

  /** The bound of the line codec: bytes of a line. */
  public record Line(int maxLength) {}

  /** The bound of the frame codec: bytes of a message. */
  public record Frame(int maxLength) {}

  /**
   * The bounds of the link codec, in bytes.
   *
   * @param window of one channel
   * @param sessionWindow of all channels of a session together; no less than window
   * @param maxMessage of a message; no more than sessionWindow
   * @param comeBackMs when clients are asked to come back that are told that the server stops
   */
  public record Link(int window, int sessionWindow, int maxMessage, long comeBackMs) {}
}
