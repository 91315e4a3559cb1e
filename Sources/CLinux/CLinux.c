#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int result(int status) { return status < 0 ? -errno : status; }

static int make_raw(struct termios *mode, int rtscts) {
    cfmakeraw(mode);
    mode->c_cflag &= ~(CSTOPB | PARENB | HUPCL | CRTSCTS);
    mode->c_cflag |= CS8 | CREAD | CLOCAL;
    if (rtscts) mode->c_cflag |= CRTSCTS;
    mode->c_iflag &= ~(IXON | IXOFF | IXANY);
    mode->c_cc[VMIN] = 1;
    mode->c_cc[VTIME] = 0;
    return 0;
}

int clinux_open_pty(int *master, int *slave, char *path, size_t path_size) {
    int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (m < 0) return -errno;
    int failure = 0;
    if (grantpt(m) < 0 || unlockpt(m) < 0) failure = -errno;
    if (!failure) {
        int status = ptsname_r(m, path, path_size);
        if (status != 0) failure = -status;
    }
    int s = -1;
    if (!failure) {
        s = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (s < 0) failure = -errno;
    }
    if (!failure) {
        struct termios mode;
        if (tcgetattr(s, &mode) < 0) failure = -errno;
        else {
            make_raw(&mode, 0);
            if (tcsetattr(s, TCSANOW, &mode) < 0) failure = -errno;
        }
    }
    if (failure) {
        if (s >= 0) close(s);
        close(m);
        return failure;
    }
    *master = m;
    *slave = s;
    return 0;
}

static int speed_of(unsigned baud, speed_t *speed) {
    static const struct { unsigned baud; speed_t speed; } table[] = {
        {1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200}, {38400, B38400},
        {57600, B57600}, {115200, B115200}, {230400, B230400}, {460800, B460800}, {921600, B921600},
        {1000000, B1000000}, {2000000, B2000000}, {3000000, B3000000}, {4000000, B4000000},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].baud == baud) { *speed = table[i].speed; return 0; }
    return -EINVAL;
}

int clinux_tty_raw(int fd, unsigned baud, int rtscts) {
    struct termios mode;
    speed_t speed;
    int status = speed_of(baud, &speed);
    if (status < 0) return status;
    if (tcgetattr(fd, &mode) < 0) return -errno;
    make_raw(&mode, rtscts);
    if (cfsetispeed(&mode, speed) < 0 || cfsetospeed(&mode, speed) < 0) return -errno;
    return result(tcsetattr(fd, TCSANOW, &mode));
}

int clinux_is_tty(int fd) {
    struct termios mode;
    return tcgetattr(fd, &mode) == 0;
}

int clinux_tty_open(const char *path) { return result(open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)); }

int clinux_tty_exclusive(int fd) { return result(ioctl(fd, TIOCEXCL)); }

int clinux_lock(int fd) { return result(flock(fd, LOCK_EX | LOCK_NB)); }

int clinux_tty_discard_output(int fd) { return result(tcflush(fd, TCOFLUSH)); }

int clinux_tty_discard(int fd) { return result(tcflush(fd, TCIOFLUSH)); }

int clinux_tty_modem_lines(int fd, int raised) {
    int lines = TIOCM_DTR | TIOCM_RTS;
    return result(ioctl(fd, raised ? TIOCMBIS : TIOCMBIC, &lines));
}
