package io.baton.spice;

/**
 * The numbers of the messages (spice/enums.h): those of all channels, then each channel's own, from
 * the server and from the client.
 */
final class Messages {
  // From the server, on all channels.
  static final int SET_ACK = 3;
  static final int PING = 4;
  static final int DISCONNECTING = 6;

  // From the client, on all channels.
  static final int ACK_SYNC = 1;
  static final int ACK = 2;
  static final int PONG = 3;
  static final int CLIENT_DISCONNECTING = 6;

  static final int MAIN_INIT = 103;
  static final int MAIN_CHANNELS_LIST = 104;
  static final int MAIN_MOUSE_MODE = 105;
  static final int MAIN_NAME = 113;
  static final int ATTACH_CHANNELS = 104;
  static final int MOUSE_MODE_REQUEST = 105;

  static final int DISPLAY_MARK = 102;
  static final int DISPLAY_INVAL_ALL_PALETTES = 108;
  static final int DISPLAY_DRAW_COPY = 304;
  static final int DISPLAY_SURFACE_CREATE = 314;
  static final int DISPLAY_SURFACE_DESTROY = 315;
  static final int DISPLAY_MONITORS_CONFIG = 317;
  static final int DISPLAY_CLIENT_INIT = 101;

  static final int INPUTS_INIT = 101;
  static final int INPUTS_MOUSE_MOTION_ACK = 111;
  static final int KEY_DOWN = 101;
  static final int KEY_UP = 102;
  static final int KEY_MODIFIERS = 103;
  static final int MOUSE_MOTION = 111;
  static final int MOUSE_POSITION = 112;
  static final int MOUSE_PRESS = 113;
  static final int MOUSE_RELEASE = 114;

  static final int CURSOR_INIT = 101;

  private Messages() {}
}
