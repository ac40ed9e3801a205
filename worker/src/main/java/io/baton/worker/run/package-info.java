/** Connections and their sessions: between the codecs and the services. */
@NullMarked
package io.baton.worker.run;

import org.jspecify.annotations.NullMarked;
