/*
 * A client of many connections on one thread, so light that the server is what is measured. Every connection does the
 * same: it sends SIZE bytes, takes as many back and looks whether they are the same.
 *
 *   load connect PORT SOURCE CONNECTIONS SECONDS   16 bytes there and back, then a reset and a new connection
 *   load echo    PORT SOURCE CONNECTIONS SECONDS   64 bytes there and back, again and again
 *   load hold    PORT SOURCE CONNECTIONS           opens all, 16 bytes there and back on each, says so; then once more
 *                                                  on each for every line on standard input, until that ends
 *   load hold-http PORT SOURCE CONNECTIONS         the same with GET /hello, whose answer has to be 200 and a greeting
 *
 * It connects from the address SOURCE, to SOURCE's own network only: 127.0.0.1. Each result is one line: what was
 * done, how often it failed, seconds, percentiles in microseconds, and the CPU time of this process in microseconds. A
 * connection that fails is opened again, except by those that hold. Exit status: 0 if nothing failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, MOST = 64, ANSWER = 1024, WINDOW = 64, BUCKETS = 64 * 32 };

struct connection {
  int fd, got; /* bytes of the answer */
  long since;  /* of the exchange, nanoseconds */
  unsigned number;
};

static struct sockaddr_in server, source;
static int epoll, size, again, http; /* again: a new connection for each exchange */
static const char request[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char status[] = "HTTP/1.1 200 ", body[] = "Hello, World!"; /* how its answer begins and ends */
static struct connection *all;
static long done, failed, counts[BUCKETS], greatest;

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Buckets of 1/32 of their value. */
static void count(long nanos) {
  if (nanos > greatest) greatest = nanos;
  int top = 63 - __builtin_clzl(nanos | 32);
  counts[(top << 5) + ((nanos >> (top - 5)) & 31)]++;
}

static double percentile(double p) {
  long total = 0, seen = 0;
  for (int i = 0; i < BUCKETS; i++) total += counts[i];
  for (int i = 0; i < BUCKETS; i++) {
    seen += counts[i];
    if (seen > 0 && seen >= total * p / 100) return (((i & 31) + 32.5) * (1L << (i >> 5)) / 32) / 1000;
  }
  return 0;
}

static void report(const char *what, long from) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("%s %ld failed %ld seconds %.3f p50 %.1f p99 %.1f p999 %.1f max %.1f cpu %ld\n", what, done, failed,
         (now() - from) / 1e9, percentile(50), percentile(99), percentile(99.9), greatest / 1e3,
         (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000L + used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  fflush(stdout);
  done = greatest = 0;
  memset(counts, 0, sizeof counts);
}

static void watch(struct connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(epoll, operation, c->fd, &event)) err(1, "epoll_ctl");
}

static void fill(struct connection *c, char *bytes) {
  memset(bytes, 'a' + c->number % 26, MOST);
  memcpy(bytes, &c->number, sizeof c->number);
}

static int ask(struct connection *c) {
  char bytes[MOST];
  c->number += 1000003;
  c->got = 0;
  if (http) return send(c->fd, request, sizeof request - 1, MSG_NOSIGNAL) == sizeof request - 1;
  fill(c, bytes);
  return send(c->fd, bytes, size, MSG_NOSIGNAL) == size;
}

static void begin(struct connection *c) {
  c->since = now();
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) err(1, "socket");
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
  if (bind(c->fd, (struct sockaddr *)&source, sizeof source)) err(1, "bind");
  if (connect(c->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) err(1, "connect");
  c->got = -1; /* not connected yet */
  watch(c, EPOLL_CTL_ADD, EPOLLOUT);
}

static void fail(struct connection *c) {
  failed++;
  close(c->fd);
  begin(c);
}

static int over(struct connection *c) {
  done++;
  count(now() - c->since);
  return 1;
}

/* Whether a request is answered; an answer that does not come in one piece, short as it is, is none. */
static int answered(struct connection *c) {
  char bytes[ANSWER];
  ssize_t n = recv(c->fd, bytes, ANSWER, 0), head = sizeof status - 1, tail = sizeof body - 1;
  if (n < 0 && errno == EAGAIN) return 0;
  if (n < head + tail || memcmp(bytes, status, head) || memcmp(bytes + n - tail, body, tail)) return fail(c), 0;
  return over(c);
}

/* Whether the exchange is over. */
static int step(struct connection *c, unsigned events) {
  if (c->got < 0) {
    if ((events & (EPOLLERR | EPOLLHUP)) || !ask(c)) return fail(c), 0;
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    return 0;
  }
  if (http) return answered(c);
  char bytes[MOST], expected[MOST];
  ssize_t n = recv(c->fd, bytes, size - c->got, 0);
  if (n < 0 && errno == EAGAIN) return 0;
  fill(c, expected);
  if (n <= 0 || memcmp(bytes, expected + c->got, n)) return fail(c), 0;
  c->got += n;
  return c->got == size && over(c);
}

static void run(int connections, double seconds) {
  struct epoll_event events[EVENTS];
  long from = now(), until = from + (long)(seconds * 1e9);
  for (int i = 0; i < connections; i++) begin(&all[i]);
  while (now() < until) {
    int n = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (!step(c, events[i].events)) continue;
      if (again) {
        close(c->fd);
        begin(c);
      } else {
        c->since = now();
        if (!ask(c)) fail(c);
      }
    }
  }
  report("done", from);
}

/* One exchange on each, a few at a time; the first on a new connection. */
static void round_of(int connections, const char *what) {
  struct epoll_event events[EVENTS];
  long from = now();
  int next = 0, finished = 0;
  while (finished < connections) {
    for (; next < connections && next - finished < WINDOW; next++) {
      if (all[next].fd == 0) {
        begin(&all[next]);
      } else {
        all[next].since = now();
        if (!ask(&all[next])) errx(1, "a connection that was open is lost");
      }
    }
    int n = epoll_wait(epoll, events, EVENTS, 10000);
    if (n == 0) errx(1, "nothing for 10 s, after %d of %d", finished, connections);
    for (int i = 0; i < n; i++) finished += step(events[i].data.ptr, events[i].events);
    if (failed > 0) errx(1, "a connection failed, after %d of %d", finished, connections);
  }
  report(what, from);
}

int main(int argc, char **argv) {
  if (argc < 5) errx(2, "usage: load connect|echo|hold|hold-http PORT SOURCE CONNECTIONS [SECONDS]");
  int connections = atoi(argv[4]);
  server = (struct sockaddr_in){AF_INET, htons(atoi(argv[2])), {htonl(INADDR_LOOPBACK)}, {0}};
  source = (struct sockaddr_in){AF_INET, 0, {inet_addr(argv[3])}, {0}};
  epoll = epoll_create1(0);
  all = calloc(connections, sizeof *all);
  again = !strcmp(argv[1], "connect");
  http = !strcmp(argv[1], "hold-http");
  size = !strcmp(argv[1], "echo") ? 64 : 16;
  if (strcmp(argv[1], "hold") && !http) {
    run(connections, argc > 5 ? atof(argv[5]) : 5);
  } else {
    char line[80];
    round_of(connections, "opened");
    while (fgets(line, sizeof line, stdin)) round_of(connections, "asked");
  }
  return failed > 0;
}
