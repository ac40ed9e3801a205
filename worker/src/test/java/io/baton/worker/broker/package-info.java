@NullMarked
package io.baton.worker.broker;

import org.jspecify.annotations.NullMarked;
