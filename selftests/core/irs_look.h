/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of the IRS have in common in user space and in the kernel: a look at
 * its queues, and operands.
 */
#ifndef __IRS_LOOK_H
#define __IRS_LOOK_H

#include <vgicv5/irs.h>

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
