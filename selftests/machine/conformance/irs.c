// SPDX-License-Identifier: GPL-2.0-only
/* The IRS's side of virtual machines: see irs.h. */
#include "irs.h"

struct shape shape;
struct asked_shape asked_shape;
struct asked_cost asked_cost;
struct ist lpis, spis;

/* The non-secure configuration frame, and memory behind this program. */
#define FRAME	0x08010000ul
#define ROOM	0x42000000ul
#define ROOM_END	0x44000000ul

static u64 next_room = ROOM;
static bool cpu1_on;

u64 irs_rd64(u32 offset)
{
	return *(volatile u64 *)(FRAME + offset);
}

void irs_wr64(u32 offset, u64 v)
{
	dsb();
	*(volatile u64 *)(FRAME + offset) = v;
}

u64 errors(void)
{
	u64 n;

	if (!shape.vms)
		return 0;
	n = irs_rd(IRS_ERRORS);
	irs_wr(IRS_ERRORS, 0);
	return n;
}

bool vms(void)
{
	if (!shape.vms)
		skip("this IRS has no VM tables");
	return shape.vms;
}

bool wait_idle(u32 statusr)
{
	for (int i = 0; i < 1000; i++)
		if (irs_rd(statusr) & IDLE)
			return true;
	return false;
}

void vmap(u32 offset, u64 v)
{
	u32 statusr = IRS_VMT_STATUSR;

	if (offset >= IRS_VPE_SELR && offset <= IRS_VPE_CR0)
		statusr = IRS_VPE_STATUSR;
	if (offset == IRS_SAVE_VMR)
		statusr = IRS_SAVE_VM_STATUSR;
	ok(wait_idle(statusr));
	irs_wr64(offset, v);
	ok(wait_idle(statusr));
}

void *room(u64 size, u64 align)
{
	u64 at = (next_room + align - 1) & ~(align - 1);

	next_room = at + size;
	if (next_room > ROOM_END) {
		ok(next_room <= ROOM_END);
		at = ROOM;
		next_room = ROOM + size;
	}
	for (u64 i = 0; i < size; i += 8)
		*(volatile u64 *)(at + i) = 0;
	return (void *)at;
}

static u64 max(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* The VM table: shape, place, and the level 2 tables in use. */
static struct {
	bool two_levels;
	volatile u64 *base;
} vmt;

void vmt_on(bool two_levels)
{
	u64 size = two_levels ? 8ul << (shape.vm_id_bits - 7) :
		   32ul << shape.vm_id_bits;

	vmt.two_levels = two_levels;
	vmt.base = room(size, size);
	ok(wait_idle(IRS_VMT_STATUSR));
	irs_wr(IRS_VMT_CFGR, shape.vm_id_bits |
	       (two_levels ? CFGR_TWO_LEVELS : 0));
	vmap(IRS_VMT_BASER, (u64)vmt.base | VALID);
	eq(irs_rd64(IRS_VMT_BASER) & VALID, VALID);
}

void vmt_off(void)
{
	vmap(IRS_VMT_BASER, 0);
	eq(irs_rd64(IRS_VMT_BASER) & VALID, 0);
}

volatile u64 *l1_vmte(int vm)
{
	return vmt.base + vm / 128;
}

volatile u64 *vmte(int vm)
{
	volatile u64 *l1 = l1_vmte(vm);

	if (!vmt.two_levels)
		return vmt.base + vm * 4ul;
	if (!(*l1 & VALID)) {
		*l1 = (u64)room(4096, 4096);
		vmap(IRS_VMAP_L2_VMTR, VMAP_M | vm);
		ok(*l1 & VALID);
	}
	return (u64 *)(*l1 & BITS(55, 12)) + vm % 128 * 4ul;
}

void vm_prepare(int vm, int bits)
{
	volatile u64 *e = vmte(vm);

	e[0] = shape.vmd ? (u64)room(shape.vmd, shape.vmd) : 0;
	e[1] = (u64)room(8ul << bits, 8ul << bits) | (u64)bits << 59;
	e[2] = 0;
	e[3] = 0;
}

bool vm_on(int vm, int bits)
{
	vm_prepare(vm, bits);
	vmap(IRS_VMAP_VMR, VMAP_M | vm);
	return vmte(vm)[0] & VALID;
}

void vm_off(int vm)
{
	vmap(IRS_VMAP_VMR, VMAP_M | VMAP_U | vm);
}

volatile u64 *vpete(int vm, int vpe)
{
	return (u64 *)(vmte(vm)[1] & BITS(55, 3)) + vpe;
}

bool vpe_on(int vm, int vpe)
{
	volatile u64 *e = vpete(vm, vpe);

	*e = (u64)room(shape.vped, shape.vped);
	vmap(IRS_VMAP_VPER, VMAP_M | (u64)vm << 32 | vpe);
	return *e & VALID;
}

int ist_needs(int id_bits)
{
	if (!shape.metadata)
		return 0;
	return (u64)id_bits < shape.metadata ? 1 : 2;
}

struct ist ist_make(int id_bits, int istsz, bool two_levels, int l2sz)
{
	struct ist ist = { .id_bits = id_bits, .istsz = istsz, .l2sz = l2sz };
	int l2_bits = 10 - istsz + 2 * l2sz;
	u64 size = 4ul << (id_bits + istsz);

	ist.word = IST_ID_BITS(id_bits) | IST_ISTSZ(istsz);
	if (!two_levels) {
		ist.entries = room(size, max(size, 64));
		ist.word |= (u64)ist.entries;
		return ist;
	}
	size = max(size, 4096ul << 2 * l2sz);
	ist.entries = room(size, 4096ul << 2 * l2sz);
	size = 8ul << (id_bits > l2_bits ? id_bits - l2_bits : 0);
	ist.l1 = room(size, max(size, 64));
	for (u64 i = 0; i < size / 8; i++)
		ist.l1[i] = ((u64)ist.entries + (i << l2_bits << istsz) * 4) |
			    VALID;
	ist.word |= (u64)ist.l1 | IST_TWO_LEVELS | IST_L2SZ(l2sz);
	return ist;
}

volatile u32 *iste(const struct ist *ist, u64 id)
{
	return ist->entries + (id << ist->istsz);
}

bool ist_on(int vm, u64 type, const struct ist *ist)
{
	volatile u64 *word = vmte(vm) + type;

	*word = ist->word;
	vmap(IRS_VMAP_VISTR, VMAP_M | (u64)vm << 32 | type << 29);
	return *word & VALID;
}

void ist_off(int vm, u64 type)
{
	vmap(IRS_VMAP_VISTR, VMAP_M | VMAP_U | (u64)vm << 32 | type << 29);
}

void second_vm(int vm)
{
	int bits = shape.min_lpi_bits;
	struct ist l, s;

	ok(vm_on(vm, 3));
	for (int i = 0; i < 4; i++)
		ok(vpe_on(vm, i));
	l = ist_make(bits, ist_needs(bits), false, 0);
	s = ist_make(10, ist_needs(10), false, 0);
	ok(ist_on(vm, TYPE_LPI, &l));
	ok(ist_on(vm, TYPE_SPI, &s));
	lpis = l;
	spis = s;
}

bool world(void)
{
	if (!vms())
		return false;
	vmt_on(shape.vmt_levels);
	second_vm(VM);
	irs_switch(true);
	return !failed_yet();
}

u64 resident(int vm, int vpe)
{
	set(ICH_CONTEXTR, CONTEXTR(vm, vpe));
	return rd(ICH_CONTEXTR) & (CONTEXTR_V | CONTEXTR_F);
}

void leave(u64 db)
{
	set(ICH_CONTEXTR, db);
}

void vd(u32 op, u64 operand)
{
	el2_wr(op, operand);
	gsb_sys();
	isb();
}

void vdpend(int vm, u64 intid, bool on)
{
	vd(GIC_VDPEND, intid | (u64)vm << 32 | (u64)on << 63);
}

u64 vdrcfg(u64 intid)
{
	wr(GIC_VDRCFG, intid);
	gsb_sys();
	isb();
	return rd(ICC_ICSR);
}

void vconfig(u64 intid, int p, int vpe)
{
	vd(GIC_VDPRI, intid | (u64)p << 35);
	vd(GIC_VDAFF, intid | (u64)vpe << 32);
	vd(GIC_VDEN, intid);
}

u64 vpe_select(int vm, int vpe)
{
	vmap(IRS_VPE_SELR, SELR_S | (u64)vpe << 32 | vm);
	return irs_rd(IRS_VPE_STATUSR) & STATUSR_V;
}

u64 vpe_hppir(int vm, int vpe)
{
	eq(vpe_select(vm, vpe), STATUSR_V);
	return irs_rd64(IRS_VPE_HPPIR);
}

void doorbell(int vm, int vpe, u64 lpi, u64 more)
{
	eq(vpe_select(vm, vpe), STATUSR_V);
	vmap(IRS_VPE_DBR, DBR_DBV | lpi | more);
	eq(irs_rd(IRS_VPE_STATUSR) & STATUSR_V, STATUSR_V);
}

bool quiet_doorbells(void)
{
	if (!asked_shape.extra_doorbells && !asked_shape.late_doorbells)
		return true;
	skip("doorbells ring late, or without a cause");
	return false;
}

static u64 cdrcfg(u64 intid)
{
	wr(GIC_CDRCFG, intid);
	gsb_sys();
	isb();
	return rd(ICC_ICSR);
}

bool rung(u64 lpi)
{
	return cdrcfg(LPI(lpi)) & ICSR_PENDING;
}

bool rang(u64 lpi)
{
	bool r = rung(lpi);

	vd(GIC_CDPEND, LPI(lpi));
	return r;
}

/* Physical LPIs: a linear table that stays. */
static void physical_ist(void)
{
	int bits = shape.min_lpi_bits, istsz = ist_needs(bits);
	u64 size = 4ul << (bits + istsz);

	irs_wr(IRS_IST_CFGR, bits | istsz << 7);
	irs_wr64(IRS_IST_BASER, (u64)room(size, size) | VALID);
	wait_idle(IRS_IST_STATUSR);
}

void irs_quiet(void)
{
	static u64 first_room;

	if (!shape.vms)
		return;
	if (!first_room) {
		physical_ist();
		first_room = next_room;
	}
	next_room = first_room;
	if (cpu1_on)
		on_cpu1(0, 0);
	wait_idle(IRS_VMT_STATUSR);
	irs_wr64(IRS_VMT_BASER, 0);
	wait_idle(IRS_VMT_STATUSR);
	wait_idle(IRS_VPE_STATUSR);
	wait_idle(IRS_SAVE_VM_STATUSR);
	for (int i = 1; i < 8; i++) {
		vd(GIC_CDPEND, LPI(i));
		vd(GIC_CDDIS, LPI(i));
		vd(GIC_CDDI, LPI(i));
		vd(GIC_CDAFF, LPI(i));
	}
	vd(GIC_CDPEND, SPI(40));
	vd(GIC_CDDIS, SPI(40));
	vd(GIC_CDDI, SPI(40));
	errors();
}

void irs_look(void)
{
	u32 idr2 = irs_rd(IRS_IDR2), idr3 = irs_rd(IRS_IDR3),
	    idr4 = irs_rd(IRS_IDR4);

	shape.irs_pri_bits = FIELD(irs_rd(IRS_IDR1), 22, 20) + 1;
	shape.id_bits = FIELD(idr2, 4, 0);
	shape.min_lpi_bits = FIELD(idr2, 9, 6);
	shape.ist_levels = FIELD(idr2, 10, 10);
	shape.l2sz = FIELD(idr2, 13, 11);
	shape.metadata = FIELD(idr2, 14, 14) ? FIELD(idr2, 19, 15) : 0;
	shape.vmd = FIELD(idr3, 0, 0) ? 1ul << FIELD(idr3, 4, 1) : 0;
	shape.vm_id_bits = FIELD(idr3, 9, 5);
	shape.vmt_levels = FIELD(idr3, 10, 10);
	shape.vped = 1ul << FIELD(idr4, 5, 0);
	shape.vpe_id_bits = FIELD(idr4, 9, 6) + 1;
	shape.vms = shape.vm_id_bits;
}

/* Memory outlives a reset; this is below what tests use. */
static struct {
	u64 resets;
	volatile u32 *iste;
	u32 iste_before;
} *const outlives = (void *)0x41f00000ul;
struct after_reset after_reset;

static void system_reset(void)
{
	register u64 f asm("x0") = 0x84000009;	/* PSCI SYSTEM_RESET */

	asm volatile("smc #0" : "+r" (f) : : "memory");
	for (;;)
		;
}

void irs_reset_once(void)
{
	after_reset = (struct after_reset){
		.happened = outlives->resets,
		.vmt_baser = irs_rd64(IRS_VMT_BASER),
		.ist_baser = irs_rd64(IRS_IST_BASER),
		.vpe_selr = irs_rd64(IRS_VPE_SELR),
		.vpe_dbr = irs_rd64(IRS_VPE_DBR),
		.vpe_statusr = irs_rd(IRS_VPE_STATUSR),
		.vm_statusr = irs_rd(IRS_VM_STATUSR),
		.save_statusr = irs_rd(IRS_SAVE_VM_STATUSR),
		.cr0 = irs_rd(IRS_CR0),
	};
	if (!asked_shape.cpus || !shape.vms)
		return;
	if (outlives->resets) {
		irs_wr(IRS_VM_SELR, VM);
		wait_idle(IRS_VM_STATUSR);
		after_reset.vm_valid = irs_rd(IRS_VM_STATUSR);
		after_reset.iste = *outlives->iste;
		after_reset.iste_before = outlives->iste_before;
		return;
	}
	quiet();
	/* QEMU puts the device tree to ROOM again. */
	next_room = ROOM + (ROOM_END - ROOM) / 2;
	world();
	resident(VM, 1);
	vconfig(LPI(9), 8, 2);
	vdpend(VM, LPI(9), true);
	doorbell(VM, 0, DOORBELL, 0);
	irs_wr(IRS_VM_SELR, VM);
	wait_idle(IRS_VM_STATUSR);
	outlives->iste = iste(&lpis, 9);
	outlives->iste_before = *iste(&lpis, 9);
	outlives->resets = 1;
	dsb();
	system_reset();
}

/* What the other CPU runs, in start.S: it waits for a function. */
struct {
	u64 (*f)(u64);
	u64 arg, value, done;
} volatile cpu1_mail;
extern char cpu1_start[];

static u64 cpu1_quiet(u64 arg)
{
	wr(ICH_VCTLR, VCTLR_EN);
	wr(ICH_VMCR, VMCR_EN | VMCR_VPMR(0x1f));
	wr(ICH_APR, 0);
	for (int i = 0; i < 2; i++) {
		el2_wr(ICH_DVIR(i), 0);
		el2_wr(ICH_ENABLER(i), 0);
		el2_wr(ICH_PENDR(i), 0);
		el2_wr(ICH_ACTIVER(i), 0);
	}
	set(ICH_CONTEXTR, 0);
	return 0;
}

u64 on_cpu1(u64 (*f)(u64), u64 arg)
{
	cpu1_mail.arg = arg;
	cpu1_mail.done = 0;
	dsb();
	cpu1_mail.f = f ? f : cpu1_quiet;
	dsb();
	asm volatile("sev");
	while (!cpu1_mail.done)
		;
	return cpu1_mail.value;
}

u64 cpu1_first_hppir;

void cpu1_main(void)
{
	/* With x-gicv5-poison PPIs are enabled and pending. */
	if (!asked.poison) {
		wr(ICC_PCR, 0x1f);
		set(ICC_CR0, CR0_EN);
		cpu1_first_hppir = rd(ICC_HPPIR);
		set(ICC_CR0, 0);
	}
	for (;;) {
		while (!cpu1_mail.f)
			;
		cpu1_mail.value = cpu1_mail.f(cpu1_mail.arg);
		cpu1_mail.f = 0;
		dsb();
		cpu1_mail.done = 1;
	}
}

static u64 psci(u64 function, u64 arg1, u64 arg2)
{
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = arg1;
	register u64 x2 asm("x2") = arg2;
	register u64 x3 asm("x3") = 0;

	asm volatile("smc #0" : "+r" (x0) : "r" (x1), "r" (x2), "r" (x3) :
		     "memory");
	return x0;
}

static u64 cpu1_off(u64 arg)
{
	return psci(0x84000002, 0, 0);		/* CPU_OFF: it does not return */
}

void second_cpu_off(void)
{
	cpu1_mail.f = cpu1_off;
	dsb();
	while (psci(0xc4000004, 1, 0) != 1)	/* AFFINITY_INFO: not yet off */
		;
	cpu1_mail.f = 0;
	cpu1_on = false;
}

bool second_cpu_on(void)
{
	if (!cpu1_on) {
		u64 error = psci(0xc4000003, 1, (u64)cpu1_start); /* CPU_ON */

		same(error, 0, "CPU_ON");
		cpu1_on = !error;
	}
	return cpu1_on;
}

bool second_cpu(void)
{
	if (asked_shape.cpus < 2) {
		skip("this machine has one CPU");
		return false;
	}
	if (!second_cpu_on())
		return false;
	on_cpu1(0, 0);
	return true;
}
