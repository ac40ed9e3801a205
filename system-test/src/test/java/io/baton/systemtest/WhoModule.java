package io.baton.systemtest;

import io.baton.service.Module;

/** Tells its clients who they are. */
public final class WhoModule implements Module {

  @Override
  public String name() {
    return "who";
  }

  @Override
  public void start(Context context) {
    context.service(
        "who",
        String.class,
        String.class,
        () -> (session, _) -> session.send(session.peer().toString()));
  }
}
