package io.baton.manager;

/**
 * A command line names what there is not, or is otherwise wrong; the message says what is allowed.
 */
final class WrongCommand extends Failure {
  private static final long serialVersionUID = 1;

  WrongCommand(String message) {
    super(message);
  }
}
