@NullMarked
package io.baton.link.testkit;

import org.jspecify.annotations.NullMarked;
