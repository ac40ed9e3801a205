package io.baton.systemtest;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** The frames in one direction of a connection of Link, as they are passed on. */
final class LinkFrames {
  private static final int HEAD_BYTES = 4;

  /** Frames that have gone by. */
  private int frames;

  /** Bytes of the present frame, or of the preamble, that have gone by, and those to come. */
  private int inFrame;

  private int left;
  private int head;

  /**
   * The places that there are to choose from.
   *
   * @param frames of one direction of a connection
   * @param bytes of a frame
   */
  record Span(int frames, int bytes) {
    static final Span USUAL = new Span(60, 16_000);
  }

  /**
   * A place in a direction: so many bytes of a frame, after so many whole ones.
   *
   * @param inFrame 0 is a boundary; a frame that has fewer bytes is passed by
   */
  record Place(int frames, int inFrame) {
    static final Place NEVER = new Place(Integer.MAX_VALUE, 0);

    /** Often in the handshake, often at a boundary, often in a head. */
    static Place random(RandomGenerator chance, Span span) {
      int frames = chance.nextInt(4) == 0 ? chance.nextInt(4) : chance.nextInt(span.frames);
      int inFrame =
          switch (chance.nextInt(4)) {
            case 0, 1 -> 0;
            case 2 -> 1 + chance.nextInt(8);
            default -> 1 + chance.nextInt(span.bytes);
          };
      return new Place(frames, inFrame);
    }
  }

  /**
   * @param preamble bytes before the first frame
   */
  LinkFrames(int preamble) {
    left = preamble;
  }

  /** Returns up to where the bytes may be passed on: to their end, or to the place. */
  int pass(ByteBuffer bytes, Place place) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (frames >= place.frames()
          && inFrame >= place.inFrame()
          && !(inFrame > 0 && place.inFrame() == 0)) {
        return i;
      }
      pass(bytes.get(i));
    }
    return bytes.limit();
  }

  private void pass(byte next) {
    inFrame++;
    if (left > 0) {
      left--;
    } else {
      head = head << 8 | (next & 0xFF);
      if (inFrame == HEAD_BYTES) {
        left = head >>> 8;
      }
    }
    if (left == 0 && (inFrame >= HEAD_BYTES)) {
      frames += head == 0 ? 0 : 1; // the preamble is no frame
      inFrame = 0;
      head = 0;
    }
  }
}
