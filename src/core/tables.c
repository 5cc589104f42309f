// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of an IRS that virtualises: see <vgicv5/tables.h>. Plain C, as irs.c.
 */
#include <vgicv5/tables.h>

#define IDR0_VIRT		BIT(6)
#define IDR1_PRIORITY_BITS	GENMASK(22, 20)		/* less one */
#define IDR2_ID_BITS		GENMASK(4, 0)
#define IDR2_LPI		BIT(5)
#define IDR2_MIN_LPI_ID_BITS	GENMASK(9, 6)
#define IDR2_IST_LEVELS		BIT(10)
#define IDR2_IST_L2SZ		GENMASK(13, 11)
#define IDR2_ISTMD		BIT(14)
#define IDR2_ISTMD_SZ		GENMASK(19, 15)
#define IDR3_VMD		BIT(0)
#define IDR3_VMD_SZ		GENMASK(4, 1)
#define IDR3_VM_ID_BITS		GENMASK(9, 5)
#define IDR3_VMT_LEVELS		BIT(10)
#define IDR4_VPED_SZ		GENMASK(5, 0)
#define IDR4_VPE_ID_BITS	GENMASK(9, 6)		/* less one */

#define VMT_CFGR_VM_ID_BITS	GENMASK(4, 0)
#define VMT_CFGR_STRUCTURE	BIT(16)			/* 1: two levels */

#define ENTRY_ADDR		GENMASK_ULL(55, 3)
#define VMTE_VPE_ID_BITS	GENMASK_ULL(63, 59)

#define IST_L2SZ		GENMASK_ULL(2, 1)
#define IST_ADDR		GENMASK_ULL(55, 6)
#define IST_ISTSZ		GENMASK_ULL(57, 56)
#define IST_STRUCTURE		BIT_ULL(58)		/* 1: two levels */
#define IST_ID_BITS		GENMASK_ULL(63, 59)

#define L1_ENTRY_SIZE		8
#define L2_ENTRY_SIZE		4
#define L2_TABLE_SIZE(l2sz)	(4096U << (2 * (l2sz)))

static u32 padded(u32 size)
{
	return size > TABLE_SIZE_MIN ? size : TABLE_SIZE_MIN;
}

/**
 * irs_host_init() - what can be done with the host's IRS?
 * @host: to be filled in
 * @idr:  IRS_IDR0 to IRS_IDR4
 *
 * Return: NULL; or why it cannot virtualise, to be put behind "it ".
 */
const char *irs_host_init(struct irs_host *host, const u32 *idr)
{
	u32 vmd = FIELD_GET(IDR3_VMD_SZ, idr[3]);
	u32 vped = FIELD_GET(IDR4_VPED_SZ, idr[4]);

	if (!(idr[0] & IDR0_VIRT) || !FIELD_GET(IDR3_VM_ID_BITS, idr[3]))
		return "has no VMs (IRS_IDR0.VIRT, IRS_IDR3.VM_ID_BITS)";
	if (!(idr[2] & IDR2_LPI))
		return "has no LPIs (IRS_IDR2.LPI)";

	host->vm_id_bits = FIELD_GET(IDR3_VM_ID_BITS, idr[3]);
	host->vpe_id_bits = FIELD_GET(IDR4_VPE_ID_BITS, idr[4]) + 1;
	host->pri_bits = FIELD_GET(IDR1_PRIORITY_BITS, idr[1]) + 1;
	host->id_bits = FIELD_GET(IDR2_ID_BITS, idr[2]);
	host->min_id_bits = FIELD_GET(IDR2_MIN_LPI_ID_BITS, idr[2]);
	host->vmt_levels = idr[3] & IDR3_VMT_LEVELS;
	host->l2sz = idr[2] & IDR2_IST_LEVELS ?
		     FIELD_GET(IDR2_IST_L2SZ, idr[2]) : 0;
	host->istmd = idr[2] & IDR2_ISTMD;
	host->istmd_bits = FIELD_GET(IDR2_ISTMD_SZ, idr[2]);
	host->vmd_size = idr[3] & IDR3_VMD ? 1U << vmd : 0;
	host->vped_size = 1U << (vped & 31);

	/* What the architecture allows */
	if (host->vm_id_bits < 8 || host->vm_id_bits > 16 ||
	    host->vpe_id_bits < 8 || host->pri_bits > 5 ||
	    (idr[3] & IDR3_VMD && (vmd < 3 || vmd > 12)) ||
	    vped < 3 || vped > 12 || host->id_bits > 24)
		return "makes no sense (IRS_IDR1 to IRS_IDR4)";

	return NULL;
}

/**
 * vmt_size() - the VM table, or its level 1
 * @host: the host's IRS
 *
 * Return: its size in bytes. It has two levels whenever it can.
 */
u32 vmt_size(const struct irs_host *host)
{
	if (host->vmt_levels)
		return padded(L1_ENTRY_SIZE <<
			      (host->vm_id_bits - L2_VMT_BITS));

	return (u32)(VMTE_WORDS * sizeof(u64)) << host->vm_id_bits;
}

/**
 * vmt_cfgr() - IRS_VMT_CFGR for it
 * @host: the host's IRS
 *
 * Return: the value.
 */
u32 vmt_cfgr(const struct irs_host *host)
{
	return FIELD_PREP(VMT_CFGR_VM_ID_BITS, (u32)host->vm_id_bits) |
	       (host->vmt_levels ? VMT_CFGR_STRUCTURE : 0);
}

/**
 * vpet_size() - the VPE table of a VM
 * @vpe_id_bits: number of bits of the numbers of its VPEs
 *
 * Return: its size in bytes.
 */
u32 vpet_size(unsigned int vpe_id_bits)
{
	return padded((u32)sizeof(u64) << vpe_id_bits);
}

/**
 * table_entry() - L1_VMTE, VPETE or L1_ISTE, not valid
 * @addr: physical address of what it is for
 *
 * Return: the word.
 */
u64 table_entry(u64 addr)
{
	return addr & ENTRY_ADDR;
}

/**
 * vmte_init() - L2_VMTE of a VM without ISTs, not valid
 * @vmte:	 receives VMTE_WORDS words
 * @vmd:	 physical address of its descriptor, 0 if it has none
 * @vpet:	 of its VPE table
 * @vpe_id_bits: number of bits of the numbers of its VPEs
 */
void vmte_init(u64 *vmte, u64 vmd, u64 vpet, unsigned int vpe_id_bits)
{
	unsigned int i;

	for (i = 0; i < VMTE_WORDS; i++)
		vmte[i] = 0;

	vmte[VMTE_VMD] = table_entry(vmd);
	vmte[VMTE_VPET] = table_entry(vpet) |
			  FIELD_PREP(VMTE_VPE_ID_BITS, (u64)vpe_id_bits);
}

/* Of the sizes that there are, that of a page, or else the smallest */
static unsigned int choose_l2sz(unsigned int l2sz, unsigned int page_size)
{
	unsigned int n;

	for (n = 0; n < 3; n++)
		if (l2sz & BIT(n) && L2_TABLE_SIZE(n) == page_size)
			return n;

	return __builtin_ctz(l2sz);
}

/**
 * ist_shape_init() - lay an IST out
 * @shape:     to be filled in
 * @host:      the host's IRS
 * @id_bits:   number of bits of IDs
 * @page_size: of the kernel: such memory is easy to get
 *
 * It has two levels if the IRS can do that, and more than one table would be below.
 */
void ist_shape_init(struct ist_shape *shape, const struct irs_host *host,
		    unsigned int id_bits, unsigned int page_size)
{
	unsigned int istsz = 0, l2_bits;
	u32 size;

	if (host->istmd)
		istsz = id_bits < host->istmd_bits ? 1 : 2;

	size = (u32)L2_ENTRY_SIZE << (istsz + id_bits);

	shape->id_bits = id_bits;
	shape->istsz = istsz;
	shape->l2sz = 0;
	shape->nr_l2 = 0;
	shape->l2_size = 0;
	shape->l1_size = padded(size);

	if (!host->l2sz)
		return;

	shape->l2sz = choose_l2sz(host->l2sz, page_size);
	l2_bits = 10 - istsz + 2 * shape->l2sz;
	if (id_bits <= l2_bits)
		return;

	shape->nr_l2 = 1U << (id_bits - l2_bits);
	shape->l2_size = L2_TABLE_SIZE(shape->l2sz);
	shape->l1_size = padded(shape->nr_l2 * L1_ENTRY_SIZE);
}

/**
 * ist_word() - the word of an L2_VMTE for an IST, not valid
 * @shape: how it is laid out
 * @addr:  physical address of its level 1, or of all of it
 *
 * Return: the word.
 */
u64 ist_word(const struct ist_shape *shape, u64 addr)
{
	return (addr & IST_ADDR) |
	       FIELD_PREP(IST_ISTSZ, (u64)shape->istsz) |
	       FIELD_PREP(IST_ID_BITS, (u64)shape->id_bits) |
	       (shape->nr_l2 ? IST_STRUCTURE |
			       FIELD_PREP(IST_L2SZ, (u64)shape->l2sz) : 0);
}

/**
 * ist_offset() - where the entry of an interrupt is
 * @shape: how the IST is laid out
 * @id:	   the interrupt's number
 * @l2:	   receives the number of its level 2 table, 0 if there is one level
 *
 * Return: offset in bytes, in that table.
 */
u32 ist_offset(const struct ist_shape *shape, u32 id, u32 *l2)
{
	u32 offset = id << shape->istsz;

	*l2 = 0;
	if (shape->nr_l2) {
		u32 entries = shape->l2_size / L2_ENTRY_SIZE;

		*l2 = offset / entries;
		offset %= entries;
	}

	return offset * L2_ENTRY_SIZE;
}
