/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program of cases needs: EXPECT() and EXPECT_EQ(), KTAP on stdout, and
 * names as arguments.
 */
#ifndef __CASES_H
#define __CASES_H

#include <stdio.h>
#include <string.h>

struct test {
	unsigned int failures;
};

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

static int wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

static unsigned int cases_planned, cases_done, cases_failed;

/* Of each case, before the first one begins */
static void case_plan(const char *name, char **names)
{
	cases_planned += wanted(name, names);
}

static int case_begin(const char *name, char **names)
{
	if (!cases_done && !cases_failed && cases_planned) {
		printf("KTAP version 1\n1..%u\n", cases_planned);
		cases_planned = 0;
	}

	return wanted(name, names);
}

static void case_end(const struct test *t, const char *name)
{
	if (t->failures > LINES)
		printf("# ... and %u more\n", t->failures - LINES);
	printf("%sok %u %s\n", t->failures ? "not " : "", ++cases_done, name);
	cases_failed += !!t->failures;
}

/* Nothing done is a failure as well */
static int case_status(void)
{
	return cases_failed || !cases_done;
}

#endif
