package io.baton.service;

/**
 * What answers the questions to a named service.
 *
 * <p><b>Threading.</b> Each question is answered in a virtual thread of its own, so it may block,
 * and ask in turn. Several are answered at the same time, also of the same key: at most 1,024 in a
 * worker, and who asks beyond that is told {@link AskException.Reason#OVERLOADED}.
 */
@FunctionalInterface
public interface Responder {

  /**
   * Answers a question. It is not interrupted when who asks has given up.
   *
   * @return the answer, of at most {@value Services#MAX_MESSAGE_BYTES} bytes; from there on nobody
   *     may change it
   * @throws Exception to have the ask fail: who asks is told {@link AskException.Reason#FAILED} and
   *     the exception's class and message
   */
  byte[] answer(ServiceQuestion question) throws Exception;
}
