// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of irs_cases.h in user space, KTAP on stdout. With names as
 * arguments, these only.
 */
#include "cases.h"
#include "irs_cases.h"

int main(int argc, char **argv)
{
	unsigned int n;

	for (n = 0; n < IRS_CASES; n++)
		case_plan(irs_cases[n].name, argv + 1);
	for (n = 0; n < IRS_CASES; n++) {
		struct test t = { 0 };

		if (case_begin(irs_cases[n].name, argv + 1)) {
			irs_cases[n].run(&t);
			case_end(&t, irs_cases[n].name);
		}
	}

	return case_status();
}
