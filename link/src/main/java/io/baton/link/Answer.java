package io.baton.link;

/**
 * The answer that the other side waits for, given with its question to {@link LinkHandler#asked}.
 * It may be kept and answered later, from any thread; it is answered once. At most 1,024 questions
 * of a session wait for an answer in each direction.
 *
 * @param <O> what is answered with
 */
public interface Answer<O> {
  /**
   * Answers. Waits for room as {@link LinkSession#send} does.
   *
   * @return true if the answer is queued: the other side receives it, unless the session is lost.
   *     False if the question was answered before, the other side waits no more, or the session is
   *     closed
   * @throws IllegalArgumentException as {@link LinkSession#send}; the question stays open then
   */
  boolean reply(O message);

  /**
   * Refuses to answer: the other side's future fails with a {@link LinkException} of this code and
   * text. Never waits.
   *
   * @param code from {@value Ending#FIRST_OF_APPLICATIONS} to 65535, or one of the protocol's that
   *     fits, such as 16 for an error
   * @param text a sentence for the other side's log; cut off after 1,024 bytes of UTF-8
   * @return as {@link #reply}
   * @throws IllegalArgumentException if the code is not from 1 to 65535
   */
  boolean fail(int code, String text);

  /**
   * Returns whether an answer is of no use any more: the other side has cancelled its question, or
   * its time is over, or the session has ended.
   */
  boolean isCancelled();

  /**
   * Sets what to run once {@link #isCancelled} becomes true; at once, in the caller's thread, if it
   * is true already. Otherwise it runs where the session's callbacks run, and must not block. Never
   * runs if the question was answered before. Of two calls the later one counts.
   */
  void onCancel(Runnable then);
}
