/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __KUNIT_SUITE_H
#define __KUNIT_SUITE_H

#include <kunit/test.h>

/* irs_suite.c */
extern struct kunit_suite irs_suite;
void irs_suite_init(void);

#endif
