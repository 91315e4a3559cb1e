#define _GNU_SOURCE
#include "audio_loop.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int clinux_watch_open(void) {
    int set = epoll_create1(EPOLL_CLOEXEC);
    return set < 0 ? -errno : set;
}

int clinux_watch_add(int set, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u64 = token};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int clinux_watch_remove(int set, int fd) {
    return epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
}

int clinux_watch_wait(int set, struct clinux_watched *events, int room) {
    struct epoll_event found[64];
    int count = epoll_wait(set, found, room < 64 ? room : 64, -1);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        events[i].token = found[i].data.u64;
        events[i].readable = (found[i].events & EPOLLIN) != 0;
        events[i].hung_up = (found[i].events & (EPOLLHUP | EPOLLERR)) != 0;
    }
    return count;
}

int clinux_metronome(uint64_t nanoseconds) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0) return -errno;
    struct itimerspec every;
    every.it_interval.tv_sec = (time_t)(nanoseconds / 1000000000u);
    every.it_interval.tv_nsec = (long)(nanoseconds % 1000000000u);
    every.it_value = every.it_interval;
    if (timerfd_settime(fd, 0, &every, NULL) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

uint64_t clinux_metronome_read(int fd) {
    uint64_t count = 0;
    return read(fd, &count, sizeof count) == sizeof count ? count : 0;
}

int clinux_bell(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

void clinux_bell_ring(int fd) {
    uint64_t one = 1;
    // A full counter has rung already.
    ssize_t written = write(fd, &one, sizeof one);
    (void)written;
}

void clinux_bell_silence(int fd) {
    uint64_t count;
    ssize_t taken = read(fd, &count, sizeof count);
    (void)taken;
}

int clinux_realtime(int priority) {
    struct sched_param parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.sched_priority = priority;
    // SCHED_RESET_ON_FORK: no program that is started from here inherits it.
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) < 0 ? -errno : 0;
}

int clinux_keep_in_memory(void) {
    // At a bound each later mapping, and each growth of a stack, would fail (mlockall(2)): then what is mapped by now has to do.
    struct rlimit limit;
    int later = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY ? MCL_FUTURE : 0;
    // MCL_ONFAULT: what was never touched is not brought in for it.
    return mlockall(MCL_CURRENT | MCL_ONFAULT | later) < 0 ? -errno : 0;
}

uint64_t clinux_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
