// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of ppi_cases.h under KUnit: the same rules as in user space, for
 * the code as the kernel's compiler options and atomics make it.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>

#include "suite.h"

#define ppi_test_t		struct kunit
#define EXPECT(t, condition)	KUNIT_EXPECT_TRUE(t, condition)
#define EXPECT_EQ(t, got, wanted)					\
	KUNIT_EXPECT_EQ(t, (unsigned long long)(got),			\
			(unsigned long long)(wanted))

#include "ppi_cases.h"

static struct world world;

static void run_case(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < PPI_CASES; i++) {
		if (strcmp(ppi_cases[i].name, test->name))
			continue;
		world_clear(&world, sizeof(world), 0xa5);
		ppi_cases[i].run(test, &world);
		return;
	}
	KUNIT_FAIL(test, "no such case");
}

/* The last one ends the table. */
static struct kunit_case cases[PPI_CASES + 1];

static struct kunit_suite suite = {
	.name = "vgicv5-core",
	.test_cases = cases,
};
kunit_test_suites(&suite, &irs_suite);

/* KUnit runs the suites once this is done. */
static int __init suite_init(void)
{
	unsigned int i;

	for (i = 0; i < PPI_CASES; i++) {
		cases[i].name = ppi_cases[i].name;
		cases[i].run_case = run_case;
	}
	irs_suite_init();

	return 0;
}
module_init(suite_init);

static void __exit suite_exit(void)
{
}
module_exit(suite_exit);

MODULE_DESCRIPTION("Tests of vgicv5's core");
MODULE_LICENSE("GPL");
