/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SplitMix64, the chance of all tests: the same seed gives the same sequence, on
 * the host and in a guest.
 */
#ifndef VGICV5_TEST_SPLITMIX_H
#define VGICV5_TEST_SPLITMIX_H

#include <stdint.h>

static inline __attribute__((always_inline)) uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

#endif
