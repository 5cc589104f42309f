// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRS against a model of it that is slow and obvious: one structure for each
 * interrupt, no queue, a loop for everything; one row of a table for each
 * register. Both are driven by the same random vCPUs, devices and accesses to the
 * frame. After each step all that a guest or KVM could see must be the same, and
 * a vCPU in the guest must be told of what it can take, and of nothing else.
 *
 * STEPS is the number of steps (1,000,000), SEED another sequence (1).
 *
 * With FUZZ defined it is libFuzzer that takes the decisions.
 */
#include <vgicv5/state.h>

#include "compare.h"
#include "irs_world.h"

#define CPUS		4
#define IDLE		32

enum { KIND_SPI, KIND_LPI };

/* --- the model ----------------------------------------------------------- */

struct model_irq {
	unsigned int kind;
	u32 id;
	bool pending, active, enabled, level, line;
	unsigned int prio;
	unsigned int iaffid;
	unsigned long since;	/* when it became a candidate there */
};

struct model_cpu {
	unsigned int iaffid;
	bool en;
	unsigned int pcr;
	u32 apr;
	bool resident, in_guest, in_wfi;
	bool kicked;
	u32 said;		/* in force, since it last entered */
	unsigned int last_kind[32];	/* that it has taken */
};

enum { PAGE_NONE, PAGE_THERE, PAGE_FAILED };

/* A few of each kind: in one page, in different ones, at both ends */
#define IRQS	20

static struct model {
	struct model_irq irq[IRQS];
	struct model_cpu cpu[CPUS];
	unsigned int cpus, nr_spis, pri_bits, iaffid_bits, pa_range;
	bool on;
	u32 cr1, spi_selr, pe_selr, ist_cfgr;
	u64 ist_baser;
	unsigned int lpi_bits;
	unsigned int page[128];
	unsigned long now;
} model;

static bool model_exists(const struct model_irq *i)
{
	return i->kind == KIND_SPI ? i->id < model.nr_spis :
	       model.lpi_bits && i->id < 1U << model.lpi_bits;
}

static bool model_candidate(const struct model_irq *i)
{
	return model_exists(i) && i->enabled && i->pending && !i->active;
}

/* -1 for one that nobody gets */
static int model_target(const struct model_irq *i)
{
	unsigned int c;

	for (c = 0; c < model.cpus; c++)
		if (model.cpu[c].iaffid == i->iaffid)
			return c;

	return -1;
}

/* The better of two candidates of a vCPU */
static bool model_before(const struct model_cpu *cpu, const struct model_irq *a,
			 const struct model_irq *b)
{
	if (a->prio != b->prio)
		return a->prio < b->prio;
	if (a->kind != b->kind)
		return a->kind != cpu->last_kind[a->prio];

	return a->since < b->since;
}

static struct model_irq *model_best(unsigned int c)
{
	struct model_irq *best = NULL;
	unsigned int i;

	for (i = 0; model.on && i < IRQS; i++) {
		struct model_irq *irq = &model.irq[i];

		if (model_candidate(irq) && model_target(irq) == (int)c &&
		    (!best || model_before(&model.cpu[c], irq, best)))
			best = irq;
	}

	return best;
}

static unsigned int model_best_prio(unsigned int c)
{
	const struct model_irq *best = model_best(c);

	return best ? best->prio : IDLE;
}

static unsigned int model_running(unsigned int c)
{
	unsigned int p;

	for (p = 0; p < 32; p++)
		if (model.cpu[c].apr >> p & 1)
			break;

	return p;
}

static bool model_passes(unsigned int c, unsigned int prio)
{
	const struct model_cpu *cpu = &model.cpu[c];

	return prio != IDLE && cpu->en && prio <= cpu->pcr &&
	       prio < model_running(c);
}

static bool model_any_active(void)
{
	unsigned int i;

	for (i = 0; i < IRQS; i++)
		if (model_exists(&model.irq[i]) && model.irq[i].active)
			return true;

	return false;
}

/* The table of irs.h */
static u32 model_says(unsigned int c)
{
	unsigned int best = model_best_prio(c);
	u32 says = 0;

	if (model_passes(c, best))
		says |= IRS_VI;
	if (best != IDLE)
		says |= IRS_TRAP_MASKS;
	if (best != IDLE && best >= model_running(c))
		says |= IRS_TRAP_CDEOI;
	if (model_any_active())
		says |= IRS_TRAP_CDDI;

	return says;
}

/* --- both ---------------------------------------------------------------- */

static struct irs irs;
static struct irs_cpu cpus[CPUS];
static struct ppi_cpu ppi[CPUS];

/* --- comparing ----------------------------------------------------------- */

enum { EXECUTED, INJECTED, TAKEN, KICKS, ENTRIES, FRAME, ISTS, RESETS, MOVES,
       NO_MEMORY, COUNTS };
static unsigned long counts[COUNTS];

static u64 model_icsr(const struct model_irq *i)
{
	if (!model_exists(i) ||
	    (i->kind == KIND_LPI && model.page[i->id / 512] == PAGE_FAILED))
		return 1;

	return (u64)i->iaffid << 32 | i->prio << 11 | i->level << 5 |
	       i->active << 4 | i->pending << 2 | i->enabled << 1;
}

static u32 intid(const struct model_irq *i)
{
	return (i->kind == KIND_SPI ? 3U : 2U) << 29 | i->id;
}

static void compare(void)
{
	const struct model_irq *best;
	unsigned int c, i, active = 0;

	for (i = 0; i < IRQS; i++) {
		same("ICSR", intid(&model.irq[i]),
		     irs_rcfg(&irs, intid(&model.irq[i])),
		     model_icsr(&model.irq[i]));
		active += model_exists(&model.irq[i]) && model.irq[i].active;
	}
	same("number", 0, irs.active, active);

	for (c = 0; c < model.cpus; c++) {
		struct model_cpu *cpu = &model.cpu[c];

		best = model_best(c);
		same("best priority", c, irs_best(&irs, &cpus[c]),
		     best ? best->prio : IDLE);
		same("highest", c, irs_highest(&irs, &cpus[c], IDLE),
		     best ? intid(best) : 0);
		if (!cpu->in_guest)
			continue;
		/* Of what it does itself it is told by a trap, else by a kick */
		if (!cpu->kicked)
			same("VI", c, !!(cpu->said & IRS_VI),
			     model_passes(c, best ? best->prio : IDLE));
		if (model_any_active() && !(cpu->said & IRS_TRAP_CDDI))
			same("flag for CDDI", c, cpus[c].changed, 1);
	}
}

/* --- vCPUs --------------------------------------------------------------- */

static void set_masks(unsigned int c)
{
	ppi[c].en = model.cpu[c].en;
	ppi[c].pcr = model.cpu[c].pcr;
	ppi[c].apr = model.cpu[c].apr;
	ppi[c].resident = model.cpu[c].resident;
}

/* It leaves the guest: kicked, or by a trap */
static void leave_guest(unsigned int c)
{
	model.cpu[c].in_guest = false;
	model.cpu[c].kicked = false;
}

static void enter_guest(unsigned int c)
{
	struct model_cpu *cpu = &model.cpu[c];
	u32 stale;

	counts[ENTRIES]++;
	if (cpus[c].changed) {
		cpu->said = irs_evaluate(&irs, &cpus[c], cpu->en, cpu->pcr,
					 cpu->apr);
		same("said", c, cpu->said, model_says(c));
		same("signal", c, cpus[c].signal, cpu->said);
	} else {
		/* Only that nothing is active any more need not be known */
		stale = cpu->said & ~model_says(c);
		same("stale", c, stale & ~IRS_TRAP_CDDI, 0);
		/*
		 * A PPI that it has acknowledged by itself holds back only what
		 * the mask held back before, and the mask traps.
		 */
		same("missing", c, model_says(c) & ~cpu->said & ~IRS_TRAP_CDEOI, 0);
	}
	cpu->in_guest = true;
}

/* What the guest does by itself, or by a trap; afterwards it is in the guest */
static void trap(unsigned int c)
{
	leave_guest(c);
	cpus[c].changed = 1;
}

static void kick_one(struct irs_cpu *cpu, bool lowered)
{
	unsigned int c = cpu - cpus;
	struct model_cpu *m = &model.cpu[c];
	bool kick;

	same("flag", c, cpu->changed, 1);
	kick = irs_needs_kick(&irs, cpu, &ppi[c], lowered, m->in_wfi);
	if (m->resident)
		same(lowered ? "kick, lowered," : "kick, raised,", c, kick,
		     lowered == !!(cpu->signal & IRS_VI));
	else
		same(lowered ? "wake-up, lowered," : "wake-up, raised,", c, kick,
		     !lowered && m->in_wfi && model_passes(c, model_best_prio(c)));
	if (kick) {
		counts[KICKS]++;
		m->kicked = true;
		m->in_wfi = false;
	}
}

static void kick_touched(const struct irs_touched *t)
{
	if (t->lowered)
		kick_one(t->lowered, true);
	if (t->raised)
		kick_one(t->raised, false);
}

static void kick_all(void)
{
	unsigned int c;

	for (c = 0; c < model.cpus; c++) {
		if (model.cpu[c].in_guest || model.cpu[c].in_wfi)
			model.cpu[c].kicked = true;
		model.cpu[c].in_wfi = false;
	}
}

/* Whom a change of an interrupt is told to */
struct view {
	int target;
	unsigned int prio;
};

static struct view view(const struct model_irq *i)
{
	struct view v = { -1, IDLE };

	if (model_candidate(i)) {
		v.target = model_target(i);
		v.prio = i->prio;
	}

	return v;
}

static void model_changed(struct model_irq *i, struct view was,
			  const struct irs_touched *t)
{
	struct view is = view(i);
	int raised = -1, lowered = -1;

	if (is.target >= 0 && (is.target != was.target || is.prio < was.prio))
		raised = is.target;
	if (was.target >= 0 && (is.target != was.target || is.prio > was.prio))
		lowered = was.target;
	same("raised", i->id, t->raised ? t->raised - cpus : -1, raised);
	same("lowered", i->id, t->lowered ? t->lowered - cpus : -1, lowered);
	if (is.target != was.target || is.prio != was.prio)
		i->since = ++model.now;
}

static void execute(void)
{
	struct model_irq *i = &model.irq[below(IRQS)];
	enum irs_op op = below(IRS_CDDI + 1);
	struct view was = view(i);
	struct irs_touched t;
	struct model_irq new = *i;
	unsigned int arg = 0;
	u64 operand = intid(i);

	now = "instruction";
	counts[EXECUTED]++;
	/* Most often what makes something happen */
	switch (below(8)) {
	case 0:
	case 1:
		op = IRS_CDPEND;
		break;
	case 2:
		op = i->active ? IRS_CDDI : IRS_CDEN;
		break;
	case 3:
		op = i->active ? IRS_CDDI : IRS_CDPEND;
		break;
	}
	switch (op) {
	case IRS_CDDIS:
		if (below(4))
			op = IRS_CDEN;
		new.enabled = op == IRS_CDEN;
		break;
	case IRS_CDEN:
		new.enabled = true;
		break;
	case IRS_CDPRI:
		arg = below(32);
		operand |= (u64)arg << 35;
		new.prio = model.pri_bits == 4 ? arg - arg % 2 : arg;
		break;
	case IRS_CDAFF:
		arg = below(8) ? model.cpu[below(model.cpus)].iaffid :
				 below(0x10000);
		new.iaffid = arg;
		/* IRM is RES0 */
		operand |= (u64)arg << 32 | (u64)!below(16) << 28;
		break;
	case IRS_CDPEND:
		new.pending = below(5);
		operand |= (u64)new.pending << 32;
		break;
	case IRS_CDHM:
		arg = below(2);
		operand |= (u64)arg << 32;
		if (arg && !new.level && new.kind == KIND_SPI)
			new.pending = new.line;
		new.level = arg;
		break;
	case IRS_CDDI:
		new.active = false;
		break;
	}
	/* What is RES0, or belongs to others */
	if (below(2))
		operand |= 0xff000000000000ULL << below(8);

	if (!below(16))
		world_fail = 1;
	world_failed = 0;
	irs_execute(&irs, op, operand, &t);
	world_fail = 0;

	if (!model_exists(i)) {
		same("raised", i->id, !!t.raised || !!t.lowered, 0);
		return;
	}
	if (i->kind == KIND_LPI && model.page[i->id / 512] != PAGE_THERE) {
		bool zero = !(model_icsr(&new) & ~1ULL) &&
			    model.page[i->id / 512] == PAGE_NONE;

		if (model.page[i->id / 512] == PAGE_FAILED)
			zero = !new.enabled && !new.prio && !new.iaffid &&
			       !new.pending && !new.level;
		if (world_failed) {
			counts[NO_MEMORY]++;
			same("allocation", i->id, zero, 0);
			model.page[i->id / 512] = PAGE_FAILED;
			return;
		}
		if (!zero)
			model.page[i->id / 512] = PAGE_THERE;
	}
	*i = new;
	model_changed(i, was, &t);
	kick_touched(&t);
}

static void inject(void)
{
	struct model_irq *i = &model.irq[below(IRQS)];
	bool level = below(3);
	struct irs_touched t;
	struct view was = view(i);

	now = "injection";
	if (i->kind != KIND_SPI || !model_exists(i)) {
		u32 spi = model.nr_spis + below(5000);

		same("error", spi, irs_inject(&irs, spi, level, &t), -EINVAL);
		same("touched", spi, t.raised || t.lowered, 0);
		return;
	}
	counts[INJECTED]++;
	same("error", i->id, irs_inject(&irs, i->id, level, &t), 0);
	i->line = level;
	if (level)
		i->pending = true;
	else if (i->level)
		i->pending = false;
	model_changed(i, was, &t);
	kick_touched(&t);
}

/* CDIA traps while VI is on; a debugger, say, may as well acknowledge without */
static void acknowledge(unsigned int c)
{
	struct model_cpu *cpu = &model.cpu[c];
	struct model_irq *best = model_best(c);
	unsigned int bound = !cpu->en ? 0 : cpu->pcr + 1 < model_running(c) ?
			     cpu->pcr + 1 : model_running(c);
	u32 wanted = 0, got;
	u8 prio = 77;

	now = "acknowledge";
	if (best && !model_passes(c, best->prio))
		best = NULL;
	if (best)
		wanted = intid(best);
	trap(c);
	got = irs_acknowledge(&irs, &cpus[c], bound, &prio);
	same("acknowledged", c, got, wanted);
	same("its priority", c, prio, best ? best->prio : 77);
	if (best) {
		counts[TAKEN]++;
		best->active = true;
		if (!best->level)
			best->pending = false;
		cpu->last_kind[best->prio] = best->kind;
		cpu->apr |= 1U << best->prio;
		same("flag", c, cpus[c].changed, 1);
	}
}

static void guest(unsigned int c)
{
	struct model_cpu *cpu = &model.cpu[c];

	switch (below(7)) {
	case 0:
	case 1:
	case 2:
		if (cpu->said & IRS_VI || !below(8))
			acknowledge(c);
		break;
	case 3:
		now = "CDEOI";
		if (cpu->said & IRS_TRAP_CDEOI)
			trap(c);
		cpu->apr &= cpu->apr - 1;
		break;
	case 4:
		now = "masks";
		if (cpu->said & IRS_TRAP_MASKS)
			trap(c);
		cpu->en = below(8);
		cpu->pcr = below(2) ? 31 : below(32);
		break;
	case 5:
		now = "a PPI is acknowledged";
		if (cpu->said & IRS_VI)
			trap(c);
		if (model_running(c) && cpu->en)
			cpu->apr |= 1U << below(model_running(c));
		break;
	case 6:
		now = "APR";
		if (cpu->said & IRS_TRAP_MASKS)
			trap(c);
		cpu->apr = below(2) ? 0 : chance() & chance() & chance();
		break;
	}
}

static void vcpu(void)
{
	unsigned int c = below(model.cpus);
	struct model_cpu *cpu = &model.cpu[c];

	if (cpu->kicked || (cpu->in_guest && below(4) == 0)) {
		now = "leaves the guest";
		leave_guest(c);
	} else if (cpu->in_guest) {
		guest(c);
	} else if (!cpu->resident) {
		now = "load";
		cpu->in_wfi = false;
		cpu->resident = true;
	} else if (below(5) == 0) {
		now = "put";
		cpu->resident = false;
		cpu->in_wfi = below(2) &&
			      !model_passes(c, model_best_prio(c));
	} else {
		now = "enters the guest";
		enter_guest(c);
	}
	set_masks(c);
}

/* --- the frame ----------------------------------------------------------- */

static bool spi_selected(void)
{
	return (model.spi_selr & 0xffffff) < model.nr_spis;
}

static bool cpu_selected(void)
{
	unsigned int c;

	for (c = 0; c < model.cpus; c++)
		if ((model.pe_selr & 0xffff) == model.cpu[c].iaffid)
			return true;

	return false;
}

static struct model_irq *selected_irq(void)
{
	unsigned int i;

	for (i = 0; i < IRQS; i++)
		if (model.irq[i].kind == KIND_SPI &&
		    model.irq[i].id == (model.spi_selr & 0xffffff))
			return &model.irq[i];

	return NULL;
}

/* The table of registers: what is not in it is RAZ/WI */
static u64 model_read(u32 offset, unsigned int size)
{
	const struct { u32 offset; u64 value; } rows[] = {
		{ 0x000, 1 | model.pa_range << 2 },
		{ 0x004, model.cpus | (model.iaffid_bits - 1) << 16 |
			 (model.pri_bits - 1) << 20 },
		{ 0x008, 16 | 1 << 5 | 12 << 6 },
		{ 0x00c, 0 },
		{ 0x010, 0 },
		{ 0x014, model.nr_spis },
		{ 0x018, model.nr_spis },
		{ 0x01c, 0 },
		{ 0x040, 0x4b << 20 | 0x43b },
		{ 0x044, 0 },
		{ 0x080, 2 | model.on },
		{ 0x084, model.cr1 },
		{ 0x0c0, 0 },
		{ 0x0c4, 1 },
		{ 0x108, model.spi_selr },
		{ 0x10c, 1 },
		{ 0x114, spi_selected() && selected_irq() ?
			 selected_irq()->level : 0 },
		{ 0x118, spi_selected() ? 3 : 1 },
		{ 0x140, model.pe_selr },
		{ 0x144, cpu_selected() ? 7 : 1 },
		{ 0x148, cpu_selected() },
		{ 0x180, model.ist_baser & 0xffffffff },
		{ 0x184, model.ist_baser >> 32 },
		{ 0x190, model.ist_cfgr },
		{ 0x194, 1 },
		{ 0xffbc, 0x47705a19 },
		{ 0xffd0, 0x04 }, { 0xffd4, 0 }, { 0xffd8, 0 }, { 0xffdc, 0 },
		{ 0xffe0, 0x4b }, { 0xffe4, 0xb0 }, { 0xffe8, 0x0b }, { 0xffec, 0 },
		{ 0xfff0, 0x0d }, { 0xfff4, 0xf0 }, { 0xfff8, 0x05 }, { 0xfffc, 0xb1 },
	};
	unsigned int i;

	if (size == 8)
		return offset == 0x180 ? model.ist_baser : 0;
	for (i = 0; size == 4 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].offset == offset)
			return rows[i].value;

	return 0;
}

static void model_no_lpis(void)
{
	unsigned int i, kind, id;

	for (i = 0; i < IRQS; i++) {
		struct model_irq *irq = &model.irq[i];

		kind = irq->kind;
		id = irq->id;
		if (kind != KIND_LPI)
			continue;
		memset(irq, 0, sizeof(*irq));
		irq->kind = kind;
		irq->id = id;
	}
	memset(model.page, 0, sizeof(model.page));
	model.lpi_bits = 0;
}

static void frame(void)
{
	static const u32 registers[] = {
		0x80, 0x84, 0x108, 0x114, 0x118, 0x140, 0x144, 0x148, 0x180,
		0x184, 0x190, 0x194, 0xc0, 0xc4, 0x100, 0x110, 0x10c, 0x0, 0x4, 0x8,
	};
	u32 offset = below(3) ? registers[below(20)] : below(4) ?
		     below(0x400) : below(IRS_FRAMES_SIZE);
	unsigned int size = below(4) ? offset == 0x180 ? 8 : 4 : 1 << below(4);
	u64 val = below(2) ? chance() : below(8);
	bool again, wanted = false, toggle = !below(8);
	struct model_irq *irq;
	u64 baser;

	counts[FRAME]++;
	if (toggle) {
		offset = 0x180;
		size = 8;
		val = model.ist_baser ^ 1;
	}
	if (!toggle && !below(2)) {
		now = "frame read";
		same("register", offset, irs_read(&irs, offset, size),
		     model_read(offset, size));
		return;
	}

	now = "frame write";
	if (offset == 0x190 && below(4))
		val = 12 + below(5);
	if (offset == 0x180 && !toggle && below(3))
		val = (chance() & 0xffffffffffc0ULL) | 1;
	if (offset == 0x80 && below(4))
		val |= 1;
	if (offset == 0x108 && below(8))
		val = model.irq[below(IRQS)].id;
	if (offset == 0x140 && below(8))
		val = model.cpu[below(model.cpus)].iaffid;
	/* What it selects must be one of those that are watched */
	if (size == 4 && offset == 0x114 && spi_selected() && !selected_irq())
		return;

	world_failed = 0;
	if (!below(8))
		world_fail = 1;
	again = irs_write(&irs, offset, size, val);
	world_fail = 0;

	if (size == 4) {
		val &= 0xffffffff;
		switch (offset) {
		case 0x80:
			wanted = model.on != (val & 1);
			model.on = val & 1;
			break;
		case 0x84:
			model.cr1 = val;
			break;
		case 0x108:
			model.spi_selr = val;
			break;
		case 0x140:
			model.pe_selr = val;
			break;
		case 0x190:
			if (!(model.ist_baser & 1))
				model.ist_cfgr = val;
			break;
		case 0x114:
			irq = spi_selected() ? selected_irq() : NULL;
			if (irq) {
				struct view was = view(irq), is;

				if (val & 1 && !irq->level)
					irq->pending = irq->line;
				irq->level = val & 1;
				is = view(irq);
				wanted = is.target != was.target;
				if (wanted)
					irq->since = ++model.now;
			}
			break;
		}
	}

	if (offset == 0x180 && size == 8)
		baser = val;
	else if (offset == 0x180 && size == 4)
		baser = (model.ist_baser >> 32) << 32 | val;
	else if (offset == 0x184 && size == 4)
		baser = (model.ist_baser & 0xffffffff) | val << 32;
	else
		baser = model.ist_baser | 1;	/* not written: not changed */

	if (model.ist_baser & 1 && !(baser & 1)) {
		model_no_lpis();
		model.ist_baser = baser;
		wanted = true;
	} else if (!(model.ist_baser & 1) && (offset & ~4U) == 0x180) {
		unsigned int bits = model.ist_cfgr & 0x1f;

		if (!(baser & 1) && (size == 8 || size == 4)) {
			if (size == 4 || offset == 0x180)
				model.ist_baser = baser;
		} else if (baser & 1 && (size == 4 || offset == 0x180) &&
			   size >= 4 && !(model.ist_cfgr & 0x10180) &&
			   bits >= 12 && bits <= 16) {
			if (world_failed) {
				counts[NO_MEMORY]++;
			} else if (offset == 0x180) {
				counts[ISTS]++;
				model.ist_baser = baser;
				model.lpi_bits = bits;
			}
		}
	}
	same("to be kicked", offset, again, wanted);
	if (again)
		kick_all();
}

static void reset(void)
{
	unsigned int c, i;

	now = "reset";
	counts[RESETS]++;
	for (c = 0; c < model.cpus; c++)
		if (model.cpu[c].in_guest || model.cpu[c].resident)
			return;
	irs_reset(&irs);
	model_no_lpis();
	model.on = false;
	model.cr1 = 0;
	model.spi_selr = model.pe_selr = ~0U;
	model.ist_cfgr = 0;
	model.ist_baser = 0;
	for (i = 0; i < IRQS; i++) {
		struct model_irq old = model.irq[i];

		memset(&model.irq[i], 0, sizeof(old));
		model.irq[i].kind = old.kind;
		model.irq[i].id = old.id;
		model.irq[i].line = old.line;
	}
	for (c = 0; c < model.cpus; c++)
		same("flag", c, cpus[c].changed, 1);
}

/* --- save and restore ---------------------------------------------------- */

/* Each that says something of its own; in an order that is not that of use */
static const u32 state_regs[] = {
	0x180, 0x190, 0x80, 0x84, 0x108, 0x140, 0x0, 0x4, 0x8, 0xc, 0x10, 0x14,
	0x18, 0x1c, 0x40, 0x44, 0xc0, 0xc4, 0x100, 0x10c, 0x110, 0x114, 0x118,
	0x144, 0x148, 0x194, 0x1c0, 0x200, 0x3d0, 0xffbc, 0xfffc,
};

#define STATE_REGS	(sizeof(state_regs) / sizeof(state_regs[0]))

struct image {
	u64 regs[STATE_REGS];
	u32 spis[IRS_SPIS_MAX];
	u32 lpis[1 << IRS_LPI_BITS];
};

static void save(struct image *image)
{
	unsigned int i;
	u64 lpi_bytes = model.lpi_bits ? 4ULL << model.lpi_bits : 0;

	memset(image, 0, sizeof(*image));
	for (i = 0; i < STATE_REGS; i++)
		same("save", state_regs[i], irs_state_get(&irs, state_regs[i],
							  &image->regs[i]), 0);
	same("sizes", 0, irs_state_sizes(&irs, false, model.nr_spis * 4,
					 lpi_bytes), model.lpi_bits);
	irs_save(&irs, image->spis, image->lpis);
}

/* What no step does by itself is zero */
static u32 saved_word(const struct model_irq *i)
{
	if (!model_exists(i))
		return 0;

	return i->iaffid << 16 | i->prio << 11 | i->enabled << 3 |
	       i->level << 2 | i->active << 1 | i->pending;
}

static u32 *word_of(struct image *image, const struct model_irq *i)
{
	return i->kind == KIND_SPI ? &image->spis[i->id] : &image->lpis[i->id];
}

static void check_image(struct image *image)
{
	static struct image other;
	unsigned int i;

	memset(&other, 0, sizeof(other));
	for (i = 0; i < IRQS; i++)
		if (model_exists(&model.irq[i]))
			*word_of(&other, &model.irq[i]) = saved_word(&model.irq[i]);
	same("SPIs", 0, memcmp(image->spis, other.spis, sizeof(other.spis)), 0);
	same("LPIs", 0, memcmp(image->lpis, other.lpis, sizeof(other.lpis)), 0);
}

/* It goes on as another IRS */
static void move(void)
{
	struct irs_config config = irs.config;
	static struct image image, again;
	unsigned int c, i, p;
	u64 lpi_bytes = model.lpi_bits ? 4ULL << model.lpi_bits : 0;
	int ret;

	now = "save and restore";
	counts[MOVES]++;
	for (c = 0; c < model.cpus; c++) {
		leave_guest(c);
		model.cpu[c].resident = false;
		model.cpu[c].in_wfi = false;
		set_masks(c);
	}
	save(&image);
	check_image(&image);

	irs_destroy(&irs);
	memset(&irs, 0, sizeof(irs));
	memset(cpus, 0xa5, sizeof(cpus));
	config.pa_range = 0;
	if (irs_init(&irs, &config))
		broken("no IRS");
	for (c = 0; c < model.cpus; c++)
		if (irs_add_cpu(&irs, &cpus[c], model.cpu[c].iaffid))
			broken("no vCPU");
	/* What has come before is undone */
	for (i = 0; i < 3; i++) {
		struct irs_touched t;

		irs_inject(&irs, below(32), true, &t);
		irs_execute(&irs, IRS_CDEN, 3U << 29 | below(32), &t);
	}

	for (i = 0; i < STATE_REGS; i++)
		same("restore", state_regs[i],
		     irs_state_set(&irs, state_regs[i], image.regs[i]), 0);
	same("missing", 0, irs_lacks_lpis(&irs), !!model.lpi_bits);
	same("sizes", 0, irs_state_sizes(&irs, true, model.nr_spis * 4,
					 lpi_bytes), model.lpi_bits);
	world_failed = 0;
	if (!below(4))
		world_fail = 1 + below(3);
	ret = irs_restore(&irs, image.spis, image.lpis, model.lpi_bits);
	world_fail = 0;
	same("restored", 0, ret, world_failed ? -ENOMEM : 0);
	if (world_failed) {
		counts[NO_MEMORY]++;
		same("missing", 0, irs_lacks_lpis(&irs), 1);
		same("restored", 0, irs_restore(&irs, image.spis, image.lpis,
						model.lpi_bits), 0);
	}
	save(&again);
	same("again", 0, memcmp(&again, &image, sizeof(image)), 0);

	memset(model.page, 0, sizeof(model.page));
	for (i = 0; i < IRQS; i++) {
		struct model_irq *irq = &model.irq[i];

		if (irq->kind == KIND_LPI && saved_word(irq))
			model.page[irq->id / 512] = PAGE_THERE;
		/* Inputs that came before stay with edges */
		if (irq->kind == KIND_SPI && model_exists(irq))
			irq->line = irs.spis[irq->id].word >> 5 & 1;
		if (irq->level && irq->kind == KIND_SPI)
			same("line", irq->id, irq->line, irq->pending);
		/* Those that wait do so in the order of their numbers */
		if (model_candidate(irq))
			irq->since = ++model.now;
	}
	for (c = 0; c < model.cpus; c++) {
		same("flag", c, cpus[c].changed, 1);
		for (p = 0; p < 32; p++)
			model.cpu[c].last_kind[p] = KIND_LPI;
	}
}

/* --- worlds -------------------------------------------------------------- */

static void new_world(unsigned int nr_cpus, unsigned int pri_bits)
{
	static const u32 spis[] = { 0, 1, 2, 3, 30, 31, 32, 1023 };
	static const u32 lpis[] = { 0, 1, 2, 3, 510, 511, 512, 4095, 4096,
				    8191, 40000, 65535 };
	struct irs_config config = {
		.nr_spis = 32 << below(6),
		.pri_bits = pri_bits,
		.pa_range = below(7),
		.nr_cpus = nr_cpus,
		.iaffid_bits = 2 + below(8),
	};
	unsigned int i;

	irs_destroy(&irs);
	if (world_in_use())
		broken("something is left");
	world_clean();

	memset(&irs, 0, sizeof(irs));
	memset(cpus, 0xa5, sizeof(cpus));
	memset(ppi, 0, sizeof(ppi));
	memset(&model, 0, sizeof(model));
	if (irs_init(&irs, &config))
		broken("no IRS");

	model.cpus = nr_cpus;
	model.nr_spis = config.nr_spis;
	model.pri_bits = pri_bits;
	model.pa_range = config.pa_range;
	model.iaffid_bits = config.iaffid_bits;
	model.spi_selr = model.pe_selr = ~0U;
	for (i = 0; i < nr_cpus; i++) {
		/* With holes, and 0 is not always one */
		model.cpu[i].iaffid = (1U << config.iaffid_bits) - 1 - i;
		if (i == 0 && config.iaffid_bits > 2 && below(4))
			model.cpu[i].iaffid = 0;
		memset(model.cpu[i].last_kind, -1, sizeof(model.cpu[i].last_kind));
		while (irs_add_cpu(&irs, &cpus[i], model.cpu[i].iaffid))
			broken("no vCPU");
		model.cpu[i].en = true;
		model.cpu[i].pcr = 31;
		/* The SPI is first */
		for (unsigned int p = 0; p < 32; p++)
			model.cpu[i].last_kind[p] = KIND_LPI;
		set_masks(i);
	}
	for (i = 0; i < 8; i++)
		model.irq[i] = (struct model_irq){ .kind = KIND_SPI, .id = spis[i] };
	for (; i < IRQS; i++)
		model.irq[i] = (struct model_irq){ .kind = KIND_LPI, .id = lpis[i - 8] };
	/* Most often with LPIs */
	if (below(8)) {
		model.ist_cfgr = 12 + below(5);
		model.ist_baser = 0x12340001;
		model.lpi_bits = model.ist_cfgr;
		model.on = true;
		irs_write(&irs, 0x190, 4, model.ist_cfgr);
		irs_write(&irs, 0x180, 8, model.ist_baser);
		irs_write(&irs, 0x80, 4, 1);
	}
}

static void one_step(void)
{
	unsigned int c = below(1000);

	if (c < 400)
		execute();
	else if (c < 550)
		inject();
	else if (c < 940)
		vcpu();
	else if (c < 997)
		frame();
	else if (c < 999)
		move();
	else
		reset();
}

static void one_frame_step(void)
{
	if (below(4))
		frame();
	else
		one_step();
}

/* vCPUs */
static const struct config configs[] = {
	{ "1_vcpu_5_bits", 1, 5, one_step },
	{ "4_vcpus_5_bits", 4, 5, one_step },
	{ "2_vcpus_4_bits", 2, 4, one_step },
	{ "frame", 3, 5, one_frame_step },
};

#define CONFIGS	(sizeof(configs) / sizeof(configs[0]))

#ifdef FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return compare_fuzz("irs_fuzz", configs, CONFIGS, data, size);
}

#else

int main(void)
{
	static const char * const count_names[COUNTS] = {
		"instructions", "injections", "taken", "kicks", "entries",
		"accesses of the frame", "ISTs", "resets",
		"saved and restored", "without memory",
	};
	int failed = compare_all("irs_random", configs, CONFIGS, counts, count_names, COUNTS);

	irs_destroy(&irs);
	world_clean();

	return failed || world_in_use();
}

#endif
