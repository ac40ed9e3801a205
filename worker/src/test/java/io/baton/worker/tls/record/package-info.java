@NullMarked
package io.baton.worker.tls.record;

import org.jspecify.annotations.NullMarked;
