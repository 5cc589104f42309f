/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What include/vgicv5/env.h leaves to a test: locks, memory, and waiting for
 * readers. All of it complains about what the kernel would not survive: two locks
 * at once, sleeping with one held, memory that is used after it was freed.
 *
 * A test with several threads of control defines THREAD, the number of the one
 * that runs, and WAIT(), which lets others run.
 */
#ifndef __IRS_WORLD_H
#define __IRS_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vgicv5/irs.h>

#define WORLD_THREADS	8

#ifndef THREAD
#define THREAD		0
#define WAIT()		broken("waits for itself")
#endif

static irs_lock_t *world_held[WORLD_THREADS];
static unsigned int world_reading[WORLD_THREADS];
static unsigned int world_locked;	/* how often a lock was taken */
static unsigned int world_fail;		/* the n-th allocation from here fails */
static unsigned int world_failed;

/* Freed memory is kept, and must stay as it is, until world_clean() */
static struct world_block {
	struct world_block *next;
	size_t size;
	bool freed;
	unsigned char bytes[] __attribute__((aligned(16)));
} *world_blocks;

__attribute__((noreturn, unused)) static void broken(const char *what)
{
	printf("# thread %u: %s\nnot ok 1 broken\n", THREAD, what);
	fflush(stdout);
	abort();
}

static void world_no_sleep(const char *what)
{
	if (world_held[THREAD] || world_reading[THREAD])
		broken(what);
}

void irs_lock(irs_lock_t *lock)
{
	if (world_held[THREAD])
		broken("a second lock");
#ifdef PPI_YIELD
	PPI_YIELD();
#endif
	while (*lock)
		WAIT();
	*lock = 1;
	world_held[THREAD] = lock;
	world_locked++;
}

void irs_unlock(irs_lock_t *lock)
{
	if (world_held[THREAD] != lock)
		broken("not its lock");
	*lock = 0;
	world_held[THREAD] = NULL;
}

void irs_assert_held(irs_lock_t *lock)
{
	if (world_held[THREAD] != lock)
		broken("without the lock");
}

void irs_read_lock(void)
{
	world_reading[THREAD]++;
}

void irs_read_unlock(void)
{
	world_reading[THREAD]--;
}

void irs_synchronize(void)
{
	unsigned int i;

	world_no_sleep("synchronizes in a critical section");
	for (i = 0; i < WORLD_THREADS; i++)
		while (world_reading[i])
			WAIT();
}

void *irs_zalloc(size_t size)
{
	struct world_block *b;

	world_no_sleep("allocates in a critical section");
	if (world_fail && !--world_fail) {
		world_failed++;
		return NULL;
	}
	b = calloc(1, sizeof(*b) + size);
	if (!b)
		broken("no memory");
	b->size = size;
	b->next = world_blocks;
	world_blocks = b;

	return b->bytes;
}

void irs_free(void *p)
{
	struct world_block *b = world_blocks;

	if (!p)
		return;
	while (b && b->bytes != p)
		b = b->next;
	if (!b || b->freed)
		broken("frees what is not allocated");
	b->freed = true;
	memset(b->bytes, 0xa5, b->size);
}

/* Number of blocks that are still in use */
__attribute__((unused)) static unsigned int world_in_use(void)
{
	unsigned int n = 0;
	struct world_block *b;

	for (b = world_blocks; b; b = b->next)
		n += !b->freed;

	return n;
}

/* Give back what was freed, if nobody has written to it since */
static void world_clean(void)
{
	struct world_block *b, **at = &world_blocks;
	size_t i;

	while ((b = *at)) {
		if (!b->freed) {
			at = &b->next;
			continue;
		}
		for (i = 0; i < b->size; i++)
			if (b->bytes[i] != 0xa5)
				broken("written after it was freed");
		*at = b->next;
		free(b);
	}
}

/* All of it, where those that used it have stopped in the middle */
__attribute__((unused)) static void world_drop(void)
{
	struct world_block *b;

	for (b = world_blocks; b; b = b->next)
		if (!b->freed)
			irs_free(b->bytes);
	world_clean();
}

#include "irs_look.h"

#endif
