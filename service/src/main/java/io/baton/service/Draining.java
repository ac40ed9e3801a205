package io.baton.service;

/**
 * What a {@link Service} implements besides if it can bring to an early end what would otherwise
 * hold up its worker, which is about to end: an answer over HTTP that takes long or has no end,
 * such as server-sent events, or a last message before the server stops.
 *
 * <p>{@link #draining} is called
 *
 * <ul>
 *   <li>while the worker is being replaced (reload, recycle, scale), if the session could not move
 *       within a moment because a message of it is unprocessed or its answer is under way. Sessions
 *       that can move hear nothing: they are {@linkplain Service#save saved} and go on. Once the
 *       answer is at its end, the session moves, too, and its connection stays open.
 *   <li>when the worker drains because the server stops, or because the time for moving sessions is
 *       over. Each session that is left hears of it, but not a connection of HTTP that waits for a
 *       request. Behind this callback the codec says goodbye, as that of WebSockets does; a
 *       protocol that has no word for it goes on until {@code drain-timeout}, unless the service
 *       {@linkplain Session#close closes} the session.
 * </ul>
 *
 * <p>It is called once for what is under way: again only if that has ended, something else has
 * begun and holds up the worker as well. What it was called for may have ended just before it runs,
 * and the worker may go on after all, if the new one fails: so a service ends what it can and
 * remains ready for the next message.
 *
 * <p>It runs in the session's lane like all callbacks, and like those of {@link Service} ends the
 * session if it throws. A callback before it that does not return holds it up, too.
 *
 * <p>The session of a service without this interface is waited for until {@code drain-timeout}.
 *
 * @param <O> what the codec writes
 */
public interface Draining<O> {

  /**
   * The session's worker is about to end: what is under way is to end soon and in order. An answer
   * gets its last piece, so that the client sees it complete.
   */
  void draining(Session<O> session);
}
