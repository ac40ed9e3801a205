/*
 * The limit: what Baton does, as little of it as works, in C. One process accepts and passes each descriptor to one
 * of two forked workers in turn (SCM_RIGHTS over a socketpair); a worker echoes what comes. Nobody asks how anybody
 * is, nothing is acknowledged, and a worker that dies takes its connections along.
 *
 * server PORT: serves 127.0.0.1:PORT until SIGTERM. Prints "ready" when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS = 2, EVENTS = 256, BUFFER = 64 * 1024 };

/* The one message there is: a byte and, where CMSG_DATA has it on 64 bits, a descriptor. */
static struct iovec byte = {&(char){'c'}, 1};
static struct { struct cmsghdr head; int fd; } control = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}, -1};
static struct msghdr message = {NULL, 0, &byte, 1, &control, sizeof control, 0};

static void watch(int epoll, int fd) {
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
}

/* The next client's descriptor; -1 if there is none now. */
static int take(int pipe) {
  message.msg_controllen = sizeof control; /* recvmsg has written there what came */
  if (recvmsg(pipe, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return -1;
  setsockopt(control.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  return control.fd;
}

static void work(int pipe) {
  static char buffer[BUFFER];
  struct epoll_event events[EVENTS];
  int epoll = epoll_create1(0), fd;
  watch(epoll, pipe);
  for (;;) {
    for (int i = 0, n = epoll_wait(epoll, events, EVENTS, -1); i < n; i++) {
      if (events[i].data.fd == pipe) {
        while ((fd = take(pipe)) >= 0) watch(epoll, fd);
      } else {
        ssize_t length = recv(events[i].data.fd, buffer, BUFFER, MSG_DONTWAIT);
        if (length <= 0 || send(events[i].data.fd, buffer, length, MSG_NOSIGNAL) != length) close(events[i].data.fd);
      }
    }
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in address = {AF_INET, htons(argc > 1 ? atoi(argv[1]) : 0), {htonl(INADDR_LOOPBACK)}, {0}};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pipes[WORKERS][2];
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) err(1, "listening");
  for (int i = 0; i < WORKERS; i++) {
    pid_t worker = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pipes[i]) ? -1 : fork();
    if (worker < 0) err(1, "a worker");
    if (worker == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      work(pipes[i][1]);
    }
    close(pipes[i][1]);
  }
  dprintf(1, "ready\n");
  for (unsigned turn = 0;; turn++) {
    control.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (control.fd < 0) continue;
    if (sendmsg(pipes[turn % WORKERS][0], &message, MSG_NOSIGNAL) < 0) err(1, "sendmsg");
    close(control.fd);
  }
}
