/** Examples of messages as records: those of the original's example, in words of its own. */
@NullMarked
package io.baton.vsockframework.example;

import org.jspecify.annotations.NullMarked;
