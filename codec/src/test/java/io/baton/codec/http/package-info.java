@NullMarked
package io.baton.codec.http;

import org.jspecify.annotations.NullMarked;
