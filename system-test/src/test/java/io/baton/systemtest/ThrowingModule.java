package io.baton.systemtest;

import io.baton.service.Module;

/** A user's module that cannot start. */
public final class ThrowingModule implements Module {

  @Override
  public String name() {
    return "throwing";
  }

  @Override
  public void start(Context context) {
    throw new IllegalStateException("the database is on fire");
  }
}
