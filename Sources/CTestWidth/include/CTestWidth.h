#ifndef CTESTWIDTH_H
#define CTESTWIDTH_H

/// How many tests run at once in this process, if nobody has asked for another number.
int ctestwidth(void);

#endif
