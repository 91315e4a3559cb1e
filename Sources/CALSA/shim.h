#ifndef GSMBRIDGE_CALSA_H
#define GSMBRIDGE_CALSA_H

#include <alsa/asoundlib.h>

static void calsa_say_nothing(
    const char *file __attribute__((unused)), int line __attribute__((unused)),
    const char *function __attribute__((unused)), int error __attribute__((unused)),
    const char *format __attribute__((unused)), ...
) {}

// Keeps the library from writing to standard error: what is wrong comes as a number, and is told by us. Its handler takes
// variable arguments, which Swift can't.
static inline void calsa_be_quiet(void) {
    snd_lib_error_set_handler(calsa_say_nothing);
}

#endif
