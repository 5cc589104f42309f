/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random steps of a state machine of the core and of its model, compared after
 * each. The program that includes this has new_world(), which begins anew,
 * compare(), and configurations; compare_fuzz() takes its steps from libFuzzer,
 * compare_all() from SEED, STEPS of them (1,000,000).
 */
#ifndef VGICV5_TEST_COMPARE_H
#define VGICV5_TEST_COMPARE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"

/* n: how many of what the program varies first, see its new_world() */
struct config {
	const char *name;
	unsigned int n, pri_bits;
	void (*step)(void);
};

static unsigned long step;
static const char *now;		/* what this step does */
static unsigned int failures;

static void new_world(unsigned int n, unsigned int pri_bits);
static void compare(void);

static void same(const char *what, unsigned int n, u64 got, u64 wanted)
{
	if (got == wanted)
		return;
	if (failures++ < 8)
		printf("# step %lu, %s: %s %u is 0x%llx, should be 0x%llx\n",
		       step, now, what, n, (unsigned long long)got,
		       (unsigned long long)wanted);
}

static void one_step_of(const struct config *c)
{
	c->step();
	compare();
}

#ifdef FUZZ

/* libFuzzer ends only when it has had enough, or found something */
static int compare_fuzz(const char *name, const struct config *configs, unsigned int nr,
			const uint8_t *data, size_t size)
{
	static unsigned long total, inputs, wanted;
	const struct config *c;

	if (!wanted)
		wanted = number("STEPS", 1000000);
	if (size < 2)
		return 0;
	fuzz_data = data;
	fuzz_left = size;
	chance_state = 0;
	inputs++;
	c = &configs[below(nr)];
	new_world(c->n, c->pri_bits);
	/* Most faults need a history: short inputs are followed by more */
	for (step = 0; (fuzz_left || step < 200) && !failures; step++) {
		one_step_of(c);
		total++;
	}
	if (failures) {
		printf("not ok 1 %s # in %s\n", name, c->name);
		fflush(stdout);
		abort();
	}
	if (total >= wanted) {
		printf("# %lu steps in %lu inputs\nok 1 %s\n", total, inputs, name);
		fflush(stdout);
		_exit(0);
	}

	return 0;
}

#else

/* How many configurations differ from the model. What was counted is printed. */
static int compare_all(const char *name, const struct config *configs, unsigned int nr,
		       unsigned long *counts, const char * const *count_names,
		       unsigned int nr_counts)
{
	unsigned long steps = number("STEPS", 1000000) / nr;
	unsigned long seed = number("SEED", 1);
	unsigned int i, k, failed = 0;

	printf("KTAP version 1\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		chance_state = seed * nr + i;
		memset(counts, 0, nr_counts * sizeof(*counts));
		failures = 0;
		for (step = 0; step < steps && !failures; step++) {
			if (step % 500 == 0)
				new_world(configs[i].n, configs[i].pri_bits);
			one_step_of(&configs[i]);
		}
		printf("# %lu steps, seed %lu:", step, seed);
		for (k = 0; k < nr_counts; k++)
			printf(" %lu %s%s", counts[k], count_names[k],
			       k + 1 < nr_counts ? "," : "\n");
		printf("%sok %u %s_%s\n", failures ? "not " : "", i + 1, name,
		       configs[i].name);
		failed += !!failures;
	}

	return failed;
}

#endif

#endif
