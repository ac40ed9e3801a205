/**
 * OpenSessions and the carriers that bear them: between the codecs and the services.
 *
 * <p>Each part takes a narrow interface, its {@code Owner} or the like, and {@link
 * io.baton.worker.session.ClientSession} is all of them; no two classes of this package know each
 * other.
 */
@NullMarked
package io.baton.worker.session;

import org.jspecify.annotations.NullMarked;
