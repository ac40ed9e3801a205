/**
 * Live migration: sessions that go to another worker and come from one, with their connections.
 * docs/MIGRATION.md tells how the parts work together.
 */
@NullMarked
package io.baton.worker.migration;

import org.jspecify.annotations.NullMarked;
