#ifndef GSMBRIDGE_AUDIO_LOOP_H
#define GSMBRIDGE_AUDIO_LOOP_H

// What the audio loop needs of Linux and Glibc's Swift overlay does not reach: epoll, timerfd, eventfd, real-time scheduling.
// Every function returns 0 or a descriptor on success and a negative errno on failure.

#include <stdint.h>

/// Makes an epoll set, close-on-exec.
int clinux_watch_open(void);

/// Watches a descriptor for reading; its events carry `token`.
int clinux_watch_add(int set, int fd, uint64_t token);

/// Watches a descriptor no more.
int clinux_watch_remove(int set, int fd);

/// What happened to a watched descriptor.
struct clinux_watched {
    uint64_t token;
    int readable;
    /// The other end is gone, or the device is.
    int hung_up;
};

/// Waits without limit for events, and writes up to `room` (at most 64) of them; returns how many.
int clinux_watch_wait(int set, struct clinux_watched *events, int room);

/// Makes a timer that runs off every `nanoseconds`, by deadlines on CLOCK_MONOTONIC that don't drift, close-on-exec,
/// non-blocking.
int clinux_metronome(uint64_t nanoseconds);

/// Reads how often it ran off since the last call; 0 where it has not.
uint64_t clinux_metronome_read(int fd);

/// Makes a counter that wakes a watcher, close-on-exec, non-blocking.
int clinux_bell(void);

/// Rings it.
void clinux_bell_ring(int fd);

/// Silences it.
void clinux_bell_silence(int fd);

/// Gives the calling thread real-time priority (SCHED_FIFO, 1 to 99); -EPERM where the process may not.
int clinux_realtime(int priority);

/// Keeps what the process has mapped in memory once it is there, what it maps later as well where no limit is set for that;
/// -ENOMEM or -EPERM where the process may not.
int clinux_keep_in_memory(void);

/// Nanoseconds on CLOCK_MONOTONIC.
uint64_t clinux_now(void);

#endif
