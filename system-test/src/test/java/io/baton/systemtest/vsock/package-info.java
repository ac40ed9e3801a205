/**
 * What runs inside the guest of {@code system-test/vsock/lab}: the checks, their client and a
 * module. It uses the JDK and Baton's {@code service} only, because nothing else is there.
 */
@NullMarked
package io.baton.systemtest.vsock;

import org.jspecify.annotations.NullMarked;
