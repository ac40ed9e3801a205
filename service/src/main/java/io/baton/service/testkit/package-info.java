/** Unit tests of services: no process, no thread, no clock. */
@NullMarked
package io.baton.service.testkit;

import org.jspecify.annotations.NullMarked;
