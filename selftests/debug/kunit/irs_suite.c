// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of irs_cases.h under KUnit: the same rules as in user space, with the
 * kernel's locks, RCU and allocator.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "suite.h"

struct test {
	struct kunit *kunit;
};

#define EXPECT(t, condition)	KUNIT_EXPECT_TRUE((t)->kunit, condition)
#define EXPECT_EQ(t, got, wanted)					\
	KUNIT_EXPECT_EQ((t)->kunit, (unsigned long long)(got),		\
			(unsigned long long)(wanted))

/* Instead of core/irs_world.h */
#define __IRS_WORLD_H

#include "irs_look.h"

static unsigned int world_fail;		/* the n-th allocation from here fails */
static unsigned int world_blocks;
unsigned int world_locked;		/* how often a lock was taken */

void *world_zalloc(size_t size)
{
	void *p;

	if (world_fail && !--world_fail)
		return NULL;

	p = kzalloc(size, GFP_KERNEL);
	world_blocks += !!p;
	return p;
}

void world_free(void *p)
{
	world_blocks -= !!p;
	kfree(p);
}

static unsigned int world_in_use(void)
{
	return world_blocks;
}

/* KASAN looks at what was freed */
static void world_clean(void)
{
}

#include "irs_cases.h"

static void run_case(struct kunit *test)
{
	struct test t = { test };
	unsigned int i;

	for (i = 0; i < IRS_CASES; i++) {
		if (strcmp(irs_cases[i].name, test->name))
			continue;
		irs_cases[i].run(&t);
		return;
	}
	KUNIT_FAIL(test, "no such case");
}

/* The last one ends the table. */
static struct kunit_case cases[IRS_CASES + 1];

struct kunit_suite irs_suite = {
	.name = "vgicv5-irs",
	.test_cases = cases,
};

void irs_suite_init(void)
{
	unsigned int i;

	for (i = 0; i < IRS_CASES; i++) {
		cases[i].name = irs_cases[i].name;
		cases[i].run_case = run_case;
	}
}
