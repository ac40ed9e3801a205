@NullMarked
package io.baton.credentials;

import org.jspecify.annotations.NullMarked;
