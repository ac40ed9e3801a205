@NullMarked
package io.baton.worker.codec.http;

import org.jspecify.annotations.NullMarked;
