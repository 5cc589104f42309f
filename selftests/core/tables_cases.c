// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests of tables.c in user space, KTAP on stdout. With names as arguments,
 * these only. What is expected is written as the architecture's tables have it,
 * in numbers.
 */
#include "cases.h"

#include <vgicv5/tables.h>

/* IRS_IDR0 to 4: 12 bits of VM, 16 of VPE, LPIs of 24 bits, two levels of all */
#define IDR0	0x00000041u
#define IDR1	0x00400002u
#define IDR2	0x00003f38u
#define IDR3	0x00000580u
#define IDR4	0x000003c6u

static struct irs_host host_of(struct test *t, u32 idr2, u32 idr3, u32 idr4)
{
	const u32 idr[5] = { IDR0, IDR1, idr2, idr3, idr4 };
	struct irs_host host = { 0 };

	EXPECT(t, !irs_host_init(&host, idr));
	return host;
}

static void identification(struct test *t)
{
	struct irs_host host = host_of(t, IDR2, IDR3, IDR4);

	EXPECT_EQ(t, host.vm_id_bits, 12);
	EXPECT_EQ(t, host.vpe_id_bits, 16);
	EXPECT_EQ(t, host.pri_bits, 5);
	EXPECT_EQ(t, host.id_bits, 24);
	EXPECT_EQ(t, host.min_id_bits, 12);
	EXPECT_EQ(t, host.vmt_levels, 1);
	EXPECT_EQ(t, host.l2sz, 7);
	EXPECT_EQ(t, host.istmd, 0);
	EXPECT_EQ(t, host.vmd_size, 0);
	EXPECT_EQ(t, host.vped_size, 64);

	/* One level: IST_L2SZ is RES0 then, or means nothing */
	host = host_of(t, IDR2 & ~0x400u, IDR3, IDR4);
	EXPECT_EQ(t, host.l2sz, 0);

	/* A descriptor of 4096 bytes for VMs, metadata from 10 bits on */
	host = host_of(t, IDR2 | 0x4000 | 10 << 15, IDR3 | 12 << 1 | 1, IDR4);
	EXPECT_EQ(t, host.vmd_size, 4096);
	EXPECT_EQ(t, host.istmd, 1);
	EXPECT_EQ(t, host.istmd_bits, 10);

	/* Its size without it is nothing */
	host = host_of(t, IDR2, IDR3 | 12 << 1, IDR4);
	EXPECT_EQ(t, host.vmd_size, 0);
}

static void refused(struct test *t)
{
	static const struct {
		unsigned int n;
		u32 val;
		const char *why;
	} cases[] = {
		{ 0, IDR0 & ~0x40u, "no VMs" },
		{ 3, 0, "no VMs" },
		{ 2, IDR2 & ~0x20u, "no LPIs" },
		{ 1, IDR1 | 0x700000, "no sense" },
		{ 2, (IDR2 & ~0x1fu) | 25, "no sense" },
		{ 3, 7 << 5, "no sense" },
		{ 3, 17 << 5, "no sense" },
		{ 3, IDR3 | 2 << 1 | 1, "no sense" },
		{ 3, IDR3 | 13 << 1 | 1, "no sense" },
		{ 4, (IDR4 & ~0x3fu) | 2, "no sense" },
		{ 4, (IDR4 & ~0x3fu) | 13, "no sense" },
		{ 4, (IDR4 & ~0x3fu) | 38, "no sense" },
		{ 4, 6 << 6 | 6, "no sense" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 idr[5] = { IDR0, IDR1, IDR2, IDR3, IDR4 };
		struct irs_host host;
		const char *why;

		idr[cases[i].n] = cases[i].val;
		why = irs_host_init(&host, idr);
		EXPECT(t, why && strstr(why, cases[i].why));
	}
}

static void vm_table(struct test *t)
{
	struct irs_host host = host_of(t, IDR2, IDR3, IDR4);

	/* Two levels: 4096 VMs in 32 tables; of 256 VMs there are two, in 64 bytes */
	EXPECT_EQ(t, vmt_size(&host), 256);
	EXPECT_EQ(t, vmt_cfgr(&host), 0x1000c);
	host.vm_id_bits = 8;
	EXPECT_EQ(t, vmt_size(&host), 64);
	host.vm_id_bits = 16;
	EXPECT_EQ(t, vmt_size(&host), 4096);

	host.vmt_levels = false;
	EXPECT_EQ(t, vmt_size(&host), 0x200000);
	EXPECT_EQ(t, vmt_cfgr(&host), 16);
	host.vm_id_bits = 8;
	EXPECT_EQ(t, vmt_size(&host), 8192);
}

static void vmte(struct test *t)
{
	u64 e[VMTE_WORDS] = { ~0ULL, ~0ULL, ~0ULL, ~0ULL };

	vmte_init(e, 0xff123456789000ULL, 0xfedcba987640ULL, 3);
	EXPECT_EQ(t, e[0], 0xff123456789000ULL);
	EXPECT_EQ(t, e[1], 0x1800fedcba987640ULL);
	EXPECT_EQ(t, e[2], 0);
	EXPECT_EQ(t, e[3], 0);

	vmte_init(e, 0, 0x1000, 16);
	EXPECT_EQ(t, e[0], 0);
	EXPECT_EQ(t, e[1], 0x8000000000001000ULL);

	/* One and two VPEs: a table of 16 bytes has 64 */
	EXPECT_EQ(t, vpet_size(1), 64);
	EXPECT_EQ(t, vpet_size(3), 64);
	EXPECT_EQ(t, vpet_size(4), 128);
	EXPECT_EQ(t, vpet_size(16), 0x80000);

	/* G18: above 4 GiB, and to 8 bytes */
	EXPECT_EQ(t, table_entry(0x0080123456789a48ULL), 0x80123456789a48ULL);
	EXPECT_EQ(t, table_entry(0xff00000000001007ULL), 0x1000);
}

static void ist_words(struct test *t)
{
	struct irs_host host = host_of(t, IDR2 & ~0x400u, IDR3, IDR4);
	struct ist_shape shape;

	/* G11: 32 SPIs of 4 bytes in 128; 64 bytes at least */
	ist_shape_init(&shape, &host, 5, 4096);
	EXPECT_EQ(t, shape.l1_size, 128);
	EXPECT_EQ(t, shape.nr_l2, 0);
	EXPECT_EQ(t, ist_word(&shape, 0x80000000ULL), 0x2800000080000000ULL);
	ist_shape_init(&shape, &host, 3, 4096);
	EXPECT_EQ(t, shape.l1_size, 64);

	ist_shape_init(&shape, &host, 16, 4096);
	EXPECT_EQ(t, shape.l1_size, 0x40000);
	EXPECT_EQ(t, ist_word(&shape, 0x80000000ULL), 0x8000000080000000ULL);

	/* 8 bytes below 10 bits, 16 from there on */
	host = host_of(t, (IDR2 & ~0x400u) | 0x4000 | 10 << 15, IDR3, IDR4);
	ist_shape_init(&shape, &host, 9, 4096);
	EXPECT_EQ(t, shape.istsz, 1);
	EXPECT_EQ(t, shape.l1_size, 4096);
	ist_shape_init(&shape, &host, 10, 4096);
	EXPECT_EQ(t, shape.istsz, 2);
	EXPECT_EQ(t, shape.l1_size, 16384);
	EXPECT_EQ(t, ist_word(&shape, 0xff000000000000ULL) >> 48, 0x52ff);

	/* Two levels: 16 bits in 64 tables of 4K, or 4 of 64K, or 16 of 16K */
	host = host_of(t, IDR2, IDR3, IDR4);
	ist_shape_init(&shape, &host, 16, 4096);
	EXPECT_EQ(t, shape.nr_l2, 64);
	EXPECT_EQ(t, shape.l2_size, 4096);
	EXPECT_EQ(t, shape.l1_size, 512);
	EXPECT_EQ(t, ist_word(&shape, 0x80000000ULL), 0x8400000080000000ULL);
	ist_shape_init(&shape, &host, 16, 65536);
	EXPECT_EQ(t, shape.nr_l2, 4);
	EXPECT_EQ(t, shape.l2_size, 65536);
	EXPECT_EQ(t, shape.l1_size, 64);
	EXPECT_EQ(t, ist_word(&shape, 0x80000000ULL), 0x8400000080000004ULL);
	ist_shape_init(&shape, &host, 16, 16384);
	EXPECT_EQ(t, ist_word(&shape, 0x80000000ULL), 0x8400000080000002ULL);
	/* One table would do */
	ist_shape_init(&shape, &host, 10, 4096);
	EXPECT_EQ(t, shape.nr_l2, 0);
	EXPECT_EQ(t, shape.l1_size, 4096);
	ist_shape_init(&shape, &host, 11, 4096);
	EXPECT_EQ(t, shape.nr_l2, 2);
}

/* G21, G22: each set of sizes that is legal, each size of page */
static void ist_sizes(struct test *t)
{
	static const u32 chosen[8][3] = {	/* pages of 4K, 16K, 64K */
		[1] = { 4096, 4096, 4096 },
		[2] = { 16384, 16384, 16384 },
		[3] = { 4096, 16384, 4096 },
		[4] = { 65536, 65536, 65536 },
		[5] = { 4096, 4096, 65536 },
		[6] = { 16384, 16384, 65536 },
		[7] = { 4096, 16384, 65536 },
	};
	unsigned int mask, page;

	for (mask = 1; mask < 8; mask++) {
		struct irs_host host = host_of(t, (IDR2 & ~0x3800u) |
					       mask << 11, IDR3, IDR4);

		for (page = 0; page < 3; page++) {
			struct ist_shape shape;

			ist_shape_init(&shape, &host, 16, 4096 << 2 * page);
			EXPECT_EQ(t, shape.l2_size, chosen[mask][page]);
		}
	}
}

/* Each interrupt has an entry of its own, and no entry is out of the tables */
static void walk(struct test *t, const struct ist_shape *shape)
{
	u32 tables = shape->nr_l2 ? shape->nr_l2 : 1;
	u32 size = shape->nr_l2 ? shape->l2_size : shape->l1_size;
	u64 expected = 0;
	u32 id, l2;

	for (id = 0; id < 1U << shape->id_bits; id++) {
		u32 offset = ist_offset(shape, id, &l2);

		if (l2 >= tables || offset > size - (4U << shape->istsz) ||
		    (u64)l2 * size + offset != expected) {
			EXPECT_EQ(t, (u64)l2 * size + offset, expected);
			return;
		}
		expected += 4U << shape->istsz;
	}

	/* No table is left over, and each is as large as it is aligned */
	EXPECT_EQ(t, l2, tables - 1);
	EXPECT(t, size >= 64 && !(size & (size - 1)));
	EXPECT(t, shape->l1_size >= 64 &&
		  !(shape->l1_size & (shape->l1_size - 1)));
	EXPECT(t, !shape->nr_l2 || shape->l1_size >= 8 * shape->nr_l2);
}

static void ist_entries(struct test *t)
{
	unsigned int mask, page, md, bits;

	for (mask = 0; mask < 8; mask++)
	for (page = 0; page < 3; page++)
	for (md = 0; md < 22; md += 7)
	for (bits = 5; bits <= 16; bits++) {
		u32 idr2 = (IDR2 & ~0x3c00u) | (mask ? 0x400 | mask << 11 : 0);
		struct irs_host host = host_of(t, md ? idr2 | 0x4000 | md << 15 :
					       idr2, IDR3, IDR4);
		struct ist_shape shape;

		ist_shape_init(&shape, &host, bits, 4096 << 2 * page);
		EXPECT_EQ(t, shape.istsz, !md ? 0 : bits < md ? 1 : 2);
		EXPECT_EQ(t, !!shape.nr_l2,
			  mask && (4U << shape.istsz << bits) >
				  (4096U << 2 * shape.l2sz));
		walk(t, &shape);
	}
}

static const struct {
	const char *name;
	void (*run)(struct test *t);
} tests[] = {
	{ "tables_identification", identification },
	{ "tables_refused", refused },
	{ "tables_vm_table", vm_table },
	{ "tables_vmte", vmte },
	{ "tables_ist_words", ist_words },
	{ "tables_ist_sizes", ist_sizes },
	{ "tables_ist_entries", ist_entries },
};

int main(int argc, char **argv)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(tests); n++)
		case_plan(tests[n].name, argv + 1);
	for (n = 0; n < ARRAY_SIZE(tests); n++) {
		struct test t = { 0 };

		if (case_begin(tests[n].name, argv + 1)) {
			tests[n].run(&t);
			case_end(&t, tests[n].name);
		}
	}

	return case_status();
}
