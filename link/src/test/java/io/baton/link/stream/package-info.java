@NullMarked
package io.baton.link.stream;

import org.jspecify.annotations.NullMarked;
