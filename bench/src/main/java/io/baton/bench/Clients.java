package io.baton.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Many WebSocket sessions in one process, all on one event loop, which owns everything in here; the
 * methods are for one other thread, and each waits until the loop has done what it says.
 */
final class Clients implements AutoCloseable {
  private static final int MAX_OPENING = 64;
  private static final int MAX_HANDSHAKE_ANSWER = 8 * 1024;
  private static final int MAX_COMPLAINTS = 10;
  private static final int CONNECT_TIMEOUT_MS = 10_000;
  private static final int OPENED_WITHIN_SECONDS = 120;
  private static final int ANSWERED_WITHIN_SECONDS = 30;
  private static final int DONE_WITHIN_SECONDS = 60;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final CompletableFuture<Void> allOpen = new CompletableFuture<>();
  private final List<Pace> paces = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<Client> clients;
  private final Bootstrap bootstrap;
  private final URI uri;
  private Window window;
  private int begun;
  private int open;
  private int lost;

  Clients(URI uri, int n) {
    this.uri = uri;
    window = new Window(n);
    clients = IntStream.range(0, n).mapToObj(i -> new Client(i, new Life())).toList();
    bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
            .remoteAddress(uri.getHost(), uri.getPort());
  }

  /** Opens all sessions, a few at a time; throws if one cannot be opened. */
  void open() throws InterruptedException {
    await(() -> {
      openMore();
      return true;
    });
    try {
      allOpen.get(OPENED_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new BenchException("not all sessions opened in " + OPENED_WITHIN_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new BenchException("not all sessions opened: " + e.getCause(), e);
    }
  }

  private void openMore() {
    while (begun < clients.size() && begun - open < MAX_OPENING) {
      Client client = clients.get(begun++);
      bootstrap
          .clone()
          .handler(pipeline(client))
          .connect()
          .addListener(connected -> {
            if (!connected.isSuccess()) {
              client.refused(connected.cause());
            }
          });
    }
  }

  private ChannelInitializer<Channel> pipeline(Client client) {
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(uri)
            .handleCloseFrames(false)
            .build();
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(new HttpClientCodec())
            .addLast(new HttpObjectAggregator(MAX_HANDSHAKE_ANSWER))
            .addLast(new WebSocketClientProtocolHandler(config))
            .addLast(client);
      }
    };
  }

  /** Begins to send so many probes a second, to these sessions in turn. */
  void probe(List<Integer> numbers, int perSecond) throws InterruptedException {
    await(() -> {
      Pace pace = new Pace(loop, numbers.stream().map(clients::get).toList(), perSecond);
      paces.add(pace);
      pace.begin();
      return true;
    });
  }

  /** From now on it is another stretch of the run, which is returned. */
  Window beginWindow() throws InterruptedException {
    return await(() -> window = new Window(clients.size()));
  }

  /** Sends no more, waits for what is under way; who owes an answer after that has lost it. */
  void finish() throws InterruptedException {
    await(() -> {
      paces.forEach(Pace::stop);
      return true;
    });
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWERED_WITHIN_SECONDS);
    loop.execute(() -> awaitAnswers(deadline, quiet));
    try {
      quiet.get(ANSWERED_WITHIN_SECONDS + DONE_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new BenchException("the generator is stuck", e);
    }
  }

  private void awaitAnswers(long deadline, CompletableFuture<Void> quiet) {
    boolean late = System.nanoTime() - deadline >= 0;
    if (late) {
      clients.stream().filter(Client::owes).forEach(Client::giveUp);
    }
    if (late || clients.stream().noneMatch(Client::owes)) {
      quiet.complete(null);
    } else {
      var _ = loop.schedule(() -> awaitAnswers(deadline, quiet), 10, TimeUnit.MILLISECONDS);
    }
  }

  /** How many sessions went wrong. */
  int lost() throws InterruptedException {
    return await(() -> lost);
  }

  /** What went wrong with the first of them. */
  List<String> complaints() throws InterruptedException {
    return await(() -> List.copyOf(complaints));
  }

  private <T> T await(Callable<T> task) throws InterruptedException {
    try {
      return loop.submit(task).get(DONE_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new BenchException("the generator is stuck", e);
    }
  }

  /** Ends all sessions and the loop, as far as that goes in a bounded time. */
  @Override
  public void close() {
    loop.execute(() -> {
      paces.forEach(Pace::stop);
      clients.forEach(Client::close);
    });
    group
        .shutdownGracefully(0, DONE_WITHIN_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(DONE_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  /** What the sessions tell. */
  private final class Life implements Client.Listener {
    @Override
    public void opened() {
      open++;
      openMore();
      if (open == clients.size()) {
        allOpen.complete(null);
      }
    }

    @Override
    public void lost(String why) {
      lost++;
      if (complaints.size() < MAX_COMPLAINTS) {
        complaints.add(why);
      }
      allOpen.completeExceptionally(new BenchException(why));
    }

    @Override
    public Window window() {
      return window;
    }
  }
}
