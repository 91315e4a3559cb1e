#ifndef GSMBRIDGE_CLINUX_H
#define GSMBRIDGE_CLINUX_H

// What Glibc's Swift overlay does not reach: pseudo-terminals, the c_cc array of termios, and poll-friendly helpers.
// Every function returns 0 (or a descriptor) on success and a negative errno on failure, so that no caller has to
// read the thread-local errno after a Swift runtime call could have changed it.

#include <stddef.h>
#include <sys/types.h>

/// Opens a pseudo-terminal pair, both ends close-on-exec, the master non-blocking.
/// `path` receives the slave's path and must hold at least 64 bytes.
int clinux_open_pty(int *master, int *slave, char *path, size_t path_size);

/// Puts a tty into raw 8N1 mode: no echo, no signals, no HUPCL, CLOCAL, VMIN 1, VTIME 0.
/// `baud` is in bits per second and must be one that termios knows; `rtscts` 1 switches hardware flow control on.
int clinux_tty_raw(int fd, unsigned baud, int rtscts);

/// Whether the descriptor is a terminal in the sense that matters: `tcgetattr` works. (isatty() issues an ioctl that
/// mocked ttys refuse.)
int clinux_is_tty(int fd);

/// Opens a path for reading and writing without becoming its controlling terminal, non-blocking, close-on-exec.
int clinux_tty_open(const char *path);

/// Asks for exclusive use (TIOCEXCL); best effort on ttys that lack it, which answer -ENOTTY.
int clinux_tty_exclusive(int fd);

/// Takes an exclusive advisory lock (flock) without waiting.
int clinux_lock(int fd);

/// Throws away what was not sent yet, so that the last close() of a serial port does not wait for it to drain.
int clinux_tty_discard_output(int fd);

/// Throws away what was received but not read yet, and what was not sent yet.
int clinux_tty_discard(int fd);

/// Sets or clears DTR and RTS together; -ENOTTY on pseudo-terminals.
int clinux_tty_modem_lines(int fd, int raised);

#endif
