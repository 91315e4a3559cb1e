#ifndef GSMBRIDGE_CALLOCATIONCOUNT_H
#define GSMBRIDGE_CALLOCATIONCOUNT_H

// Linking this module replaces the C library's allocation functions by ones that count, for the whole program and the
// Swift runtime in it. Only for programs that measure.

/// How many heap allocations there have been since the program started, all threads together: malloc, calloc, realloc,
/// aligned_alloc, memalign and posix_memalign.
long allocation_count(void);

#endif
