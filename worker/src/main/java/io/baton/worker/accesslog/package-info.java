/** The access logs of a worker's listeners: their lines, and the files that these go to. */
@NullMarked
package io.baton.worker.accesslog;

import org.jspecify.annotations.NullMarked;
