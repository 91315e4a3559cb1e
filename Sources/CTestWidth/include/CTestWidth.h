#ifndef CTESTWIDTH_H
#define CTESTWIDTH_H

/// How many tests run at once in this process, unless the environment sets another number.
int ctestwidth(void);

#endif
