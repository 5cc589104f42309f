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

#define WORD_QUEUED	(1U << 6)

static struct irs_entry *world_entry(struct irs *irs, unsigned int kind, u32 id)
{
	if (!kind)
		return &irs->spis[id];
	if (!irs->lpi_bits || !irs->lpis[id / 512])
		return NULL;

	return &irs->lpis[id / 512][id % 512];
}

/*
 * What is wrong with the queues of vCPUs, or NULL: each list is a ring of what
 * has its priority and names its vCPU, and of a page that is there; and nobody
 * else says that it is in a queue.
 */
__attribute__((unused)) static const char *world_queues(struct irs *irs)
{
	unsigned int i, kind, prio, id, nr, queued = 0, found = 0;

	for (kind = 0; kind < 2; kind++) {
		nr = kind ? irs->lpi_bits ? 600 : 0 : irs->config.nr_spis;
		for (id = 0; id < nr; id++) {
			struct irs_entry *e = world_entry(irs, kind, id);

			if (e && e->word & WORD_QUEUED &&
			    e->word >> 16 < 1U << irs->config.iaffid_bits &&
			    irs->cpus[e->word >> 16])
				queued++;
		}
	}

	for (i = 0; i < 1U << irs->config.iaffid_bits; i++) {
		struct irs_cpu *q = irs->cpus[i];

		for (prio = 0; q && prio < 32; prio++) {
			if (q->prios != (q->lists[0] | q->lists[1]))
				return "prios is not what its lists have";
			for (kind = 0; kind < 2; kind++) {
				struct irs_entry *e;

				if (!(q->lists[kind] >> prio & 1))
					continue;
				id = q->head[kind][prio];
				do {
					e = world_entry(irs, kind, id);
					if (!e || !(e->word & WORD_QUEUED))
						return "it is queued, and says that it is not";
					if (e->word >> 16 != i ||
					    (e->word >> 11 & 31) != prio)
						return "it is in the list of another";
					if (world_entry(irs, kind, e->next)->prev != id)
						return "its list is no ring";
					found++;
					id = e->next;
				} while (id != q->head[kind][prio] && found < 10000);
			}
		}
	}

	return found == queued ? NULL : "it is in no queue, and says that it is";
}

/* Operands, as a guest makes them */
static inline u64 op_intid(unsigned int type, u32 id)
{
	return (u64)type << 29 | id;
}

static inline u64 op_prio(u32 intid, unsigned int prio)
{
	return intid | (u64)prio << 35;
}

static inline u64 op_aff(u32 intid, unsigned int iaffid)
{
	return intid | (u64)iaffid << 32;
}

static inline u64 op_bit(u32 intid, bool bit)
{
	return intid | (u64)bit << 32;
}

#endif
