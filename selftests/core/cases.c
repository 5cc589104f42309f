// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of ppi_cases.h in user space, KTAP on stdout. With names as
 * arguments, these only.
 */
#include "cases.h"

#define ppi_test_t	struct test

#include "ppi_cases.h"

int main(int argc, char **argv)
{
	static struct world w;
	unsigned int i;

	for (i = 0; i < PPI_CASES; i++)
		case_plan(ppi_cases[i].name, argv + 1);
	for (i = 0; i < PPI_CASES; i++) {
		struct test t = { 0 };

		if (!case_begin(ppi_cases[i].name, argv + 1))
			continue;
		world_clear(&w, sizeof(w), 0xa5);
		ppi_cases[i].run(&t, &w);
		case_end(&t, ppi_cases[i].name);
	}

	return case_status();
}
