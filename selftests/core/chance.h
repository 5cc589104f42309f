/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chance for the tests of the core: from a seed, so that a failure comes again,
 * and with FUZZ from libFuzzer's input. STEPS and SEED of the environment say
 * how long, and which sequence.
 */
#ifndef VGICV5_TEST_CHANCE_H
#define VGICV5_TEST_CHANCE_H

#include <stdlib.h>

#include <vgicv5/env.h>

#include "../lib/splitmix.h"

static u64 chance_state;

#ifdef FUZZ

/* What is left of libFuzzer's input. Behind its end it goes on by chance. */
static const unsigned char *fuzz_data;
static size_t fuzz_left;

static u64 decide(unsigned int bytes)
{
	u64 v = 0;

	if (!fuzz_left)
		return splitmix(&chance_state);
	for (; bytes && fuzz_left; bytes--, fuzz_left--)
		v = v << 8 | *fuzz_data++;
	/* The same start, another end */
	chance_state += v;
	return v;
}

static u64 chance(void)
{
	return decide(8);
}

static unsigned int below(unsigned int n)
{
	return decide(n > 256 ? 4 : 1) % n;
}

#else

static u64 chance(void)
{
	return splitmix(&chance_state);
}

static unsigned int below(unsigned int n)
{
	return chance() % n;
}

#endif

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s && *s ? strtoul(s, NULL, 0) : otherwise;
}

#endif
