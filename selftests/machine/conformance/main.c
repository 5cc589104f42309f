// SPDX-License-Identifier: GPL-2.0-only
/* Run the tests, print TAP on the serial port, switch the machine off. */
#include "irs.h"

extern struct { u64 count, esr, elr; } el2_faults;

static const struct test *const subjects[NUM_SUBJECTS] = {
	reset_tests, registers_tests, fields_tests, redirect_tests, state_tests,
	pending_tests, select_tests, acknowledge_tests, signal_tests,
	nmi_tests, direct_tests, commands_tests, traps_tests,
	undefined_tests, physical_tests, wait_tests, barrier_tests,
	legacy_tests, tables_tests, residency_tests, virtual_tests,
};

static volatile u32 *const uart = (void *)0x09000000;

static void put_char(char c)
{
	while (uart[0x18 / 4] & BIT(5))		/* FR.TXFF */
		;
	uart[0] = c;
}

static void put(const char *s)
{
	for (; *s; s++)
		put_char(*s);
}

static void put_hex(u64 v)
{
	int shift = 60;

	put("0x");
	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[v >> shift & 0xf]);
}

static void put_dec(u64 v)
{
	if (v >= 10)
		put_dec(v / 10);
	put_char('0' + v % 10);
}

static void off(void)
{
	register u64 f asm("x0") = 0x84000008;	/* PSCI SYSTEM_OFF */

	asm volatile("smc #0" : "+r" (f) : : "memory");
	for (;;)
		;
}

void bail_out(u64 esr, u64 elr, u64 far)
{
	put("Bail out! unexpected exception: ESR_EL2 ");
	put_hex(esr);
	put(" ELR_EL2 ");
	put_hex(elr);
	put(" FAR_EL2 ");
	put_hex(far);
	put("\n");
	off();
}

/* The verdict on the current test, and what to say about it. */
static bool failed;
static const char *skipped;
static struct complaint {
	const char *what, *file;
	int line;
	bool values;
	u64 got, want;
} complaints[24];
static unsigned int num_complaints;

static void complain(struct complaint c)
{
	if (num_complaints < ARRAY_SIZE(complaints))
		complaints[num_complaints++] = c;
}

void check(bool good, const char *what, const char *file, int line)
{
	if (good)
		return;
	failed = true;
	complain((struct complaint){ .what = what, .file = file,
				     .line = line });
}

void check_eq(u64 got, u64 want, const char *what, const char *file, int line)
{
	if (got == want)
		return;
	failed = true;
	complain((struct complaint){ what, file, line, true, got, want });
}

void detail(const char *what, u64 v)
{
	complain((struct complaint){ .what = what, .got = v });
}

void skip(const char *why)
{
	skipped = why;
}

bool failed_yet(void)
{
	return failed;
}

static const char *base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

static void put_complaint(const struct complaint *c)
{
	put("# ");
	if (!c->file) {
		put("  ");
		put(c->what);
		put(": ");
		put_hex(c->got);
		put("\n");
		return;
	}
	put(base_name(c->file));
	put(":");
	put_dec(c->line);
	put(": ");
	put(c->what);
	if (c->values) {
		put(": ");
		put_hex(c->got);
		put(", should be ");
		put_hex(c->want);
	} else {
		put(": not so");
	}
	put("\n");
}

static void run_one(const struct test *t, unsigned int number)
{
	failed = false;
	skipped = 0;
	num_complaints = 0;
	quiet();
	t->run(t->arg);
	if (el2_faults.count) {
		check(false, "no fault at EL2", "main.c", __LINE__);
		detail("ESR_EL2", el2_faults.esr);
		detail("ELR_EL2", el2_faults.elr);
	}
	check_eq(errors(), 0, "errors that the IRS reports", "main.c", __LINE__);
	put(failed ? "not ok " : "ok ");
	put_dec(number);
	put(" - ");
	put(t->name);
	if (!failed && skipped) {
		put(" # SKIP ");
		put(skipped);
	}
	put("\n");
	if (failed)
		for (unsigned int i = 0; i < num_complaints; i++)
			put_complaint(&complaints[i]);
}

/* Find the kernel command line in the device tree. */
static u32 be32(const void *p)
{
	return __builtin_bswap32(*(const u32 *)p);
}

static bool str_eq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static const char *bootargs(const char *fdt)
{
	const char *p, *strings;

	if (!fdt || be32(fdt) != 0xd00dfeed)
		return "";
	p = fdt + be32(fdt + 8);
	strings = fdt + be32(fdt + 12);
	for (;;) {
		switch (be32(p)) {
		case 1:				/* a node and its name */
			p += 4;
			while (*p)
				p++;
			p = (const char *)(((u64)p + 4) & ~3ul);
			break;
		case 3:				/* length, name, value */
			if (str_eq(strings + be32(p + 8), "bootargs"))
				return p + 12;
			p += 12 + ((be32(p + 4) + 3) & ~3u);
			break;
		case 9:				/* the end */
			return "";
		default:
			p += 4;
		}
	}
}

/* "name" or "name=number" on the command line. */
static bool argument(const char *line, const char *name, u64 *value)
{
	while (*line) {
		const char *n = name;

		while (*n && *n == *line)
			n++, line++;
		if (!*n && (!*line || *line == ' ' || *line == '=')) {
			u64 v = 0, base = 10;

			if (*line == '=')
				line++;
			if (line[0] == '0' && line[1] == 'x')
				base = 16, line += 2;
			for (; *line && *line != ' '; line++)
				v = v * base + (*line <= '9' ? *line - '0' :
						(*line | 32) - 'a' + 10);
			*value = v;
			return true;
		}
		while (*line && *line != ' ')
			line++;
		while (*line == ' ')
			line++;
	}
	return false;
}

static void read_arguments(const char *line)
{
	u64 v;

	asked.given = argument(line, "ppis0", &asked.ppis[0]);
	argument(line, "ppis1", &asked.ppis[1]);
	argument(line, "edge0", &asked.edge[0]);
	argument(line, "edge1", &asked.edge[1]);
	argument(line, "pri-bits", &asked.pri_bits);
	argument(line, "id-bits", &asked.id_bits);
	asked.high_ties = argument(line, "high-ties", &v);
	asked.poison = argument(line, "poison", &v);
	asked.delay = argument(line, "delay", &v);
	asked.legacy = argument(line, "legacy", &v);

	argument(line, "vm-id-bits", &asked_shape.vm_id_bits);
	argument(line, "vpe-id-bits", &asked_shape.vpe_id_bits);
	argument(line, "vmd-size", &asked_shape.vmd);
	argument(line, "vped-size", &asked_shape.vped);
	argument(line, "vmt-levels", &asked_shape.vmt_levels);
	argument(line, "ist-levels", &asked_shape.ist_levels);
	argument(line, "l2sz", &asked_shape.l2sz);
	argument(line, "ist-metadata", &asked_shape.metadata);
	argument(line, "irs-pri-bits", &asked_shape.irs_pri_bits);
	argument(line, "cpus", &asked_shape.cpus);
	asked_shape.strict = argument(line, "irs-strict", &v);
	asked_shape.high_ties = argument(line, "irs-high-ties", &v);
	asked_shape.poison = argument(line, "irs-poison", &v);
	asked_shape.extra_doorbells = argument(line, "irs-extra-doorbells", &v);
	asked_shape.late_doorbells = argument(line, "irs-late-doorbells", &v);
	argument(line, "x-busy", &asked_shape.busy);
	argument(line, "cost", &asked_cost.kind);
	argument(line, "count", &asked_cost.count);
	argument(line, "cost-vms", &asked_cost.vms);
	argument(line, "cost-vpes", &asked_cost.vpes);
	argument(line, "cost-spis", &asked_cost.spis);
	argument(line, "random", &asked_shape.random);
	argument(line, "seed", &asked_shape.seed);
	asked_shape.events = argument(line, "events", &v);
}

/* Before anything is written. */
static void look_first(void)
{
	first.apr = rd(ICH_APR);
	first.vmcr = rd(ICH_VMCR);
	first.vctlr = rd(ICH_VCTLR);
	first.contextr = rd(ICH_CONTEXTR);
	first.hfgrtr = rd(ICH_HFGRTR);
	first.hfgwtr = rd(ICH_HFGWTR);
	first.hfgitr = rd(ICH_HFGITR);
	first.dvir[0] = rd(ICH_DVIR(0));
	first.dvir[1] = rd(ICH_DVIR(1));
	first.enabler[0] = rd(ICH_ENABLER(0));
	first.enabler[1] = rd(ICH_ENABLER(1));
	first.pendr[0] = rd(ICH_PENDR(0));
	first.pendr[1] = rd(ICH_PENDR(1));
	first.activer[0] = rd(ICH_ACTIVER(0));
	first.activer[1] = rd(ICH_ACTIVER(1));
	for (int i = 0; i < 16; i++)
		first.priorityr[i] = el2_rd(ICH_PRIORITYR(i));
	first.icc_cr0 = rd(ICC_CR0);
	first.icc_pcr = rd(ICC_PCR);
	first.icc_apr = rd(ICC_APR);
	first.icc_enabler[0] = rd(ICC_ENABLER(0));
	first.icc_enabler[1] = rd(ICC_ENABLER(1));
	first.icc_active[0] = rd(ICC_SACTIVER(0));
	first.icc_active[1] = rd(ICC_SACTIVER(1));
	first.icc_pending[0] = rd(ICC_SPENDR(0));
	first.icc_pending[1] = rd(ICC_SPENDR(1));

	wr(ICC_ENABLER(0), 0);
	wr(ICC_ENABLER(1), 0);
	wr(ICC_APR, 0);
	wr(ICC_PCR, 0x1f);
	set(ICC_CR0, CR0_EN);
	first.icc_hppir = rd(ICC_HPPIR);
	set(ICC_CR0, 0);
}

/* All of the virtual CPU interface but ICH_CONTEXTR is written here. */
static void look_for_vpe(void)
{
	hcr = HCR_GUEST;
	wr_sys(sctlr_el1, 0x30d50980ul);
	wr(ICH_HFGRTR, HFG_ALL);
	wr(ICH_HFGWTR, HFG_ALL);
	wr(ICH_HFGITR, HFG_ALL);
	set(ICH_VCTLR, VCTLR_EN);
	wr(ICH_ENABLER(0), 0);
	wr(ICH_ENABLER(1), 0);
	wr(ICH_APR, 0);
	set(ICH_VMCR, VMCR_EN | VMCR_VPMR(0x1f));

	first.vhppir = rd(ICH_HPPIR);
	first.viaffid = at_el1({ return rd(ICC_IAFFIDR); });
	first.vicsr = at_el1({
		wr(GIC_CDRCFG, INTID(TYPE_LPI, 5));
		gsb_sys();
		isb();
		return rd(ICC_ICSR);
	});
	first.cdia = at_el1({ return cdia(); });
	first.apr_active = rd(ICH_APR);
	first.vhppir_active = rd(ICH_HPPIR);
	at_el1({ cdeoi(); cddi(first.cdia & BITS(31, 0)); });
	first.vhppir_again = rd(ICH_HPPIR);
	set(ICH_CONTEXTR, CONTEXTR_V);
	first.contextr_written = rd(ICH_CONTEXTR);
	first.vhppir_written = rd(ICH_HPPIR);
}

/* Implemented is what ENABLER stores; the interface is off meanwhile. */
static void look_around(void)
{
	quiet();
	pri_bits = IDR0_PRI_BITS(rd(ICC_IDR0)) + 1;
	for (int i = 0; i < 2; i++) {
		el2_wr(ICC_ENABLER(i), ~0ul);
		impl[i] = el2_rd(ICC_ENABLER(i));
		el2_wr(ICC_ENABLER(i), 0);
		hmr[i] = el2_rd(ICC_HMR(i));
		edge[i] = impl[i] & ~hmr[i];
	}
}

static void say(const char *what, u64 a, u64 b)
{
	put("# ");
	put(what);
	put_hex(a);
	put(" ");
	put_hex(b);
	put("\n");
}

/* Something else than all tests */
static void run_other(const char *name, bool good)
{
	put("TAP version 13\n1..1\n");
	say("errors that the IRS reports ", errors(), 0);
	put(good ? "ok 1 - " : "not ok 1 - ");
	put(name);
	put("\n");
	for (unsigned int i = 0; i < num_complaints; i++)
		put_complaint(&complaints[i]);
	put("# end\n");
	off();
}

void run_all(const char *fdt)
{
	unsigned int number = 0;

	read_arguments(bootargs(fdt));
	irs_look();
	if (asked_shape.events)
		run_other("what is traced has happened", events());
	if (!asked_shape.random && !asked_cost.vms)
		irs_reset_once();
	look_first();
	look_for_vpe();
	look_around();
	if (asked_shape.random)
		run_other("the machine goes on, and did something",
			  random_writes(asked_shape.seed, asked_shape.random));
	if (asked_cost.vms)
		run_other("what is counted has happened", cost());
	for (int i = 0; i < NUM_SUBJECTS; i++)
		for (const struct test *t = subjects[i]; t->name; t++)
			number++;
	put("TAP version 13\n1..");
	put_dec(number);
	put("\n");
	say("implemented PPIs ", impl[0], impl[1]);
	say("edges ", edge[0], edge[1]);
	say("priority bits ", pri_bits, asked.pri_bits);

	number = 0;
	for (int i = 0; i < NUM_SUBJECTS; i++)
		for (const struct test *t = subjects[i]; t->name; t++)
			run_one(t, ++number);
	quiet();
	put("# end\n");
	off();
}
