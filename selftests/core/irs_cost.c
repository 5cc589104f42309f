// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an interrupt costs in the IRS, counted in basic blocks of src/core/ that
 * are passed: the compiler calls a function at the start of each. With 1,024
 * SPIs and 65,536 LPIs that wait for the same vCPU it must be what it is with a
 * few. Also how much memory they take.
 */
#include "irs_world.h"

#define SPI(id)		((3U << 29) | (id))
#define LPI(id)		((2U << 29) | (id))

static unsigned long blocks;

void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

static struct irs irs;
static struct irs_cpu cpu[2];
static struct ppi_cpu ppi;

static size_t bytes(void)
{
	const struct world_block *b;
	size_t n = 0;

	for (b = world_blocks; b; b = b->next)
		n += b->freed ? 0 : b->size;

	return n;
}

static void execute(enum irs_op op, u64 operand)
{
	struct irs_touched t;

	irs_execute(&irs, op, operand, &t);
}

/* One of each priority of each kind, or all there are */
static void all_wait(unsigned int spis, unsigned int lpis)
{
	unsigned int n;

	for (n = 0; n < spis + lpis; n++) {
		u32 intid = n < spis ? SPI(n) : LPI(n - spis);

		execute(IRS_CDPRI, op_prio(intid, 1 + n % 30));
		execute(IRS_CDEN, intid);
		execute(IRS_CDPEND, op_bit(intid, true));
	}
}

enum { SEND, EVALUATE, KICK, HIGHEST, TAKE, END, MOVE, DROP, COSTS };

static const char * const names[COSTS] = {
	"CDPEND", "evaluate", "whether to kick", "HPPIR", "CDIA", "CDDI", "CDAFF",
	"CDPEND 0",
};

/* An LPI that is sent, taken, and sent again, moved, and taken back */
static void measure(unsigned int *cost)
{
	const u32 intid = LPI(700);
	u8 prio;

#define COST(what, call)						\
	do {								\
		blocks = 0;						\
		call;							\
		cost[what] = blocks;					\
	} while (0)

	execute(IRS_CDPEND, op_bit(intid, false));
	execute(IRS_CDPRI, op_prio(intid, 0));
	execute(IRS_CDEN, intid);
	irs_evaluate(&irs, &cpu[0], 1, 31, 0);
	COST(SEND, execute(IRS_CDPEND, op_bit(intid, true)));
	COST(KICK, irs_needs_kick(&irs, &cpu[0], &ppi, false, true));
	COST(EVALUATE, irs_evaluate(&irs, &cpu[0], 1, 31, 0));
	COST(HIGHEST, irs_highest(&irs, &cpu[0], 32));
	irs_evaluate(&irs, &cpu[1], 1, 31, 0);
	COST(TAKE, irs_acknowledge(&irs, &cpu[0], 32, &prio));
	COST(END, execute(IRS_CDDI, intid));
	execute(IRS_CDPRI, op_prio(intid, 7));
	execute(IRS_CDPEND, op_bit(intid, true));
	COST(MOVE, execute(IRS_CDAFF, op_aff(intid, 1)));
	execute(IRS_CDAFF, op_aff(intid, 0));
	COST(DROP, execute(IRS_CDPEND, op_bit(intid, false)));
}

int main(void)
{
	const struct irs_config config = {
		.nr_spis = IRS_SPIS_MAX, .pri_bits = 5, .nr_cpus = 2,
		.iaffid_bits = 1,
	};
	unsigned int few[COSTS], many[COSTS], n, failed = 0;
	size_t none, first, all;

	if (irs_init(&irs, &config) || irs_add_cpu(&irs, &cpu[0], 0) ||
	    irs_add_cpu(&irs, &cpu[1], 1))
		broken("no IRS");
	irs_write(&irs, 0x190, 4, 16);
	irs_write(&irs, 0x180, 8, 1);
	irs_write(&irs, 0x80, 4, 1);
	ppi.en = 1;
	ppi.pcr = 31;

	none = bytes();
	all_wait(30, 60);
	measure(few);
	first = bytes();
	all_wait(IRS_SPIS_MAX, 65536);
	measure(many);
	all = bytes();

	printf("KTAP version 1\n1..%u\n", COSTS);
	for (n = 0; n < COSTS; n++) {
		printf("# %s: %u basic blocks while 90 others wait, %u while 66,560 do\n",
		       names[n], few[n], many[n]);
		printf("%sok %u irs_cost %s\n", few[n] == many[n] ? "" : "not ",
		       n + 1, names[n]);
		failed += few[n] != many[n];
	}
	printf("# memory of a VM with 1,024 SPIs: %zu bytes and %zu of each vCPU; with LPIs of 2 pages configured %zu, with all 65,536 %zu\n",
	       none, sizeof(struct irs_cpu), first, all);
	irs_destroy(&irs);

	return !!failed;
}
