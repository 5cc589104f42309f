// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does it cost the machine? Not a test: this makes VMs with all of their
 * SPIs pending and all of their doorbells rung, then does one thing again and
 * again. Whoever counts the instructions of QEMU can tell whether the others
 * matter.
 */
#include "irs.h"

enum { RESIDENCY, DOORBELL_RINGS, AN_LPI, AN_SPI, NUM_KINDS };

static u64 doorbell_of(u64 vm, u64 vpe)
{
	return 8 + vm * asked_cost.vpes + vpe;
}

static u64 log2_up(u64 n)
{
	u64 bits = 0;

	while (1ul << bits < n)
		bits++;
	return bits;
}

/* Enabled, of a priority, for one VPE after the other, before it is valid. */
static void make_ist(u64 vm, u64 type, int bits, u64 n)
{
	struct ist ist = ist_make(bits, ist_needs(bits), false, 0);

	for (u64 i = 0; i < n; i++)
		*iste(&ist, i) = ISTE_ENABLE | ISTE_PRIORITY(i ? 16 : 8) |
				 ISTE_VPE(i % asked_cost.vpes);
	ok(ist_on(vm, type, &ist));
}

static void make_vm(u64 vm)
{
	int bits = log2_up(asked_cost.spis);

	ok(vm_on(vm, log2_up(asked_cost.vpes) + 1));
	for (u64 i = 0; i < asked_cost.vpes; i++)
		ok(vpe_on(vm, i));
	make_ist(vm, TYPE_LPI, shape.min_lpi_bits, asked_cost.vpes);
	make_ist(vm, TYPE_SPI, bits > 1 ? bits : 1, asked_cost.spis);
	for (u64 i = 0; i < asked_cost.vpes; i++) {
		u64 lpi = doorbell_of(vm, i);

		wr(GIC_CDPRI, LPI(lpi) | 16ul << 35);
		wr(GIC_CDEN, LPI(lpi));
		doorbell(vm, i, lpi, DBR_REQ_DB | DBR_DBPM(0x1f));
	}
	/* SPI 0 is the one that is counted. */
	for (u64 i = 1; i < asked_cost.spis; i++)
		wr(GIC_VDPEND, SPI(i) | vm << 32 | BIT(63));
	for (u64 i = 0; i < asked_cost.vpes; i++)
		wr(GIC_VDPEND, LPI(i) | vm << 32 | BIT(63));
}

static void residency(u64 vm)
{
	set(ICH_CONTEXTR, CONTEXTR(vm, 0));
	set(ICH_CONTEXTR, 0);
}

/*
 * It waits for what is more important than all that is pending. This comes,
 * the doorbell rings, and is handled.
 */
static void ring(u64 vm)
{
	set(ICH_CONTEXTR, CONTEXTR(vm, 0));
	set(ICH_CONTEXTR, CONTEXTR_DB | CONTEXTR_DBPM(8));
	wr(GIC_VDPEND, SPI(0) | vm << 32 | BIT(63));
	wr(GIC_CDPEND, LPI(doorbell_of(vm, 0)));
	wr(GIC_VDPEND, SPI(0) | vm << 32);
}

/* From pending to inactive, as the guest's hypervisor may do it. */
static void life(u64 vm, u64 intid)
{
	wr(GIC_VDPEND, intid | vm << 32 | BIT(63));
	rd(ICH_HPPIR);
	wr(GIC_VDPRI, intid | 8ul << 35);
	wr(GIC_VDAFF, intid);
	wr(GIC_VDDIS, intid);
	wr(GIC_VDEN, intid);
	wr(GIC_VDPRI, intid | 4ul << 35);
	wr(GIC_VDPEND, intid | vm << 32);
	wr(GIC_VDDI, intid);
	rd(ICH_HPPIR);
}

bool cost(void)
{
	u64 vm = asked_cost.vms - 1;

	if (!shape.vms || asked_cost.kind >= NUM_KINDS)
		return false;
	wr(ICC_PCR, 0);
	set(ICC_CR0, CR0_EN);
	irs_switch(true);
	vmt_on(shape.vmt_levels);
	for (u64 i = 0; i < asked_cost.vms; i++)
		make_vm(i);
	vdpend(vm, LPI(0), false);
	ok(rang(doorbell_of(vm, 0)));
	/* Each turn rings. */
	ring(vm);
	set(ICH_CONTEXTR, CONTEXTR(vm, 0));
	set(ICH_CONTEXTR, CONTEXTR_DB | CONTEXTR_DBPM(8));
	ok(!rang(doorbell_of(vm, 0)));
	vdpend(vm, SPI(0), true);
	ok(rang(doorbell_of(vm, 0)));
	vdpend(vm, SPI(0), false);
	if (asked_cost.kind >= AN_LPI)
		eq(resident(vm, 0), OK);
	for (u64 i = 0; i < asked_cost.count; i++) {
		switch (asked_cost.kind) {
		case RESIDENCY:
			residency(vm);
			break;
		case DOORBELL_RINGS:
			ring(vm);
			break;
		case AN_LPI:
			life(vm, LPI(0));
			break;
		case AN_SPI:
			life(vm, SPI(0));
			break;
		}
	}
	eq(errors(), 0);
	return !failed_yet();
}
