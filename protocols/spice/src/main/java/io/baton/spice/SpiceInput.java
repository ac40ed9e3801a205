package io.baton.spice;

/** A message that the codec reads, on whichever of the session's channels. */
public sealed interface SpiceInput {

  /**
   * The client's display is there and shows nothing yet.
   *
   * @param lz4 whether it understands images compressed with LZ4
   */
  record DisplayOpened(boolean lz4) implements SpiceInput {}

  /** What the user does, with the ids and states of the protocol. */
  sealed interface UserInput extends SpiceInput {}

  /**
   * A key is pressed, or repeats.
   *
   * @param scancode of set 1 ("XT"): 0x01 to 0x7F, or 0xE001 to 0xE07F for keys with the prefix E0
   */
  record KeyDown(int scancode) implements UserInput {}

  /**
   * A key is released.
   *
   * @param scancode the same as in {@link KeyDown}
   */
  record KeyUp(int scancode) implements UserInput {}

  /**
   * The locks of the client's keyboard.
   *
   * @param locks bits: 1 scroll lock, 2 num lock, 4 caps lock
   */
  record Modifiers(int locks) implements UserInput {}

  /**
   * The pointer is at a place. Of places between which nothing else has happened the last one may
   * stand for all.
   *
   * @param x pixels from the left
   * @param y pixels from the top
   * @param buttons bits: 1 left, 2 middle, 4 right
   */
  record PointerAt(int x, int y, int buttons) implements UserInput {}

  /**
   * The mouse has moved, in a client that does not say where its pointer is.
   *
   * @param dx pixels to the right
   * @param dy pixels down
   * @param buttons as of {@link PointerAt}
   */
  record MouseMoved(int dx, int dy, int buttons) implements UserInput {}

  /**
   * A button is pressed.
   *
   * @param button 1 left, 2 middle, 3 right, 4 wheel up, 5 wheel down, 6 and 7 the others
   * @param buttons as of {@link PointerAt}, this one included
   */
  record ButtonDown(int button, int buttons) implements UserInput {}

  /**
   * A button is released.
   *
   * @param button as of {@link ButtonDown}
   * @param buttons as of {@link PointerAt}, without this one
   */
  record ButtonUp(int button, int buttons) implements UserInput {}
}
