@NullMarked
package io.baton.service.testkit;

import org.jspecify.annotations.NullMarked;
