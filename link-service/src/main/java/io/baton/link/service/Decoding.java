package io.baton.link.service;

import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;

/** The end of a session whose client has sent what cannot be read. */
final class Decoding {

  /** Reads a message, and gives it to the service. */
  interface Reading {
    void run() throws MalformedException, SchemaException;
  }

  /** Ends the session. */
  interface Refusing {
    void close(LinkCode code, String text);
  }

  private Decoding() {}

  static void orRefuse(Reading message, Refusing session) {
    try {
      message.run();
    } catch (MalformedException e) {
      session.close(LinkCode.PROTOCOL, String.valueOf(e.getMessage()));
    } catch (SchemaException e) {
      session.close(LinkCode.SCHEMA, String.valueOf(e.getMessage()));
    }
  }
}
