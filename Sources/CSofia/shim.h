// Nothing: sofia-sip's functions are variadic, so that Swift can't import them. What is used of them is in CSofiaSIP.
#ifndef GSMBRIDGE_CSOFIA_H
#define GSMBRIDGE_CSOFIA_H
#endif
