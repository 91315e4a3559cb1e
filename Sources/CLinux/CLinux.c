#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
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
        {300, B300}, {600, B600}, {1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
        {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400}, {460800, B460800}, {500000, B500000},
        {576000, B576000}, {921600, B921600}, {1000000, B1000000}, {1152000, B1152000}, {1500000, B1500000},
        {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000},
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

int clinux_tty_check(int fd) {
    struct termios mode;
    return result(tcgetattr(fd, &mode));
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

int clinux_tty_discard_input(int fd) { return result(tcflush(fd, TCIFLUSH)); }

int clinux_unlock(int fd) { return result(flock(fd, LOCK_UN)); }

int clinux_tty_is_exclusive(int fd) {
    int exclusive = 0;
    if (ioctl(fd, TIOCGEXCL, &exclusive) < 0) return -errno;
    return exclusive != 0;
}

int clinux_tty_shared(int fd) { return result(ioctl(fd, TIOCNXCL)); }

int clinux_speed_known(unsigned baud) {
    speed_t speed;
    return speed_of(baud, &speed) == 0;
}

int clinux_dup(int fd) { return result(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int clinux_close(int fd) { return result(close(fd)); }

int clinux_node_at(const char *path, struct clinux_node *node) {
    struct stat status;
    if (stat(path, &status) < 0) return -errno;
    memset(node, 0, sizeof *node);
    node->is_character_device = S_ISCHR(status.st_mode);
    node->is_directory = S_ISDIR(status.st_mode);
    node->is_regular_file = S_ISREG(status.st_mode);
    // Major numbers 136 to 143 are the slaves of Unix98 pseudo-terminals (Linux, admin-guide/devices.txt).
    node->is_pty = S_ISCHR(status.st_mode) && major(status.st_rdev) >= 136 && major(status.st_rdev) <= 143;
    node->group = status.st_gid;
    node->device_major = major(status.st_dev);
    node->device_minor = minor(status.st_dev);
    node->inode = status.st_ino;
    return 0;
}

int clinux_group_name(unsigned group, char *name, size_t size) {
    char space[4096];
    struct group entry, *found = NULL;
    if (getgrgid_r(group, &entry, space, sizeof space, &found) == 0 && found)
        snprintf(name, size, "%s", entry.gr_name);
    else
        snprintf(name, size, "%u", group);
    return 0;
}

struct thread_start {
    void (*body)(void *);
    void *context;
    char name[16];
};

static void *thread_main(void *argument) {
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    start.body(start.context);
    return NULL;
}

int clinux_detached_thread(const char *name, void (*body)(void *context), void *context) {
    struct thread_start *start = malloc(sizeof *start);
    if (!start) return -ENOMEM;
    start->body = body;
    start->context = context;
    snprintf(start->name, sizeof start->name, "%s", name);

    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure) {
        free(start);
        return -failure;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 512 * 1024);
    // Signals are blocked from the start: none that is meant for the program may wait in a thread that a driver holds.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    failure = pthread_create(&thread, &attributes, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failure) free(start);
    return -failure;
}

static volatile int signal_descriptor = -1;

static void write_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // Nothing can be done about a failure here.
    if (write(signal_descriptor, &byte, 1) < 0) errno = saved;
    errno = saved;
}

int clinux_signals_to(int fd, const int *numbers, int count) {
    signal_descriptor = fd;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = write_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < count; i++)
        if (sigaction(numbers[i], &action, NULL) < 0) return -errno;
    return 0;
}

int clinux_clock_synchronised(void) {
    struct timex state = {0};
    int status = adjtimex(&state);
    if (status < 0) return -errno;
    return status != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

int clinux_free_bytes(const char *path, unsigned long long *bytes) {
    struct statvfs status;
    if (statvfs(path, &status) < 0) return -errno;
    *bytes = (unsigned long long)status.f_bavail * status.f_frsize;
    return 0;
}

int clinux_probe_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    int status = result(connect(fd, (struct sockaddr *)&address, sizeof address));
    close(fd);
    return status;
}

// With a terminal the program leads a session of its own, whose terminal that is; without one its input is /dev/null.
static int spawn_bound(
    const char *path, char *const arguments[], char *const environment[], int terminal, int output, int errors,
    pid_t *process
) {
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) < 0) return -errno;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        int status = -errno;
        close(failure[0]);
        close(failure[1]);
        return status;
    }
    if (child == 0) {
        // Only what is safe between fork and exec in a process with threads.
        int input = terminal >= 0 ? terminal : open("/dev/null", O_RDONLY | O_CLOEXEC);
        sigset_t none;
        sigemptyset(&none);
        struct sigaction standard = {.sa_handler = SIG_DFL};
        for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
        int isWell = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0
            && (terminal < 0 || (setsid() >= 0 && ioctl(terminal, TIOCSCTTY, 0) == 0))
            && input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0
            && dup2(errors, STDERR_FILENO) >= 0;
        // Libraries (sofia-sip, ALSA) open sockets without close-on-exec; the new program has no use for them.
        if (isWell) close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        // Who has ended before the request can't be noticed any more.
        if (getppid() != parent) _exit(127);
        if (isWell) execve(path, arguments, environment);
        int reason = errno;
        // Where even that fails, an exit status has to do.
        if (write(failure[1], &reason, sizeof reason) < 0) _exit(126);
        _exit(127);
    }
    close(failure[1]);
    int reason = 0;
    ssize_t count;
    do count = read(failure[0], &reason, sizeof reason);
    while (count < 0 && errno == EINTR);
    close(failure[0]);
    if (count == sizeof reason) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        return reason ? -reason : -EIO;
    }
    *process = child;
    return 0;
}

int clinux_spawn_bound(
    const char *path, char *const arguments[], char *const environment[], int output, int errors, pid_t *process
) {
    return spawn_bound(path, arguments, environment, -1, output, errors, process);
}

int clinux_spawn_bound_on_terminal(
    const char *path, char *const arguments[], char *const environment[], int terminal, pid_t *process
) {
    return spawn_bound(path, arguments, environment, terminal, terminal, terminal, process);
}

int clinux_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;
}

static int drop_clean(struct dl_phdr_info *object, size_t size, void *sum) {
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        // Code that the loader had to change is not what stands in the file.
        if (segment->p_type == PT_DYNAMIC) {
            const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + segment->p_vaddr);
            for (; entry->d_tag != DT_NULL; entry++) {
                if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL))) return 0;
            }
        }
    }
    unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        // A segment that may be written holds this process's own data, also where it is read-only by now.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        unsigned long begin = ((unsigned long)object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        unsigned long end = ((unsigned long)object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
        if (end > begin && madvise((void *)begin, end - begin, MADV_DONTNEED) == 0) *(unsigned long *)sum += end - begin;
    }
    return 0;
}

unsigned long clinux_drop_clean_pages(void) {
    unsigned long sum = 0;
    dl_iterate_phdr(drop_clean, &sum);
    return sum;
}
