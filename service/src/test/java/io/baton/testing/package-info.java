/** How the tests of all modules are told from outside how long and with which seeds to run. */
@NullMarked
package io.baton.testing;

import org.jspecify.annotations.NullMarked;
