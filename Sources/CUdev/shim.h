#ifndef GSMBRIDGE_CUDEV_H
#define GSMBRIDGE_CUDEV_H

#include <libudev.h>

#endif
