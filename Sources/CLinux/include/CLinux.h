#ifndef GSMBRIDGE_CLINUX_H
#define GSMBRIDGE_CLINUX_H

// What Glibc's Swift overlay does not reach: pseudo-terminals, the c_cc array of termios, and poll-friendly helpers.
// Every function returns 0 (or a descriptor) on success and a negative errno on failure, so that no caller has to
// read the thread-local errno after a Swift runtime call could have changed it.

#include <stddef.h>
#include <sys/types.h>

#include "audio_loop.h"

/// Opens a pseudo-terminal pair, both ends close-on-exec, the master non-blocking.
/// `path` receives the slave's path and must hold at least 64 bytes.
int clinux_open_pty(int *master, int *slave, char *path, size_t path_size);

/// Puts a tty into raw 8N1 mode: no echo, no signals, no HUPCL, CLOCAL, VMIN 1, VTIME 0.
/// `baud` is in bits per second and must be one that termios knows; `rtscts` 1 switches hardware flow control on.
int clinux_tty_raw(int fd, unsigned baud, int rtscts);

/// Whether the descriptor is a terminal in the sense that matters: `tcgetattr` works. (isatty() issues an ioctl that
/// mocked ttys refuse.)
int clinux_is_tty(int fd);

/// Like clinux_is_tty, but says why not: 0, -ENOTTY for anything but a terminal, -EIO for one whose device is gone.
int clinux_tty_check(int fd);

/// Opens a path for reading and writing without becoming its controlling terminal, non-blocking, close-on-exec.
int clinux_tty_open(const char *path);

/// Asks for exclusive use (TIOCEXCL); best effort on ttys that lack it, which answer -ENOTTY.
int clinux_tty_exclusive(int fd);

/// Takes an exclusive advisory lock (flock) without waiting.
int clinux_lock(int fd);

/// Gives up the advisory lock at once, also where another process holds the open file.
int clinux_unlock(int fd);

/// Whether a program asked for exclusive use of the tty (TIOCGEXCL): 1 or 0, or -ENOTTY on ttys that lack it.
int clinux_tty_is_exclusive(int fd);

/// Gives up exclusive use (TIOCNXCL); best effort like clinux_tty_exclusive.
int clinux_tty_shared(int fd);

/// Whether termios knows this speed in bits per second: 1 or 0.
int clinux_speed_known(unsigned baud);

/// Duplicates a descriptor, close-on-exec. (dup() would leak the copy into child processes.)
int clinux_dup(int fd);

/// Closes a descriptor. May block while a serial driver drains what was not sent.
int clinux_close(int fd);

/// What a path or a descriptor leads to.
struct clinux_node {
    int is_character_device;
    int is_directory;
    int is_regular_file;
    /// A Unix98 pseudo-terminal's slave.
    int is_pty;
    unsigned group;
    /// The file system that holds the node, as /proc/locks names it.
    unsigned device_major;
    unsigned device_minor;
    unsigned long inode;
};

/// Describes what a path leads to, symbolic links followed.
int clinux_node_at(const char *path, struct clinux_node *node);

/// Writes the name of a group, or its number where it has none.
int clinux_group_name(unsigned group, char *name, size_t size);

/// Runs `body(context)` on a new detached thread, with all signals blocked and a small stack.
/// `name` is cut to 15 bytes.
int clinux_detached_thread(const char *name, void (*body)(void *context), void *context);

/// Throws away what was received but not read yet.
int clinux_tty_discard_input(int fd);

/// Throws away what was not sent yet, so that the last close() of a serial port does not wait for it to drain.
int clinux_tty_discard_output(int fd);

/// Throws away what was received but not read yet, and what was not sent yet.
int clinux_tty_discard(int fd);

/// Sets or clears DTR and RTS together; -ENOTTY on pseudo-terminals.
int clinux_tty_modem_lines(int fd, int raised);

/// Lets each of these signals write its number, one byte, to a descriptor instead of having its default effect.
/// Whichever thread is struck, the byte arrives; a full pipe loses it.
int clinux_signals_to(int fd, const int *numbers, int count);

/// Whether the kernel takes its clock for synchronised (adjtimex(2), STA_UNSYNC): 1 or 0.
int clinux_clock_synchronised(void);

/// Free bytes for plain users on the file system of a path.
int clinux_free_bytes(const char *path, unsigned long long *bytes);

/// Connects to a stream socket in the file system and closes again, without waiting: 0, -ENOENT without a socket,
/// -ECONNREFUSED without a listener, -EACCES without permission; -EAGAIN when the listener's queue is full.
int clinux_probe_socket(const char *path);

/// Starts a program that the kernel kills (SIGKILL) as soon as the calling *thread* ends, however that ends: so it never
/// outlives a test or a tool that was itself killed. Call it on a thread that waits for the program.
/// Input is /dev/null, signals are as from a shell, and every other descriptor must be close-on-exec.
/// Writes the process's number to `process`; a program that can't be run is an error here, not an exit status.
int clinux_spawn_bound(
    const char *path, char *const arguments[], char *const environment[], int output, int errors, pid_t *process
);

/// Does the same with a terminal for input, output and errors, as a shell has it: what is typed there as Ctrl-C is a signal.
int clinux_spawn_bound_on_terminal(
    const char *path, char *const arguments[], char *const environment[], int terminal, pid_t *process
);

/// Makes a pipe whose ends no started program inherits; 0, or a negated errno (pipe2(2)).
int clinux_pipe(int ends[2]);

/// Takes the pages of programs and libraries that were mapped from files and never changed out of this process's memory; those
/// that are still needed come back from the page cache by themselves. Returns how many bytes were covered.
unsigned long clinux_drop_clean_pages(void);

#endif
