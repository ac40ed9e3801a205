package io.baton.spice.dashboard;

/** The characters of a keyboard with the layout of the United States. */
final class UsKeyboard {
  static final int BACKSPACE = 0x0E;
  static final int LEFT_SHIFT = 0x2A;
  static final int RIGHT_SHIFT = 0x36;

  private static final int FIRST = 0x02;
  private static final String PLAIN =
      "1234567890-=\0\0qwertyuiop[]\0\0asdfghjkl;'`\0\\zxcvbnm,./\0\0\0 ";
  private static final String SHIFTED =
      "!@#$%^&*()_+\0\0QWERTYUIOP{}\0\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0\0\0 ";

  private UsKeyboard() {}

  /** Returns the character of a key; 0 if it has none. */
  static char character(int scancode, boolean shift) {
    int index = scancode - FIRST;
    String row = shift ? SHIFTED : PLAIN;
    return index < 0 || index >= row.length() ? 0 : row.charAt(index);
  }
}
