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

static u64 chance_state;

/* SplitMix64 */
static u64 splitmix(void)
{
	u64 z = chance_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

#ifdef FUZZ

/* What is left of libFuzzer's input. Behind its end it goes on by chance. */
static const unsigned char *fuzz_data;
static size_t fuzz_left;

static u64 decide(unsigned int bytes)
{
	u64 v = 0;

	if (!fuzz_left)
		return splitmix();
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
	return splitmix();
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
