package io.baton.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.service.Service;
import io.baton.service.Session;

/** Sends each line back with its number. In another worker the numbers go on. */
final class EchoLineService implements Service<String, String> {
  private int lines;

  @Override
  public void received(Session<String> session, String line) {
    lines++;
    session.send(lines + " " + line);
  }

  @Override
  public byte[] save(Session<String> session) {
    return Integer.toString(lines).getBytes(US_ASCII);
  }

  @Override
  public void resumed(Session<String> session, byte[] saved) {
    lines = Integer.parseInt(new String(saved, US_ASCII));
  }
}
