// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of ppi_cases.h in user space, KTAP on stdout. With names as
 * arguments, these only.
 */
#include <stdio.h>
#include <string.h>

struct test {
	unsigned int failures;
};

#define ppi_test_t	struct test

#define LINES		8	/* about one test; more help nobody */

static void complain(struct test *t, const char *file, int line,
		     const char *text, unsigned long long got,
		     unsigned long long wanted, int numbers)
{
	if (t->failures++ >= LINES)
		return;
	if (numbers)
		printf("# %s:%d: %s is 0x%llx, should be 0x%llx\n", file, line,
		       text, got, wanted);
	else
		printf("# %s:%d: not true: %s\n", file, line, text);
}

#define EXPECT(t, condition)						\
do {									\
	if (!(condition))						\
		complain(t, __FILE__, __LINE__, #condition, 0, 0, 0);	\
} while (0)

#define EXPECT_EQ(t, got, wanted)					\
do {									\
	unsigned long long __got = (got), __wanted = (wanted);		\
	if (__got != __wanted)						\
		complain(t, __FILE__, __LINE__, #got, __got, __wanted, 1); \
} while (0)

#include "ppi_cases.h"

static int wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0, failed = 0;
	static struct world w;

	for (i = 0; i < PPI_CASES; i++)
		n += wanted(ppi_cases[i].name, argv + 1);
	printf("KTAP version 1\n1..%u\n", n);
	n = 0;
	for (i = 0; i < PPI_CASES; i++) {
		struct test t = { 0 };

		if (!wanted(ppi_cases[i].name, argv + 1))
			continue;
		world_clear(&w, sizeof(w), 0xa5);
		ppi_cases[i].run(&t, &w);
		if (t.failures > LINES)
			printf("# ... and %u more\n", t.failures - LINES);
		printf("%sok %u %s\n", t.failures ? "not " : "", ++n,
		       ppi_cases[i].name);
		failed += !!t.failures;
	}

	return failed || !n;
}
