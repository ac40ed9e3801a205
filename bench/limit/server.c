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
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS = 2, EVENTS = 256, BUFFER = 64 * 1024 };

static struct msghdr message(char *byte, struct iovec *iov, void *control, size_t length) {
  *iov = (struct iovec){byte, 1};
  return (struct msghdr){.msg_iov = iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = length};
}

static void pass(int pipe, int fd) {
  union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
  char byte = 'c';
  struct iovec iov;
  struct msghdr m = message(&byte, &iov, &control, sizeof control);
  *CMSG_FIRSTHDR(&m) = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof fd);
  if (sendmsg(pipe, &m, MSG_NOSIGNAL) < 0) err(1, "sendmsg");
}

/* The next descriptor; -1 if there is none now. */
static int take(int pipe) {
  union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  char byte;
  struct iovec iov;
  struct msghdr m = message(&byte, &iov, &control, sizeof control);
  ssize_t n = recvmsg(pipe, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n == 0) exit(0); /* the parent has gone */
  if (n < 0) return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  return fd;
}

static void work(int pipe) {
  static char buffer[BUFFER];
  int epoll = epoll_create1(0), fd;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = pipe}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, pipe, &event);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == pipe) {
        while ((fd = take(pipe)) >= 0) {
          event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
          epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        }
      } else {
        ssize_t length = recv(events[i].data.fd, buffer, BUFFER, MSG_DONTWAIT);
        if (length <= 0 || send(events[i].data.fd, buffer, length, MSG_NOSIGNAL) != length) close(events[i].data.fd);
      }
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) errx(2, "usage: server PORT");
  struct sockaddr_in address = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_LOOPBACK)}, {0}};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pipes[WORKERS];
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) err(1, "port %s", argv[1]);
  for (int i = 0; i < WORKERS; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)) err(1, "socketpair");
    pid_t worker = fork();
    if (worker < 0) err(1, "fork");
    if (worker == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(listener);
      close(pair[0]);
      work(pair[1]);
    }
    close(pair[1]);
    pipes[i] = pair[0];
  }
  puts("ready");
  fflush(stdout);
  for (unsigned turn = 0;; turn++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) continue;
    pass(pipes[turn % WORKERS], fd);
    close(fd);
  }
}
