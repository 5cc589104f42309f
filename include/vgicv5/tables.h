/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an IRS that virtualises keeps in memory: VM table, VPE tables, virtual
 * ISTs, descriptors. Their sizes, and what is in an entry. Plain C.
 *
 *	VM table	an L2_VMTE of four words for each VM: its descriptor, its
 *			VPE table, and its ISTs for LPIs and SPIs; in one level,
 *			or in tables of 4 KiB below an L1_VMTE each
 *	VPE table	a word for each VPE: its descriptor
 *	IST		an L2_ISTE for each interrupt; likewise in one level or two
 *
 * Each of them is aligned to its size, which is a power of two; tables to 64 bytes
 * at least. Entries are little endian; words here have the byte order of the CPU.
 *
 * While a VM is valid its tables belong to the IRS. VALID of what is added to it is
 * left 0, and set by the IRS; only in what is not reached yet may software set it.
 */
#ifndef __VGICV5_TABLES_H
#define __VGICV5_TABLES_H

#include <vgicv5/env.h>

#define TABLE_VALID		BIT_ULL(0)	/* in each entry */

#define L2_VMT_BITS		7		/* VMs of a level 2 table */
#define L2_VMT_SIZE		4096
#define VMTE_WORDS		4
/* Words of an L2_VMTE: those of the ISTs are numbered as their types in an INTID */
#define VMTE_VMD		0
#define VMTE_VPET		1

/* Memory of a table is this long, and aligned so, at least */
#define TABLE_SIZE_MIN		64

/* Of an L2_ISTE, in 32 bits; there may be metadata behind it. IRM is RES0 for VMs */
#define VISTE_PENDING		BIT(0)
#define VISTE_HM		BIT(2)		/* 1: level */
#define VISTE_STATE		(GENMASK(31, 16) | GENMASK(15, 11) | GENMASK(3, 0))

/**
 * struct irs_host - what the IRS of the host has for VMs
 * @vm_id_bits:	 number of bits of a VM's number
 * @vpe_id_bits: of a VPE's
 * @pri_bits:	 of a priority
 * @id_bits:	 of an LPI's number
 * @min_id_bits: there are LPIs for as many, at least
 * @vmt_levels:	 the VM table can have two levels
 * @l2sz:	 bit n: level 2 tables of an IST can have 4096 << 2 * n bytes; 0 if it
 *		 has one level
 * @istmd:	 entries of an IST have metadata
 * @istmd_bits:	 number of bits of IDs from which on it is 12 bytes, below it is 4
 * @vmd_size:	 of a VM's descriptor, in bytes; 0 if it has none
 * @vped_size:	 of a VPE's descriptor
 */
struct irs_host {
	u8 vm_id_bits;
	u8 vpe_id_bits;
	u8 pri_bits;
	u8 id_bits;
	u8 min_id_bits;
	bool vmt_levels;
	u8 l2sz;
	bool istmd;
	u8 istmd_bits;
	u32 vmd_size;
	u32 vped_size;
};

/**
 * struct ist_shape - how an IST is laid out
 * @id_bits:   number of bits of IDs in it
 * @istsz:     an entry has 4 << @istsz bytes
 * @l2sz:      a level 2 table has 4096 << 2 * @l2sz bytes, if there are any
 * @nr_l2:     number of level 2 tables, 0 if it has one level
 * @l2_size:   bytes of each
 * @l1_size:   bytes of the level 1 table, or of all of it
 */
struct ist_shape {
	u8 id_bits;
	u8 istsz;
	u8 l2sz;
	u32 nr_l2;
	u32 l2_size;
	u32 l1_size;
};

const char *irs_host_init(struct irs_host *host, const u32 *idr);

u32 vmt_size(const struct irs_host *host);
u32 vmt_cfgr(const struct irs_host *host);
u32 vpet_size(unsigned int vpe_id_bits);

u64 table_entry(u64 addr);
void vmte_init(u64 *vmte, u64 vmd, u64 vpet, unsigned int vpe_id_bits);

void ist_shape_init(struct ist_shape *shape, const struct irs_host *host,
		    unsigned int id_bits, unsigned int page_size);
u64 ist_word(const struct ist_shape *shape, u64 addr);
u32 ist_offset(const struct ist_shape *shape, u32 id, u32 *l2);

#endif /* __VGICV5_TABLES_H */
