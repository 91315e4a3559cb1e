#include "CTestWidth.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Most tests wait for programs, terminals and sockets, so more than one a core is right. All 2,000 at once are not: each then
// waits for minutes, and a limit that the product has for a call or an answer passes while its test has no turn.
enum { tests_a_core = 6 };

int ctestwidth(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return (int)(cores > 0 ? cores : 1) * tests_a_core;
}

// Swift Testing reads it when it begins (its ABI entry point, `maximumParallelizationWidth`), and has no API for it: so it is set
// before that, unless the person who tests has set it.
__attribute__((constructor)) static void limit_width(void) {
    char width[16];
    snprintf(width, sizeof width, "%d", ctestwidth());
    setenv("SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH", width, 0);
}
