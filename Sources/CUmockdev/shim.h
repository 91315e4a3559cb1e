#ifndef GSMBRIDGE_CUMOCKDEV_H
#define GSMBRIDGE_CUMOCKDEV_H

#include <umockdev-1.0/umockdev.h>

#endif
