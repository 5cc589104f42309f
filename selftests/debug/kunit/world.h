/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The core's memory in the suites is counted, and missing when a case wants that;
 * its locks are counted. This is included before all else, also in the core's own
 * files, which are as in the module but for that.
 */
#ifndef __KUNIT_WORLD_H
#define __KUNIT_WORLD_H

#include <vgicv5/env.h>

void *world_zalloc(size_t size);
void world_free(void *p);

#undef irs_zalloc
#undef irs_free
#define irs_zalloc(size)	world_zalloc(size)
#define irs_free(p)		world_free(p)

extern unsigned int world_locked;

static inline irs_lock_t *world_count(irs_lock_t *lock)
{
	world_locked++;
	return lock;
}

#undef irs_guard
#define irs_guard(l)		guard(irs_lock)(world_count(l))

#endif
