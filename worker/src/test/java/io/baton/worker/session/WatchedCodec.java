package io.baton.worker.session;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import java.util.function.Consumer;

/**
 * A codec as it is, of which a test knows what part it has in a session.
 *
 * @param installed hears of each session's flow
 */
record WatchedCodec<I, O>(Codec<I, O> codec, Consumer<Flow> installed) implements Codec<I, O> {
  @Override
  public Class<I> in() {
    return codec.in();
  }

  @Override
  public Class<O> out() {
    return codec.out();
  }

  @Override
  public int window() {
    return codec.window();
  }

  @Override
  public boolean clientsTurn() {
    return codec.clientsTurn();
  }

  @Override
  public Flow install(CodecContext context) {
    Flow flow = codec.install(context);
    installed.accept(flow);
    return flow;
  }
}
