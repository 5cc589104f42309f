/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IRS's side of virtual machines: registers, tables, and a machine room
 * to put them into.
 */
#ifndef CONFORMANCE_IRS_H
#define CONFORMANCE_IRS_H

#include "conformance.h"

#define IRS_IDR1		0x004
#define IRS_IDR2		0x008
#define IRS_IDR3		0x00c
#define IRS_IDR4		0x010
#define IRS_IST_BASER		0x180
#define IRS_IST_CFGR		0x190
#define IRS_IST_STATUSR		0x194
#define IRS_VMT_BASER		0x200
#define IRS_VMT_CFGR		0x210
#define IRS_VMT_STATUSR		0x214
#define IRS_VPE_SELR		0x240
#define IRS_VPE_DBR		0x248
#define IRS_VPE_HPPIR		0x250
#define IRS_VPE_CR0		0x258
#define IRS_VPE_STATUSR		0x25c
#define IRS_VM_DBR		0x280
#define IRS_VM_SELR		0x288
#define IRS_VM_STATUSR		0x28c
#define IRS_VMAP_L2_VMTR	0x2c0
#define IRS_VMAP_VMR		0x2c8
#define IRS_VMAP_VISTR		0x2d0
#define IRS_VMAP_L2_VISTR	0x2d8
#define IRS_VMAP_VPER		0x2e0
#define IRS_SAVE_VMR		0x300
#define IRS_SAVE_VM_STATUSR	0x308
#define IRS_ERRORS		0x8000		/* with x-error-counter */

#define VALID			BIT(0)
#define IDLE			BIT(0)
#define STATUSR_V		BIT(1)
#define VMAP_M			BIT(63)
#define VMAP_U			BIT(62)
#define SAVE_S			BIT(63)
#define SAVE_Q			BIT(62)
#define DBR_DBV			BIT(63)
#define DBR_REQ_DB		BIT(62)
#define DBR_DBPM(p)		((u64)(p) << 32)
#define SELR_S			BIT(63)
#define CFGR_TWO_LEVELS		BIT(16)

#define CONTEXTR_IRICHPPIDIS	BIT(61)
#define CONTEXTR_DB		BIT(60)
#define CONTEXTR_DBPM(p)	((u64)(p) << 55)
#define CONTEXTR(vm, vpe)	(CONTEXTR_V | (u64)(vpe) << 32 | (vm))

#define LPI(id)			INTID(TYPE_LPI, (u64)(id))
#define SPI(id)			INTID(TYPE_SPI, (u64)(id))

/* An L2_ISTE, and ICC_ICSR_EL1 with the same fields. */
#define ISTE_PENDING		BIT(0)
#define ISTE_ACTIVE		BIT(1)
#define ISTE_LEVEL		BIT(2)
#define ISTE_ENABLE		BIT(3)
#define ISTE_PRIORITY(p)	((u64)(p) << 11)
#define ISTE_VPE(v)		((u64)(v) << 16)
#define ICSR_ENABLED		BIT(1)
#define ICSR_PENDING		BIT(2)
#define ICSR_ACTIVE		BIT(4)
#define ICSR_LEVEL		BIT(5)
#define ICSR_PRIORITY(p)	((u64)(p) << 11)
#define ICSR_VPE(v)		((u64)(v) << 32)

/* A word of a VMTE for an IST. */
#define IST_ISTSZ(n)		((u64)(n) << 56)
#define IST_L2SZ(n)		((u64)(n) << 1)
#define IST_TWO_LEVELS		BIT(58)
#define IST_ID_BITS(n)		((u64)(n) << 59)

/* What there is, from the ID registers, and what was asked for. */
struct shape {
	bool vms;		/* VM tables exist at all */
	u64 vm_id_bits, vpe_id_bits, vmd, vped;	/* descriptors: bytes */
	u64 vmt_levels, ist_levels, l2sz, metadata;
	u64 irs_pri_bits, min_lpi_bits, id_bits;
};
extern struct shape shape;
struct asked_shape {
	u64 vm_id_bits, vpe_id_bits, vmd, vped, vmt_levels, ist_levels, l2sz,
	    metadata, irs_pri_bits;
	bool strict, high_ties, poison, extra_doorbells, late_doorbells;
	u64 cpus, busy;
	u64 random, seed;	/* random writes, instead of all tests */
	bool events;		/* what is traced, instead of all tests */
};
extern struct asked_shape asked_shape;
/* A priority in the IRS, and as the CPU interface sees it from there */
#define IPRI(p)		((u64)(p) & (0x1f << (5 - shape.irs_pri_bits)) & 0x1f)
#define VPRI(p)		PRI(IPRI(p))

void irs_look(void);		/* once, at the start */
/*
 * Before all else: with VM tables the machine is reset once, with a VM that
 * has something to lose. What there was after it:
 */
void irs_reset_once(void);
extern struct after_reset {
	bool happened;
	u64 vmt_baser, ist_baser, vpe_selr, vpe_dbr;
	u32 vpe_statusr, vm_statusr, save_statusr, cr0;
	u32 vm_valid;		/* IRS_VM_STATUSR for the VM that was */
	u32 iste, iste_before;	/* of an LPI that was changed since */
} after_reset;
void irs_quiet(void);		/* before each test */

u64 irs_rd64(u32 offset);
void irs_wr64(u32 offset, u64 v);
/* Errors of this program that the machine has reported since the last call */
u64 errors(void);
/* Skip the test unless there are VM tables (two of them: a reason) */
bool vms(void);

/* A register that acts: wait until it may be written, and has acted. */
void vmap(u32 offset, u64 v);
bool wait_idle(u32 statusr);

/* Zeroed memory until the next test. */
void *room(u64 size, u64 align);

/* The VM table. */
void vmt_on(bool two_levels);
void vmt_off(void);
volatile u64 *l1_vmte(int vm);
volatile u64 *vmte(int vm);	/* makes the level 2 table valid */

/* A VM with room for 2^bits VPEs; its descriptor, its VPE table. */
void vm_prepare(int vm, int bits);
bool vm_on(int vm, int bits);
void vm_off(int vm);
volatile u64 *vpete(int vm, int vpe);
bool vpe_on(int vm, int vpe);

/* ISTs. "needs" is the smallest ISTSZ for so many ids. */
struct ist {
	volatile u32 *entries;	/* linear, or level 2 of all */
	volatile u64 *l1;
	int istsz, l2sz, id_bits;
	u64 word;		/* for the VMTE */
};
int ist_needs(int id_bits);
struct ist ist_make(int id_bits, int istsz, bool two_levels, int l2sz);
volatile u32 *iste(const struct ist *ist, u64 id);
bool ist_on(int vm, u64 type, const struct ist *ist);
void ist_off(int vm, u64 type);

/*
 * The usual world: the table, VM 3 with VPEs 0 to 3 valid and 4 to 7 not, its
 * ISTs, the IRS on. And a second VM like that.
 */
#define VM	3
extern struct ist lpis, spis;
bool world(void);
void second_vm(int vm);

/* Residency: V and F afterwards. */
u64 resident(int vm, int vpe);
#define OK		CONTEXTR_V
void leave(u64 db);

/* VD* on the resident VM's interrupt, VDPEND on any. */
void vd(u32 op, u64 operand);
void vdpend(int vm, u64 intid, bool on);
u64 vdrcfg(u64 intid);
/* Enable, of priority p, for a VPE; needs a VPE of the VM to be resident. */
void vconfig(u64 intid, int p, int vpe);

u64 vpe_select(int vm, int vpe);	/* STATUSR.V */
u64 vpe_hppir(int vm, int vpe);
void doorbell(int vm, int vpe, u64 lpi, u64 more);

/* Physical LPIs as doorbells: pending, by CDRCFG. */
#define DOORBELL	5
bool rung(u64 lpi);
/* Skip the test if rings come late or without a cause. */
bool quiet_doorbells(void);
bool rang(u64 lpi);		/* ... and clear it */

/* random.c */
bool random_writes(u64 seed, u64 count);

/* cost.c */
extern struct asked_cost {
	u64 kind, count;	/* what is counted, and how often */
	u64 vms, vpes, spis;	/* beside: VPEs and SPIs of each VM */
} asked_cost;
bool cost(void);

/* events.c */
bool events(void);

/* Another CPU. */
bool second_cpu(void);
bool second_cpu_on(void);	/* ... as it comes out of reset */
void second_cpu_off(void);
u64 on_cpu1(u64 (*f)(u64), u64 arg);
extern u64 cpu1_first_hppir;	/* ICC_HPPIR after it was switched on */

#endif
