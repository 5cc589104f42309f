/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the IRS must do, one rule after the other. Names that begin with g and a
 * number are those of a list of faults that in-tree KVM's IRS has had. Not here:
 *
 *	G2, G11 to G16, G18 to G22, G27, G28, G38, G39: about tables that the
 *	hardware reads, its commands and doorbells: there are none
 *	G24, G26: about memory that the hardware writes
 *	G4, G30 to G32, G37: above the core
 *	G6: as G7
 *
 * Who includes this provides EXPECT() and EXPECT_EQ().
 */
#ifndef __IRS_CASES_H
#define __IRS_CASES_H

#include <vgicv5/state.h>

#include "irs_world.h"

#define SPI(id)		((3U << 29) | (id))
#define LPI(id)		((2U << 29) | (id))

/* A VM with two vCPUs, IAFFIDs 0 and 1; its guest lets everything through */
static struct {
	struct irs irs;
	struct irs_cpu cpu[2];
	struct ppi_cpu ppi[2];
	struct irs_touched t;
	struct irs_config config;
} vm;

static void world_new(void)
{
	memset(&vm, 0, sizeof(vm));
	vm.config = (struct irs_config){
		.nr_spis = 64, .pri_bits = 5, .pa_range = 2, .nr_cpus = 2,
		.iaffid_bits = 1,
	};
}

static void world_boot(struct test *t)
{
	unsigned int c;

	world_new();
	EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
	for (c = 0; c < 2; c++) {
		EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[c], c), 0);
		vm.ppi[c].en = 1;
		vm.ppi[c].pcr = 31;
	}
	irs_write(&vm.irs, 0x190, 4, 12);
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	irs_write(&vm.irs, 0x80, 4, 1);
}

static void world_end(struct test *t)
{
	irs_destroy(&vm.irs);
	EXPECT_EQ(t, world_in_use(), 0);
	world_clean();
}

static void execute(enum irs_op op, u64 operand)
{
	irs_execute(&vm.irs, op, operand, &vm.t);
}

/* As Linux sets one up, but for CDHM */
static void set_up(u32 intid, unsigned int prio, unsigned int iaffid)
{
	execute(IRS_CDPRI, op_prio(intid, prio));
	execute(IRS_CDAFF, op_aff(intid, iaffid));
	execute(IRS_CDEN, intid);
}

static void pend(u32 intid, bool pending)
{
	execute(IRS_CDPEND, op_bit(intid, pending));
}

static u32 take(unsigned int c, unsigned int bound)
{
	u8 prio;

	return irs_acknowledge(&vm.irs, &vm.cpu[c], bound, &prio);
}

static u32 says(unsigned int c)
{
	return irs_evaluate(&vm.irs, &vm.cpu[c], vm.ppi[c].en, vm.ppi[c].pcr,
			    vm.ppi[c].apr);
}

static bool kicks(unsigned int c, bool lowered, bool wfi)
{
	return irs_needs_kick(&vm.irs, &vm.cpu[c], &vm.ppi[c], lowered, wfi);
}

static u32 read32(u32 offset)
{
	return irs_read(&vm.irs, offset, 4);
}

/* --- the frame ----------------------------------------------------------- */

static void irs_g7_widths_less_one(struct test *t)
{
	static const struct { unsigned int cpus, bits; } rows[] = {
		{ 1, 1 }, { 2, 1 }, { 3, 2 }, { 512, 9 },
	};
	unsigned int n;

	for (n = 0; n < 4; n++) {
		world_new();
		vm.config.nr_cpus = rows[n].cpus;
		vm.config.iaffid_bits = rows[n].bits;
		vm.config.pri_bits = 4;
		EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
		EXPECT_EQ(t, read32(0x4), rows[n].cpus |
			  (rows[n].bits - 1) << 16 | 3 << 20);
		irs_destroy(&vm.irs);
	}
	world_end(t);
}

static void irs_config_refused(struct test *t)
{
	static const struct irs_config rows[] = {
		{ 0, 5, 2, 1, 1 }, { 31, 5, 2, 1, 1 }, { 33, 5, 2, 1, 1 },
		{ 1056, 5, 2, 1, 1 }, { 32, 3, 2, 1, 1 }, { 32, 6, 2, 1, 1 },
		{ 32, 5, 2, 1, 0 }, { 32, 5, 2, 1, 10 }, { 32, 5, 2, 3, 1 },
	};
	unsigned int n;

	for (n = 0; n < 9; n++) {
		world_new();
		EXPECT_EQ(t, irs_init(&vm.irs, &rows[n]), -EINVAL);
		irs_destroy(&vm.irs);
	}
	/* Each allocation in turn */
	for (n = 1; n < 3; n++) {
		world_new();
		world_fail = n;
		EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), -ENOMEM);
		world_fail = 0;
		irs_destroy(&vm.irs);
	}
	world_end(t);
}

static void irs_g5_iaffids_with_holes(struct test *t)
{
	world_new();
	vm.config.iaffid_bits = 5;
	EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[0], 17), 0);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[1], 17), -EEXIST);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[1], 32), -EINVAL);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[1], 3), 0);
	irs_write(&vm.irs, 0x80, 4, 1);
	irs_write(&vm.irs, 0x140, 4, 17);
	EXPECT_EQ(t, read32(0x144), 7);
	EXPECT_EQ(t, read32(0x148), 1);
	irs_write(&vm.irs, 0x140, 4, 1);
	EXPECT_EQ(t, read32(0x144), 1);
	EXPECT_EQ(t, read32(0x148), 0);

	set_up(SPI(5), 8, 17);
	pend(SPI(5), true);
	EXPECT(t, vm.t.raised == &vm.cpu[0]);
	EXPECT_EQ(t, take(0, 32), SPI(5));
	set_up(SPI(6), 8, 3);
	pend(SPI(6), true);
	EXPECT(t, vm.t.raised == &vm.cpu[1]);
	EXPECT_EQ(t, take(1, 32), SPI(6));
	world_end(t);
}

static void irs_frame_as_a_stock_guest_wants_it(struct test *t)
{
	static const struct { u32 offset, value; } ids[] = {
		{ 0x40, 0x04b0043b }, { 0x44, 0 }, { 0xffbc, 0x47705a19 },
		{ 0xffd0, 0x04 }, { 0xffe0, 0x4b }, { 0xffe4, 0xb0 },
		{ 0xffe8, 0x0b }, { 0xffec, 0 }, { 0xfff0, 0x0d },
		{ 0xfff4, 0xf0 }, { 0xfff8, 0x05 }, { 0xfffc, 0xb1 },
	};
	unsigned int n;

	world_boot(t);
	EXPECT_EQ(t, read32(0x0), 1 | 2 << 2);
	EXPECT_EQ(t, read32(0x8), 16 | 1 << 5 | 12 << 6);
	EXPECT_EQ(t, read32(0x14), 64);
	EXPECT_EQ(t, read32(0x18), 64);
	EXPECT_EQ(t, read32(0x1c), 0);
	EXPECT_EQ(t, read32(0x80), 3);
	EXPECT_EQ(t, read32(0xc4), 1);
	EXPECT_EQ(t, read32(0x194), 1);
	irs_write(&vm.irs, 0x108, 4, 63);
	EXPECT_EQ(t, read32(0x118), 3);
	EXPECT_EQ(t, read32(0x114), 0);
	EXPECT(t, !irs_write(&vm.irs, 0x114, 4, 1));
	EXPECT_EQ(t, read32(0x114), 1);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, SPI(63)), 1 << 5);
	irs_write(&vm.irs, 0x108, 4, 64);
	EXPECT_EQ(t, read32(0x118), 1);
	irs_write(&vm.irs, 0x114, 4, 1);
	EXPECT_EQ(t, read32(0x114), 0);
	EXPECT_EQ(t, read32(0x10c), 1);
	for (n = 0; n < sizeof(ids) / sizeof(ids[0]); n++)
		EXPECT_EQ(t, read32(ids[n].offset), ids[n].value);
	world_end(t);
}

static void irs_other_sizes_are_raz_wi(struct test *t)
{
	static const unsigned int sizes[] = { 1, 2, 8 };
	unsigned int n;

	world_boot(t);
	for (n = 0; n < 3; n++) {
		EXPECT_EQ(t, irs_read(&vm.irs, 0x80, sizes[n]), 0);
		EXPECT(t, !irs_write(&vm.irs, 0x80, sizes[n], 0));
		EXPECT_EQ(t, irs_read(&vm.irs, 0x184, sizes[n]), 0);
		EXPECT(t, !irs_write(&vm.irs, 0x184, sizes[n], 0));
	}
	EXPECT_EQ(t, read32(0x80), 3);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000001);
	for (n = 0; n < 0x10000; n += 4)
		EXPECT_EQ(t, read32(0x10000 + n), 0);
	world_end(t);
}

static void irs_g8_ist_cfgr_is_locked(struct test *t)
{
	world_boot(t);
	irs_write(&vm.irs, 0x190, 4, 16);
	EXPECT_EQ(t, read32(0x190), 12);
	irs_write(&vm.irs, 0x180, 8, 0);
	irs_write(&vm.irs, 0x190, 4, 16);
	EXPECT_EQ(t, read32(0x190), 16);
	world_end(t);
}

static void irs_g9_ist_baser_in_halves(struct test *t)
{
	world_boot(t);
	/* Valid: neither half changes anything */
	irs_write(&vm.irs, 0x184, 4, 0x12);
	irs_write(&vm.irs, 0x180, 8, 0x770000000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000001);
	EXPECT(t, irs_write(&vm.irs, 0x180, 4, 0x80000000));
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000000);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(0)), 1);
	/* The upper one, then the lower one with VALID */
	irs_write(&vm.irs, 0x184, 4, 0x12);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(0)), 1);
	irs_write(&vm.irs, 0x180, 4, 0x40000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x1240000001);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(0)), 0);
	/* Or the other way round */
	irs_write(&vm.irs, 0x180, 4, 0);
	irs_write(&vm.irs, 0x180, 4, 0x40000001);
	irs_write(&vm.irs, 0x184, 4, 0x13);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x1240000001);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(4095)), 0);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(4096)), 1);
	world_end(t);
}

static void irs_ist_of_another_shape(struct test *t)
{
	static const u32 rows[] = { 11, 17, 12 | 1 << 16, 12 | 1 << 7, 12 | 2 << 7 };
	unsigned int n;

	world_boot(t);
	irs_write(&vm.irs, 0x180, 8, 0);
	for (n = 0; n < 5; n++) {
		irs_write(&vm.irs, 0x190, 4, rows[n]);
		irs_write(&vm.irs, 0x180, 8, 0x80000001);
		EXPECT_EQ(t, read32(0x180) & 1, 0);
	}
	irs_write(&vm.irs, 0x190, 4, 16);
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(65535)), 0);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(65536)), 1);
	world_end(t);
}

static void irs_g17_ist_again_and_again(struct test *t)
{
	unsigned int n, used;

	world_boot(t);
	used = world_in_use();
	for (n = 0; n < 3; n++) {
		set_up(LPI(600), 8, 1);
		pend(LPI(600), true);
		EXPECT_EQ(t, world_in_use(), used + 1);
		/* G10: with one pending, and one active */
		set_up(LPI(1), 8, 1);
		pend(LPI(1), true);
		EXPECT_EQ(t, take(1, 32), LPI(600));
		EXPECT(t, irs_write(&vm.irs, 0x180, 8, 0));
		EXPECT_EQ(t, world_in_use(), used - 1);
		EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[1]), 32);
		EXPECT_EQ(t, take(1, 32), 0);
		EXPECT_EQ(t, says(1), 0);
		pend(LPI(600), true);
		EXPECT(t, !vm.t.raised);
		irs_write(&vm.irs, 0x180, 8, 0x80000001);
		EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(600)), 0);
	}
	/* G29: destroyed as it is */
	set_up(LPI(600), 8, 1);
	world_end(t);
}

static void irs_g36_no_memory(struct test *t)
{
	world_boot(t);
	irs_write(&vm.irs, 0x180, 8, 0);
	world_fail = 1;
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0);
	EXPECT_EQ(t, read32(0x194), 1);
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000001);

	/* A page: the instruction is ignored, and CDRCFG says so */
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(7)), 0);
	world_fail = 1;
	execute(IRS_CDPRI, op_prio(LPI(7), 8));
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(7)), 1);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(512)), 0);
	world_fail = 1;
	execute(IRS_CDEN, LPI(7));
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(7)), 1);
	/* What leaves an LPI as it was needs no page */
	world_fail = 1;
	execute(IRS_CDPEND, LPI(7));
	execute(IRS_CDDIS, LPI(7));
	execute(IRS_CDDI, LPI(7));
	execute(IRS_CDHM, LPI(7));
	EXPECT_EQ(t, world_fail, 1);
	world_fail = 0;
	execute(IRS_CDPRI, op_prio(LPI(7), 8));
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(7)), 8 << 11);
	world_end(t);
}

static void irs_g35_reset(struct test *t)
{
	world_boot(t);
	set_up(SPI(3), 8, 1);
	set_up(LPI(3), 9, 1);
	irs_inject(&vm.irs, 3, true, &vm.t);
	pend(LPI(3), true);
	EXPECT_EQ(t, take(1, 32), SPI(3));
	EXPECT(t, says(1) & IRS_TRAP_CDDI);
	irs_write(&vm.irs, 0x108, 4, 3);
	irs_write(&vm.irs, 0x84, 4, 0x55);
	irs_inject(&vm.irs, 3, true, &vm.t);

	irs_reset(&vm.irs);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0);
	EXPECT_EQ(t, read32(0x80), 2);
	EXPECT_EQ(t, read32(0x84), 0);
	EXPECT_EQ(t, read32(0x108), ~0U);
	EXPECT_EQ(t, read32(0x140), ~0U);
	EXPECT_EQ(t, read32(0x190), 0);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, SPI(3)), 0);
	EXPECT_EQ(t, vm.cpu[1].changed, 1);
	EXPECT_EQ(t, says(1), 0);

	/* A kernel boots again; the device has held its input high all the time */
	irs_write(&vm.irs, 0x190, 4, 12);
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000001);
	irs_write(&vm.irs, 0x80, 4, 1);
	set_up(SPI(3), 8, 0);
	irs_write(&vm.irs, 0x108, 4, 3);
	EXPECT(t, irs_write(&vm.irs, 0x114, 4, 1));
	EXPECT_EQ(t, take(0, 32), SPI(3));
	world_end(t);
}

/* --- interrupts ---------------------------------------------------------- */

static void irs_ids_that_are_none(struct test *t)
{
	static const u32 ids[] = {
		SPI(64), SPI(0xffffff), LPI(4096), LPI(0xffffff), 1U << 29 | 3, 5,
		4U << 29 | 3, 7U << 29 | 3,
	};
	unsigned int n, op, used;

	world_boot(t);
	used = world_in_use();
	for (n = 0; n < 8; n++) {
		for (op = IRS_CDDIS; op <= IRS_CDDI; op++) {
			execute(op, ids[n] | ~0xffffffffULL);
			EXPECT(t, !vm.t.raised && !vm.t.lowered);
		}
		EXPECT_EQ(t, irs_rcfg(&vm.irs, ids[n]), 1);
	}
	EXPECT_EQ(t, world_in_use(), used);
	EXPECT_EQ(t, irs_inject(&vm.irs, 64, true, &vm.t), -EINVAL);
	EXPECT_EQ(t, irs_inject(&vm.irs, ~0U, true, &vm.t), -EINVAL);
	EXPECT_EQ(t, irs_inject(&vm.irs, 63, true, &vm.t), 0);
	world_end(t);
}

static void irs_what_cdrcfg_finds(struct test *t)
{
	world_boot(t);
	execute(IRS_CDAFF, op_aff(LPI(9), 0xabcd) | 1ULL << 28);
	execute(IRS_CDPRI, op_prio(LPI(9), 21));
	execute(IRS_CDHM, op_bit(LPI(9), true));
	pend(LPI(9), true);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(9)), 0xabcdULL << 32 | 21 << 11 |
		  1 << 5 | 1 << 2);
	execute(IRS_CDAFF, op_aff(LPI(9), 1));
	execute(IRS_CDEN, LPI(9));
	EXPECT_EQ(t, take(1, 32), LPI(9));
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(9)), 1ULL << 32 | 21 << 11 |
		  1 << 5 | 1 << 4 | 1 << 2 | 1 << 1);
	world_end(t);
}

static void irs_first_come_first_served(struct test *t)
{
	static const u32 ids[] = { 70, 5, 600, 1, 4095 };
	unsigned int n;

	world_boot(t);
	for (n = 0; n < 5; n++) {
		set_up(LPI(ids[n]), 8, 0);
		pend(LPI(ids[n]), true);
		EXPECT(t, vm.t.raised == &vm.cpu[0]);
	}
	/* Again is no second one, and no later place */
	pend(LPI(70), true);
	EXPECT(t, !vm.t.raised);
	/* Out of the middle, and back to the end */
	pend(LPI(600), false);
	EXPECT(t, vm.t.lowered == &vm.cpu[0]);
	pend(LPI(600), true);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), LPI(70));
	EXPECT_EQ(t, take(0, 32), LPI(70));
	EXPECT_EQ(t, take(0, 32), LPI(5));
	EXPECT_EQ(t, take(0, 32), LPI(1));
	EXPECT_EQ(t, take(0, 32), LPI(4095));
	EXPECT_EQ(t, take(0, 32), LPI(600));
	EXPECT_EQ(t, take(0, 32), 0);
	EXPECT_EQ(t, take(1, 32), 0);
	world_end(t);
}

static void irs_in_order_of_priority(struct test *t)
{
	static const u8 prios[] = { 9, 31, 0, 8, 30 };
	unsigned int n;
	u8 prio;

	world_boot(t);
	for (n = 0; n < 5; n++) {
		set_up(n % 2 ? SPI(n) : LPI(n), prios[n], 0);
		pend(n % 2 ? SPI(n) : LPI(n), true);
	}
	EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[0]), 0);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 0), 0);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 1), LPI(2));
	EXPECT_EQ(t, irs_acknowledge(&vm.irs, &vm.cpu[0], 0, &prio), 0);
	EXPECT_EQ(t, irs_acknowledge(&vm.irs, &vm.cpu[0], 32, &prio), LPI(2));
	EXPECT_EQ(t, prio, 0);
	EXPECT_EQ(t, take(0, 8), 0);
	EXPECT_EQ(t, take(0, 9), SPI(3));
	EXPECT_EQ(t, take(0, 32), LPI(0));
	EXPECT_EQ(t, take(0, 32), LPI(4));
	EXPECT_EQ(t, take(0, 31), 0);
	EXPECT_EQ(t, irs_acknowledge(&vm.irs, &vm.cpu[0], 32, &prio), SPI(1));
	EXPECT_EQ(t, prio, 31);
	world_end(t);
}

static void irs_kinds_take_turns(struct test *t)
{
	unsigned int n;

	world_boot(t);
	for (n = 0; n < 3; n++) {
		set_up(SPI(n), 8, 0);
		set_up(LPI(n), 8, 0);
		pend(SPI(n), true);
		pend(LPI(n), true);
	}
	for (n = 0; n < 3; n++) {
		EXPECT_EQ(t, take(0, 32), SPI(n));
		EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), LPI(n));
		EXPECT_EQ(t, take(0, 32), LPI(n));
	}
	world_end(t);
}

static void irs_four_priority_bits(struct test *t)
{
	world_new();
	vm.config.pri_bits = 4;
	irs_init(&vm.irs, &vm.config);
	irs_add_cpu(&vm.irs, &vm.cpu[0], 0);
	irs_write(&vm.irs, 0x80, 4, 1);
	set_up(SPI(3), 31, 0);
	pend(SPI(3), true);
	EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[0]), 30);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, SPI(3)) >> 11 & 31, 30);
	world_end(t);
}

static void irs_candidate_is_enabled_pending_inactive(struct test *t)
{
	world_boot(t);
	execute(IRS_CDPRI, op_prio(LPI(3), 4));
	pend(LPI(3), true);
	EXPECT(t, !vm.t.raised);
	EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[0]), 32);
	execute(IRS_CDEN, LPI(3));
	EXPECT(t, vm.t.raised == &vm.cpu[0] && !vm.t.lowered);
	EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[0]), 4);
	execute(IRS_CDDIS, LPI(3));
	EXPECT(t, vm.t.lowered == &vm.cpu[0] && !vm.t.raised);
	EXPECT_EQ(t, irs_best(&vm.irs, &vm.cpu[0]), 32);
	execute(IRS_CDEN, LPI(3));
	EXPECT_EQ(t, take(0, 32), LPI(3));
	/* An edge that comes while it is active waits for CDDI */
	pend(LPI(3), true);
	EXPECT(t, !vm.t.raised);
	EXPECT_EQ(t, take(0, 32), 0);
	execute(IRS_CDDI, LPI(3));
	EXPECT(t, vm.t.raised == &vm.cpu[0]);
	EXPECT_EQ(t, take(0, 32), LPI(3));
	execute(IRS_CDDI, LPI(3));
	EXPECT(t, !vm.t.raised);
	EXPECT_EQ(t, take(0, 32), 0);
	world_end(t);
}

static void irs_priority_of_one_that_waits(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	set_up(LPI(4), 6, 0);
	pend(LPI(3), true);
	pend(LPI(4), true);
	execute(IRS_CDPRI, op_prio(LPI(3), 4));
	EXPECT(t, vm.t.raised == &vm.cpu[0] && !vm.t.lowered);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), LPI(3));
	execute(IRS_CDPRI, op_prio(LPI(3), 9));
	EXPECT(t, vm.t.lowered == &vm.cpu[0] && !vm.t.raised);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), LPI(4));
	execute(IRS_CDPRI, op_prio(LPI(3), 9));
	EXPECT(t, !vm.t.lowered && !vm.t.raised);
	world_end(t);
}

static void irs_affinity_of_one_that_waits(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	pend(LPI(3), true);
	vm.cpu[0].changed = 0;
	vm.cpu[1].changed = 0;
	execute(IRS_CDAFF, op_aff(LPI(3), 1));
	EXPECT(t, vm.t.lowered == &vm.cpu[0] && vm.t.raised == &vm.cpu[1]);
	EXPECT(t, vm.cpu[0].changed && vm.cpu[1].changed);
	EXPECT_EQ(t, take(0, 32), 0);
	/* To one that nobody has: kept, and delivered later */
	execute(IRS_CDAFF, op_aff(LPI(3), 40000));
	EXPECT(t, vm.t.lowered == &vm.cpu[1] && !vm.t.raised);
	EXPECT_EQ(t, take(1, 32), 0);
	pend(LPI(3), true);
	EXPECT(t, !vm.t.raised);
	/* 1-of-N is not supported: IRM is RES0 */
	execute(IRS_CDAFF, op_aff(LPI(3), 1) | 1 << 28);
	EXPECT(t, !vm.t.lowered && vm.t.raised == &vm.cpu[1]);
	EXPECT_EQ(t, irs_rcfg(&vm.irs, LPI(3)) & 1 << 3, 0);
	execute(IRS_CDAFF, op_aff(LPI(3), 0) | 1 << 28);
	EXPECT(t, vm.t.lowered == &vm.cpu[1] && vm.t.raised == &vm.cpu[0]);
	EXPECT_EQ(t, take(1, 32), 0);
	EXPECT_EQ(t, take(0, 32), LPI(3));
	/* An active one */
	execute(IRS_CDAFF, op_aff(LPI(3), 1));
	pend(LPI(3), true);
	EXPECT(t, !vm.t.raised);
	execute(IRS_CDDI, LPI(3));
	EXPECT(t, vm.t.raised == &vm.cpu[1]);
	EXPECT_EQ(t, take(1, 32), LPI(3));
	world_end(t);
}

static void irs_edge_input(struct test *t)
{
	world_boot(t);
	set_up(SPI(3), 8, 0);
	irs_inject(&vm.irs, 3, false, &vm.t);
	EXPECT(t, !vm.t.raised && !vm.t.lowered);
	irs_inject(&vm.irs, 3, true, &vm.t);
	EXPECT(t, vm.t.raised == &vm.cpu[0]);
	irs_inject(&vm.irs, 3, false, &vm.t);
	EXPECT(t, !vm.t.lowered);
	irs_inject(&vm.irs, 3, true, &vm.t);
	EXPECT_EQ(t, take(0, 32), SPI(3));
	irs_inject(&vm.irs, 3, true, &vm.t);
	execute(IRS_CDDI, SPI(3));
	EXPECT_EQ(t, take(0, 32), SPI(3));
	execute(IRS_CDDI, SPI(3));
	EXPECT_EQ(t, take(0, 32), 0);
	world_end(t);
}

static void irs_g33_level_comes_again(struct test *t)
{
	world_boot(t);
	set_up(SPI(3), 8, 0);
	irs_write(&vm.irs, 0x108, 4, 3);
	irs_write(&vm.irs, 0x114, 4, 1);
	irs_inject(&vm.irs, 3, true, &vm.t);
	EXPECT(t, vm.t.raised == &vm.cpu[0]);
	EXPECT_EQ(t, take(0, 32), SPI(3));
	EXPECT_EQ(t, irs_rcfg(&vm.irs, SPI(3)) & 4, 4);
	/* The guest has not looked at the device */
	execute(IRS_CDDI, SPI(3));
	EXPECT(t, vm.t.raised == &vm.cpu[0]);
	EXPECT_EQ(t, take(0, 32), SPI(3));
	irs_inject(&vm.irs, 3, false, &vm.t);
	execute(IRS_CDDI, SPI(3));
	EXPECT(t, !vm.t.raised);
	EXPECT_EQ(t, take(0, 32), 0);
	/* It falls before it is taken */
	irs_inject(&vm.irs, 3, true, &vm.t);
	irs_inject(&vm.irs, 3, false, &vm.t);
	EXPECT(t, vm.t.lowered == &vm.cpu[0]);
	EXPECT_EQ(t, take(0, 32), 0);
	world_end(t);
}

static void irs_g33_mode_follows_input(struct test *t)
{
	unsigned int way;

	for (way = 0; way < 2; way++) {
		world_boot(t);
		set_up(SPI(3), 8, 0);
		/* High before it is level triggered, and taken as an edge */
		irs_inject(&vm.irs, 3, true, &vm.t);
		EXPECT_EQ(t, take(0, 32), SPI(3));
		execute(IRS_CDDI, SPI(3));
		EXPECT_EQ(t, take(0, 32), 0);
		if (way) {
			execute(IRS_CDHM, op_bit(SPI(3), true));
			EXPECT(t, vm.t.raised == &vm.cpu[0]);
		} else {
			irs_write(&vm.irs, 0x108, 4, 3);
			EXPECT(t, irs_write(&vm.irs, 0x114, 4, 1));
		}
		EXPECT_EQ(t, take(0, 32), SPI(3));
		execute(IRS_CDDI, SPI(3));
		EXPECT_EQ(t, take(0, 32), SPI(3));
		irs_inject(&vm.irs, 3, false, &vm.t);
		execute(IRS_CDDI, SPI(3));

		/* An edge that has gone by is nothing to a level */
		execute(IRS_CDHM, op_bit(SPI(3), false));
		irs_inject(&vm.irs, 3, true, &vm.t);
		irs_inject(&vm.irs, 3, false, &vm.t);
		execute(IRS_CDHM, op_bit(SPI(3), true));
		EXPECT(t, vm.t.lowered == &vm.cpu[0]);
		EXPECT_EQ(t, take(0, 32), 0);
		world_end(t);
	}
}

static void irs_cdpend_of_a_level(struct test *t)
{
	world_boot(t);
	set_up(SPI(3), 8, 0);
	execute(IRS_CDHM, op_bit(SPI(3), true));
	/* Set and cleared whatever its input is; an acknowledge leaves it */
	pend(SPI(3), true);
	EXPECT_EQ(t, take(0, 32), SPI(3));
	execute(IRS_CDDI, SPI(3));
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), SPI(3));
	pend(SPI(3), false);
	EXPECT(t, vm.t.lowered == &vm.cpu[0]);
	irs_inject(&vm.irs, 3, true, &vm.t);
	pend(SPI(3), false);
	EXPECT_EQ(t, take(0, 32), 0);
	irs_inject(&vm.irs, 3, true, &vm.t);
	EXPECT_EQ(t, take(0, 32), SPI(3));
	world_end(t);
}

/* --- what a vCPU is told ------------------------------------------------- */

static void irs_what_it_says(struct test *t)
{
	world_boot(t);
	EXPECT_EQ(t, says(0), 0);
	set_up(LPI(3), 8, 0);
	EXPECT_EQ(t, says(0), 0);
	pend(LPI(3), true);
	EXPECT_EQ(t, says(0), IRS_VI | IRS_TRAP_MASKS);
	vm.ppi[0].pcr = 8;
	EXPECT_EQ(t, says(0), IRS_VI | IRS_TRAP_MASKS);
	vm.ppi[0].pcr = 7;
	EXPECT_EQ(t, says(0), IRS_TRAP_MASKS);
	vm.ppi[0].pcr = 31;
	vm.ppi[0].en = 0;
	EXPECT_EQ(t, says(0), IRS_TRAP_MASKS);
	vm.ppi[0].en = 1;
	vm.ppi[0].apr = 1 << 9;
	EXPECT_EQ(t, says(0), IRS_VI | IRS_TRAP_MASKS);
	vm.ppi[0].apr = 1 << 8;
	EXPECT_EQ(t, says(0), IRS_TRAP_MASKS | IRS_TRAP_CDEOI);
	vm.ppi[0].apr = 1 << 7 | 1 << 9;
	EXPECT_EQ(t, says(0), IRS_TRAP_MASKS | IRS_TRAP_CDEOI);
	vm.ppi[0].apr = 0;
	EXPECT_EQ(t, says(1), 0);

	EXPECT_EQ(t, take(0, 32), LPI(3));
	vm.ppi[0].apr = 1 << 8;
	EXPECT_EQ(t, says(0), IRS_TRAP_CDDI);
	EXPECT_EQ(t, vm.cpu[1].changed, 1);
	EXPECT_EQ(t, says(1), IRS_TRAP_CDDI);
	/* From the other one */
	execute(IRS_CDDI, LPI(3));
	EXPECT_EQ(t, says(1), 0);
	EXPECT_EQ(t, says(0), 0);
	world_end(t);
}

/* It says so until it looks: then, if it has to look for something else */
static void irs_told_of_active_once(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	pend(LPI(3), true);
	EXPECT_EQ(t, take(0, 32), LPI(3));
	EXPECT_EQ(t, says(1), IRS_TRAP_CDDI);
	execute(IRS_CDDI, LPI(3));
	pend(LPI(3), true);
	EXPECT_EQ(t, take(0, 32), LPI(3));
	EXPECT_EQ(t, vm.cpu[1].changed, 0);
	/* Twice active, twice not */
	set_up(LPI(4), 8, 0);
	pend(LPI(4), true);
	EXPECT_EQ(t, take(0, 32), LPI(4));
	execute(IRS_CDDI, LPI(3));
	execute(IRS_CDDI, LPI(3));
	EXPECT_EQ(t, says(1), IRS_TRAP_CDDI);
	execute(IRS_CDDI, LPI(4));
	EXPECT_EQ(t, says(1), 0);
	world_end(t);
}

static void irs_g3_nothing_while_off(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	EXPECT(t, irs_write(&vm.irs, 0x80, 4, 0));
	EXPECT(t, !irs_write(&vm.irs, 0x80, 4, 0));
	pend(LPI(3), true);
	EXPECT_EQ(t, says(0), 0);
	EXPECT_EQ(t, irs_highest(&vm.irs, &vm.cpu[0], 32), 0);
	EXPECT_EQ(t, take(0, 32), 0);
	/* G34: one in WFI has to be told */
	EXPECT(t, !kicks(0, false, true));
	EXPECT_EQ(t, vm.cpu[0].changed, 0);
	EXPECT(t, irs_write(&vm.irs, 0x80, 4, 1));
	EXPECT_EQ(t, vm.cpu[0].changed, 1);
	EXPECT(t, kicks(0, false, true));
	EXPECT_EQ(t, take(0, 32), LPI(3));
	world_end(t);
}

static void irs_whom_to_kick(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	says(0);
	pend(LPI(3), true);
	EXPECT_EQ(t, vm.cpu[0].changed, 1);
	vm.ppi[0].resident = 1;
	EXPECT(t, kicks(0, false, false));
	says(0);
	/* VI is on: it looks when it takes it */
	EXPECT(t, !kicks(0, false, false));
	EXPECT(t, kicks(0, true, false));
	vm.ppi[0].pcr = 0;
	says(0);
	EXPECT(t, kicks(0, false, false));
	EXPECT(t, !kicks(0, true, false));

	/* Not resident: the next load looks; in WFI its masks are known */
	vm.ppi[0].resident = 0;
	EXPECT(t, !kicks(0, false, false));
	EXPECT(t, !kicks(0, false, true));
	vm.ppi[0].pcr = 8;
	EXPECT(t, kicks(0, false, true));
	EXPECT(t, !kicks(0, true, true));
	EXPECT(t, !kicks(0, false, false));
	vm.ppi[0].apr = 1 << 8;
	EXPECT(t, !kicks(0, false, true));
	world_end(t);
}

static void irs_g1_priority_0_ends_a_wfi(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 0, 0);
	vm.ppi[0].apr = 1 << 8;
	pend(LPI(3), true);
	EXPECT(t, kicks(0, false, true));
	vm.ppi[0].apr = 1 << 8 | 1 << 0;
	EXPECT(t, !kicks(0, false, true));
	world_end(t);
}

/* --- what it costs ------------------------------------------------------- */

static unsigned int locks_of(void (*f)(u32 intid), u32 intid)
{
	unsigned int before = world_locked;

	f(intid);
	return world_locked - before;
}

static void send_one(u32 intid)
{
	pend(intid, true);
}

static void take_one(u32 intid)
{
	take(0, 32);
}

static void look(u32 intid)
{
	says(0);
	irs_best(&vm.irs, &vm.cpu[0]);
	kicks(0, false, true);
}

static void irs_locks_of_an_interrupt(struct test *t)
{
	world_boot(t);
	set_up(LPI(3), 8, 0);
	EXPECT_EQ(t, locks_of(send_one, LPI(3)), 1);
	EXPECT_EQ(t, locks_of(look, LPI(3)), 0);
	EXPECT_EQ(t, locks_of(take_one, LPI(3)), 1);
	world_end(t);
}

/* --- save and restore ----------------------------------------------------- */

static u64 saved(u32 offset)
{
	u64 val = ~0ULL;

	return irs_state_get(&vm.irs, offset, &val) ? ~0ULL : val;
}

static int restored(u32 offset, u64 val)
{
	return irs_state_set(&vm.irs, offset, val);
}

/* A VM whose guest has not run */
static void world_restore(struct test *t)
{
	unsigned int c;

	world_new();
	EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
	for (c = 0; c < 2; c++)
		EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[c], c), 0);
}

static void irs_state_names(struct test *t)
{
	static const u32 there[] = {
		0, 0x1c, 0x40, 0x44, 0x80, 0x84, 0xc0, 0xc4, 0x100, 0x108, 0x118,
		0x140, 0x148, 0x180, 0x190, 0x194, 0x1c0, 0x200, 0x210, 0x214,
		0x240, 0x250, 0x258, 0x25c, 0x280, 0x288, 0x28c, 0x2c0, 0x2e0,
		0x300, 0x308, 0x340, 0x348, 0x380, 0x384, 0x3c0, 0x3d0, 0xffbc,
		0xffd0, 0xfffc,
	}, absent[] = { 0x20, 0x48, 0x88, 0x1a0, 0x3d8, 0xffb8, 0x10000, 0x10080 };
	static const u32 odd[] = { 2, 0x81, 0x104, 0x184, 0x204, 0x3cc, 0xfffe };
	unsigned int n;

	world_restore(t);
	for (n = 0; n < sizeof(there) / 4; n++) {
		EXPECT_EQ(t, irs_state_has(there[n]), 0);
		EXPECT_EQ(t, restored(there[n], saved(there[n])), 0);
	}
	for (n = 0; n < sizeof(absent) / 4; n++) {
		EXPECT_EQ(t, irs_state_has(absent[n]), -ENXIO);
		EXPECT_EQ(t, restored(absent[n], 0), -ENXIO);
		EXPECT_EQ(t, saved(absent[n]), ~0ULL);
	}
	for (n = 0; n < sizeof(odd) / 4; n++)
		EXPECT_EQ(t, restored(odd[n], 0), -EINVAL);
	EXPECT_EQ(t, irs_state_has(1ULL << 32), -ENXIO);
	EXPECT_EQ(t, irs_state_has(~0ULL), -ENXIO);
	world_end(t);
}

static void irs_state_of_another_vm(struct test *t)
{
	static const struct { u32 offset; u64 val; } rows[] = {
		/* Another domain; VIRT, ONE_N, VIRT_ONE_N, SETLPI, MEC, MPAM, SWE */
		{ 0, 0 }, { 0, 3 }, { 0, 1 | 1 << 6 }, { 0, 1 | 1 << 7 },
		{ 0, 1 | 1 << 8 }, { 0, 1 | 1 << 9 }, { 0, 1 | 1 << 10 },
		{ 0, 1 | 1 << 11 }, { 0, 1 | 1 << 12 },
		/* vCPUs, width of their names, of priorities */
		{ 4, 3 | 4 << 20 }, { 4, 2 | 1 << 16 | 4 << 20 },
		{ 4, 2 | 3 << 20 }, { 4, 2 | 7 << 20 },
		/* No LPIs, more, fewer at least; two levels, metadata */
		{ 8, 0 }, { 8, 16 | 12 << 6 }, { 8, 17 | 1 << 5 | 12 << 6 },
		{ 8, 16 | 1 << 5 | 11 << 6 }, { 8, 13 | 1 << 5 | 14 << 6 },
		{ 8, 16 | 1 << 5 | 12 << 6 | 1 << 10 },
		{ 8, 16 | 1 << 5 | 12 << 6 | 1 << 14 },
		/* SPIs */
		{ 0x14, 32 }, { 0x14, 65 }, { 0x18, 32 }, { 0x1c, 1 },
	};
	u64 was[0x20 / 4];
	unsigned int n, k;

	world_restore(t);
	for (k = 0; k < 0x20 / 4; k++)
		was[k] = saved(4 * k);
	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		EXPECT_EQ(t, restored(rows[n].offset, rows[n].val), -EINVAL);
		for (k = 0; k < 0x20 / 4; k++)
			EXPECT_EQ(t, saved(4 * k), was[k]);
	}
	/* A smaller machine, another place in a larger one */
	EXPECT_EQ(t, restored(0, 1 | 5 << 2 | 0xabcdU << 16), 0);
	EXPECT_EQ(t, read32(0), 1 | 5 << 2 | 0xabcdU << 16);
	EXPECT_EQ(t, restored(8, 14 | 1 << 5 | 13 << 6), 0);
	EXPECT_EQ(t, read32(8), 14 | 1 << 5 | 13 << 6);
	irs_write(&vm.irs, 0x190, 4, 12);
	irs_write(&vm.irs, 0x180, 8, 1);
	EXPECT_EQ(t, read32(0x180), 0);
	irs_write(&vm.irs, 0x190, 4, 15);
	irs_write(&vm.irs, 0x180, 8, 1);
	EXPECT_EQ(t, read32(0x180), 0);
	irs_write(&vm.irs, 0x190, 4, 14);
	irs_write(&vm.irs, 0x180, 8, 1);
	EXPECT_EQ(t, read32(0x180), 1);
	/* Too late now */
	EXPECT_EQ(t, restored(8, 16 | 1 << 5 | 12 << 6), -EINVAL);
	EXPECT_EQ(t, restored(8, 14 | 1 << 5 | 13 << 6), 0);
	/* Not to be written, and taken */
	EXPECT_EQ(t, restored(0x40, 0), 0);
	EXPECT_EQ(t, read32(0x40), 0x04b0043b);
	world_end(t);
}

static void irs_state_of_status(struct test *t)
{
	world_boot(t);
	EXPECT_EQ(t, restored(0x108, 3), 0);
	EXPECT_EQ(t, restored(0x140, 1), 0);
	EXPECT_EQ(t, restored(0x84, 0x1234), 0);
	EXPECT_EQ(t, read32(0x118), 3);
	EXPECT_EQ(t, saved(0x118), 1);
	EXPECT_EQ(t, saved(0x144), 1);
	EXPECT_EQ(t, saved(0x194), 1);
	EXPECT_EQ(t, saved(0xc4), 1);
	EXPECT_EQ(t, saved(0x84), 0x1234);
	EXPECT_EQ(t, saved(0x80), 3);
	/* Of the selected SPI, which is not changed by this */
	EXPECT_EQ(t, restored(0x114, 1), 0);
	EXPECT_EQ(t, saved(0x114), 0);
	world_end(t);
}

static u32 spis[64], lpis[1 << 17], spis_again[64], lpis_again[1 << 17];

static int restore_ists(u64 spi_bytes, u64 lpi_bytes)
{
	int bits = irs_state_sizes(&vm.irs, true, spi_bytes, lpi_bytes);

	return bits < 0 ? bits : irs_restore(&vm.irs, spis, lpis, bits);
}

/* G25, G40: LPIs that were promised, and are not there */
static void irs_g25_g40_lpis_due(struct test *t)
{
	memset(spis, 0, sizeof(spis));
	memset(lpis, 0, sizeof(lpis));
	world_restore(t);
	EXPECT(t, !irs_lacks_lpis(&vm.irs));
	/* Buffers of another size */
	EXPECT_EQ(t, restore_ists(252, 0), -EINVAL);
	EXPECT_EQ(t, restore_ists(0, 0), -EINVAL);
	EXPECT_EQ(t, restore_ists(256, 4 << 12), -EINVAL);
	EXPECT_EQ(t, restore_ists(256, 0), 0);
	/* In any order */
	EXPECT_EQ(t, restored(0x180, 0x80001), 0);
	EXPECT(t, irs_lacks_lpis(&vm.irs));
	EXPECT_EQ(t, irs_state_sizes(&vm.irs, false, 256, 4 << 13), -ENXIO);
	EXPECT_EQ(t, restored(0x180, 0x80000), 0);
	EXPECT(t, !irs_lacks_lpis(&vm.irs));
	EXPECT_EQ(t, restored(0x180, 0x80001), 0);
	/* Not judged before it is used */
	EXPECT_EQ(t, restored(0x190, 17), 0);
	EXPECT_EQ(t, restore_ists(256, 4 << 17), -EINVAL);
	EXPECT_EQ(t, restored(0x190, 13 | 1 << 16), 0);
	EXPECT_EQ(t, restore_ists(256, 4 << 13), -EINVAL);
	EXPECT_EQ(t, restored(0x190, 13), 0);
	EXPECT_EQ(t, restore_ists(256, 0), -EINVAL);
	EXPECT_EQ(t, restore_ists(256, (4 << 13) - 4), -EINVAL);
	EXPECT(t, irs_lacks_lpis(&vm.irs));
	EXPECT_EQ(t, vm.irs.lpi_bits, 0);
	EXPECT_EQ(t, restore_ists(256, 4 << 13), 0);
	EXPECT(t, !irs_lacks_lpis(&vm.irs));
	EXPECT_EQ(t, vm.irs.lpi_bits, 13);
	/* From here on they are what they are */
	EXPECT_EQ(t, restore_ists(256, 4 << 13), -EBUSY);
	EXPECT_EQ(t, restored(0x180, 0x80001), 0);
	EXPECT_EQ(t, restored(0x180, 0x90001), -EINVAL);
	EXPECT_EQ(t, restored(0x180, 0x80000), -EINVAL);
	EXPECT_EQ(t, restored(0x190, 13), 0);
	EXPECT_EQ(t, restored(0x190, 12), -EINVAL);
	EXPECT_EQ(t, saved(0x180), 0x80001);
	EXPECT_EQ(t, saved(0x190), 13);
	/* The guest finds a table like any other */
	irs_write(&vm.irs, 0x180, 8, 0);
	EXPECT_EQ(t, read32(0x180), 0);
	world_end(t);
}

/* Nothing is changed by what is refused, whichever word it is */
static void irs_state_refused(struct test *t)
{
	unsigned int n;

	world_new();
	vm.config.pri_bits = 4;
	EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[0], 0), 0);
	EXPECT_EQ(t, restored(0x180, 1), 0);
	EXPECT_EQ(t, restored(0x190, 12), 0);
	for (n = 0; n < 6; n++) {
		memset(spis, 0, sizeof(spis));
		memset(lpis, 0, sizeof(lpis));
		spis[0] = 0x1009;
		lpis[0] = 0x2009;
		lpis[4095] = 0x2002;
		if (n < 2)
			spis[n ? 63 : 1] |= 0x800;
		else if (n < 4)
			lpis[n == 2 ? 1 : 4095] |= 0x800;
		else
			world_fail = n - 3;
		EXPECT_EQ(t, restore_ists(256, 4 << 12),
			  n < 4 ? -EINVAL : -ENOMEM);
		world_fail = 0;
		irs_save(&vm.irs, spis_again, lpis_again);
		EXPECT_EQ(t, spis_again[0], 0);
		EXPECT_EQ(t, vm.irs.lpi_bits, 0);
		EXPECT_EQ(t, irs_count_read(&vm.irs.active), 0);
		EXPECT_EQ(t, vm.cpu[0].prios, 0);
	}
	spis[63] = 0;
	EXPECT_EQ(t, restore_ists(256, 4 << 12), 0);
	EXPECT_EQ(t, irs_count_read(&vm.irs.active), 1);
	EXPECT_EQ(t, vm.cpu[0].prios, 1 << 2 | 1 << 4);
	world_end(t);
}

/*
 * Each phase of each kind, edge and level: what is saved is restored, and the
 * guest takes what it would have taken. G23: Pending, whatever else.
 */
static void irs_g23_state_phases(struct test *t)
{
	enum { P = 1, A = 2, L = 4, E = 8 };
	unsigned int bits, target;
	u32 word, want;

	for (target = 0; target < 3; target++)
	for (bits = 0; bits < 16; bits++) {
		u32 intid;

		memset(spis, 0, sizeof(spis));
		memset(lpis, 0, sizeof(lpis));
		word = bits | 9 << 11 | target << 16;
		spis[63] = word;
		lpis[511] = word;
		world_restore(t);
		irs_inject(&vm.irs, 5, true, &vm.t);
		EXPECT_EQ(t, restored(0x180, 1), 0);
		EXPECT_EQ(t, restored(0x190, 12), 0);
		EXPECT_EQ(t, restored(0x80, 1), 0);
		/* What is RES0 in an entry, as IRM, and HWU, is not taken */
		spis[63] |= 0x7f0;
		vm.cpu[0].changed = 0;
		vm.cpu[1].changed = 0;
		EXPECT_EQ(t, restore_ists(256, 4 << 12), 0);
		/* Also one that has nothing to take: CDDI may trap */
		EXPECT_EQ(t, vm.cpu[0].changed, 1);
		EXPECT_EQ(t, vm.cpu[1].changed, 1);
		spis[63] = word;
		EXPECT_EQ(t, vm.irs.spis[63].word & 0x7a0,
			  (bits & (L | P)) == (L | P) ? 0x20 : 0);
		irs_save(&vm.irs, spis_again, lpis_again);
		EXPECT(t, !memcmp(spis, spis_again, sizeof(spis)));
		EXPECT(t, !memcmp(lpis, lpis_again, 4 << 12));
		EXPECT(t, !world_queues(&vm.irs));
		EXPECT_EQ(t, irs_count_read(&vm.irs.active), bits & A ? 2 : 0);

		want = (bits & (P | A | E)) == (P | E) && target < 2;
		EXPECT_EQ(t, vm.cpu[target % 2].prios, want ? 1 << 9 : 0);
		intid = take(target % 2, 32);
		EXPECT_EQ(t, intid, want ? SPI(63) : 0);
		EXPECT_EQ(t, take(target % 2, 32), want ? LPI(511) : 0);
		EXPECT_EQ(t, take(target % 2, 32), 0);
		/* Its end: a level comes again, an edge does not */
		execute(IRS_CDDI, SPI(63));
		execute(IRS_CDEN, SPI(63));
		execute(IRS_CDAFF, op_aff(SPI(63), 1));
		EXPECT_EQ(t, take(1, 32), bits & L ? bits & P ? SPI(63) : 0 :
					  bits & P && !want ? SPI(63) : 0);
		/* The device takes its level back */
		if (bits & L) {
			execute(IRS_CDDI, SPI(63));
			irs_inject(&vm.irs, 63, false, &vm.t);
			EXPECT_EQ(t, take(1, 32), 0);
		}
		world_end(t);
	}
}

/* SPIs and LPIs that somebody else has: the frame is the same */
static struct {
	unsigned int mapped, unmapped, resets;
	bool can_map;
	u32 level;
} elsewhere;

static bool map_elsewhere(struct irs *irs, unsigned int bits)
{
	elsewhere.mapped++;
	if (elsewhere.can_map)
		irs->lpi_bits = bits;
	return elsewhere.can_map;
}

static void unmap_elsewhere(struct irs *irs)
{
	elsewhere.unmapped++;
	irs->lpi_bits = 0;
}

static bool level_elsewhere(const struct irs *irs, u32 spi)
{
	return elsewhere.level >> spi & 1;
}

static void set_level_elsewhere(struct irs *irs, u32 spi, bool level)
{
	elsewhere.level &= ~(1U << spi);
	elsewhere.level |= level << spi;
}

static void reset_elsewhere(struct irs *irs)
{
	elsewhere.resets++;
	elsewhere.level = 0;
}

static void irs_somebody_else_has_them(struct test *t)
{
	static const struct irs_backend backend = {
		map_elsewhere, unmap_elsewhere, level_elsewhere,
		set_level_elsewhere, reset_elsewhere,
	};

	world_new();
	vm.irs.backend = &backend;
	EXPECT_EQ(t, irs_init(&vm.irs, &vm.config), 0);
	EXPECT_EQ(t, irs_add_cpu(&vm.irs, &vm.cpu[0], 0), 0);
	memset(&elsewhere, 0, sizeof(elsewhere));

	/* G36: no memory there */
	irs_write(&vm.irs, 0x190, 4, 12);
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0);
	EXPECT_EQ(t, elsewhere.mapped, 1);
	elsewhere.can_map = true;
	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0x80000001);
	EXPECT_EQ(t, vm.irs.lpi_bits, 12);
	irs_write(&vm.irs, 0x180, 8, 0);
	EXPECT_EQ(t, elsewhere.unmapped, 1);

	/* G33: what is level triggered is told, and asked */
	irs_write(&vm.irs, 0x108, 4, 5);
	EXPECT_EQ(t, irs_write(&vm.irs, 0x114, 4, 1), false);
	EXPECT_EQ(t, elsewhere.level, 1U << 5);
	EXPECT_EQ(t, read32(0x114), 1);
	irs_write(&vm.irs, 0x108, 4, 6);
	EXPECT_EQ(t, read32(0x114), 0);

	irs_write(&vm.irs, 0x180, 8, 0x80000001);
	irs_reset(&vm.irs);
	EXPECT_EQ(t, elsewhere.resets, 1);
	EXPECT_EQ(t, elsewhere.unmapped, 2);
	EXPECT_EQ(t, irs_read(&vm.irs, 0x180, 8), 0);

	/* Switched on and off, vCPUs have to look */
	vm.cpu[0].changed = 0;
	EXPECT(t, irs_write(&vm.irs, 0x80, 4, 1));
	EXPECT_EQ(t, vm.cpu[0].changed, 1);
	world_end(t);
}

static const struct {
	const char *name;
	void (*run)(struct test *t);
} irs_cases[] = {
#define CASE(name)	{ #name, name }
	CASE(irs_g7_widths_less_one),
	CASE(irs_config_refused),
	CASE(irs_g5_iaffids_with_holes),
	CASE(irs_frame_as_a_stock_guest_wants_it),
	CASE(irs_other_sizes_are_raz_wi),
	CASE(irs_g8_ist_cfgr_is_locked),
	CASE(irs_g9_ist_baser_in_halves),
	CASE(irs_ist_of_another_shape),
	CASE(irs_g17_ist_again_and_again),
	CASE(irs_g36_no_memory),
	CASE(irs_g35_reset),
	CASE(irs_ids_that_are_none),
	CASE(irs_what_cdrcfg_finds),
	CASE(irs_first_come_first_served),
	CASE(irs_in_order_of_priority),
	CASE(irs_kinds_take_turns),
	CASE(irs_four_priority_bits),
	CASE(irs_candidate_is_enabled_pending_inactive),
	CASE(irs_priority_of_one_that_waits),
	CASE(irs_affinity_of_one_that_waits),
	CASE(irs_edge_input),
	CASE(irs_g33_level_comes_again),
	CASE(irs_g33_mode_follows_input),
	CASE(irs_cdpend_of_a_level),
	CASE(irs_what_it_says),
	CASE(irs_told_of_active_once),
	CASE(irs_g3_nothing_while_off),
	CASE(irs_whom_to_kick),
	CASE(irs_g1_priority_0_ends_a_wfi),
	CASE(irs_locks_of_an_interrupt),
	CASE(irs_state_names),
	CASE(irs_state_of_another_vm),
	CASE(irs_state_of_status),
	CASE(irs_g25_g40_lpis_due),
	CASE(irs_state_refused),
	CASE(irs_g23_state_phases),
	CASE(irs_somebody_else_has_them),
#undef CASE
};

#define IRS_CASES	(sizeof(irs_cases) / sizeof(irs_cases[0]))

#endif /* __IRS_CASES_H */
