@NullMarked
package io.baton.worker.tls;

import org.jspecify.annotations.NullMarked;
