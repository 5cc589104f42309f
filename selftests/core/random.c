// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PPI state machine against a model of it that is slow and obvious: one
 * structure for each PPI, no words, a loop for everything. Both are driven by
 * the same random devices and the same random guest, the state machine through
 * a piece of hardware that works on words. After each step all that a guest or
 * KVM could see must be the same.
 *
 * STEPS is the number of steps (1,000,000), SEED another sequence (1).
 *
 * With FUZZ defined it is libFuzzer that takes the decisions, and looks for
 * those that reach more of the state machine.
 */
#include <vgicv5/ppi.h>
#include <vgicv5/state.h>

#include "compare.h"

/* --- the model ----------------------------------------------------------- */

struct model_ppi {
	bool implemented;
	bool edge;
	bool exposed;
	bool direct;		/* wired to the input of the host's PPI */
	bool input;		/* that input */
	bool line;
	bool edge_waiting;	/* injected, the hardware does not know yet */
	bool pending;		/* in the hardware */
	bool active;
	bool enabled;
	unsigned int prio;
};

static struct model {
	struct model_ppi ppi[PPI_NR];
	bool enabled;
	unsigned int mask;
	bool running[32];
	bool resident;
} model;

static unsigned int model_running(void)
{
	unsigned int p;

	for (p = 0; p < 32; p++)
		if (model.running[p])
			break;

	return p;
}

static u64 model_apr(void)
{
	u64 apr = 0;
	unsigned int p;

	for (p = 0; p < 32; p++)
		apr |= (u64)model.running[p] << p;

	return apr;
}

static bool model_could_take(const struct model_ppi *p)
{
	return p->exposed && p->enabled && !p->active && model.enabled &&
	       p->prio <= model.mask && p->prio < model_running();
}

/* What a look at the vCPU from outside the hardware must find */
static bool model_pending_in_memory(const struct model_ppi *p)
{
	return p->exposed && (p->edge ? p->edge_waiting : p->line);
}

/* What its own thread must find, wherever the state is */
static bool model_is_pending(const struct model_ppi *p)
{
	if (p->direct)
		return p->exposed && p->input;

	return model_pending_in_memory(p) || (p->edge && p->pending);
}

/* The highest priority, and of these the lowest number; -1 if there is none */
static int model_acknowledge(void)
{
	int best = -1, i;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		if (!model_could_take(p))
			continue;
		if (!(p->direct ? p->input : p->pending))
			continue;
		if (best < 0 || p->prio < model.ppi[best].prio)
			best = i;
	}

	if (best >= 0) {
		model.ppi[best].active = true;
		model.running[model.ppi[best].prio] = true;
		if (model.ppi[best].edge)
			model.ppi[best].pending = false;
	}

	return best;
}

/* Does it take a kick? */
static bool model_inject(int i, bool level)
{
	struct model_ppi *p = &model.ppi[i];

	if (!p->edge)
		p->line = level;
	else if (level)
		p->edge_waiting = true;

	if (!level || p->direct)
		return false;

	/* Only the hardware knows the masks while it has the state */
	return model.resident ? p->enabled : model_could_take(p);
}

static void model_hand_over(bool all)
{
	int i;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		if (all)
			p->pending = false;
		if (p->exposed && !p->direct) {
			if (!p->edge)
				p->pending = p->line;
			else if (p->edge_waiting)
				p->pending = true;
		}
		p->edge_waiting = false;
	}
}

static void model_take_back(void)
{
	int i;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		if (p->edge && p->pending)
			p->edge_waiting = true;
		p->pending = false;
	}
}

static void model_reset(void)
{
	int i;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		p->active = false;
		p->enabled = false;
		p->prio = 0;
	}
	model.enabled = false;
	model.mask = 0;
	memset(model.running, 0, sizeof(model.running));
}

static void model_write(enum ppi_reg reg, unsigned int n, u64 val,
			unsigned int pri_bits)
{
	int i;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];
		bool bit = i / 64 == n && val >> (i % 64) & 1;

		if (!p->exposed)
			continue;

		switch (reg) {
		case PPI_HMR:
		case PPI_CR0:
		case PPI_PCR:
		case PPI_APR:
			break;
		case PPI_ENABLER:
			if (i / 64 == n)
				p->enabled = bit;
			break;
		case PPI_SACTIVER:
			if (bit)
				p->active = true;
			break;
		case PPI_CACTIVER:
			if (bit)
				p->active = false;
			break;
		case PPI_SPENDR:
			if (bit && p->edge)
				p->edge_waiting = true;
			break;
		case PPI_CPENDR:
			if (bit && p->edge)
				p->edge_waiting = false;
			break;
		case PPI_PRIORITYR:
			if (i / 8 != n)
				break;
			p->prio = val >> (i % 8 * 8) & 31;
			if (pri_bits == 4)
				p->prio -= p->prio % 2;
			break;
		}
	}
}

/* A register as it must be, of what @what says about each PPI */
static u64 model_word(unsigned int bank, bool (*what)(const struct model_ppi *))
{
	u64 word = 0;
	int i;

	for (i = 63; i >= 0; i--)
		word = word << 1 | what(&model.ppi[bank * 64 + i]);

	return word;
}

static bool is_level(const struct model_ppi *p)
{
	return p->exposed && !p->edge;
}

static bool is_direct(const struct model_ppi *p)
{
	return p->exposed && p->direct;
}

static bool is_enabled(const struct model_ppi *p)
{
	return p->enabled;
}

static bool is_active(const struct model_ppi *p)
{
	return p->active;
}

static bool is_pending(const struct model_ppi *p)
{
	return p->pending;
}

/* --- the state machine, and hardware for it ------------------------------ */

static struct ppi_host host;
static struct ppi_vm vm;
static struct ppi_cpu *cpu;

static struct {
	struct ppi_image img;
	u64 input[PPI_BANKS];	/* of the directly injected */
	u64 prio[PPI_PRIORITYRS];
} hw;

static void enter(void)
{
	unsigned int n;

	memset(&hw.img, 0, sizeof(hw.img));
	memset(hw.prio, 0, sizeof(hw.prio));
	ppi_enter(cpu, &vm, &hw.img);
	for (n = 0; n < PPI_PRIORITYRS; n++)
		if (vm.prio_regs & 1U << n)
			hw.prio[n] = cpu->prio[host.prio_slot[n]];
}

static void leave(void)
{
	unsigned int n;

	/* What a directly injected PPI shows is nobody's business */
	for (n = 0; n < PPI_BANKS; n++)
		hw.img.pending[n] |= hw.img.direct[n] & hw.input[n];
	ppi_leave(cpu, &vm, &hw.img);
}

static void flush(void)
{
	u64 set[PPI_BANKS] = { 0 }, clear[PPI_BANKS] = { 0 };
	int b;

	if (!READ_ONCE(cpu->changed))
		return;

	if (!ppi_flush(cpu, &vm, set, clear))
		return;
	for (b = 0; b < PPI_BANKS; b++)
		hw.img.pending[b] = (hw.img.pending[b] & ~clear[b]) | set[b];
}

static int hw_acknowledge(void)
{
	unsigned int best = hw.img.apr ? __builtin_ctz(hw.img.apr) : 32, id = 0;
	bool found = false;
	int b;

	if (!hw.img.en)
		return -1;

	for (b = 0; b < PPI_BANKS; b++) {
		u64 c = ((hw.img.pending[b] & ~hw.img.direct[b]) |
			 (hw.input[b] & hw.img.direct[b])) &
			hw.img.enabled[b] & ~hw.img.active[b];

		for (; c; c &= c - 1) {
			unsigned int ppi = b * 64 + __builtin_ctzll(c);
			unsigned int prio = hw.prio[ppi / 8] >> ppi % 8 * 8 & 31;

			if (prio <= hw.img.pcr && prio < best) {
				found = true;
				best = prio;
				id = ppi;
			}
		}
	}

	if (!found)
		return -1;

	hw.img.active[ppi_bank(id)] |= ppi_bit(id);
	if (ppi_test(host.edge, id))
		hw.img.pending[ppi_bank(id)] &= ~ppi_bit(id);
	hw.img.apr |= 1U << best;
	return id;
}

/* --- chance -------------------------------------------------------------- */

/* Words with few bits, many bits, all or none */
static u64 word(void)
{
	switch (below(6)) {
	case 0:	 return 0;
	case 1:	 return ~0ULL;
	case 2:	 return chance() & chance() & chance();
	case 3:	 return chance() | chance();
	default: return chance();
	}
}

/* --- both together ------------------------------------------------------- */

enum { INJECTED, ENTERED, FLUSHED, ACKNOWLEDGED, WRITTEN, RESETS, MOVES, WORLDS, COUNTS };
static unsigned long counts[COUNTS];

static void new_world(unsigned int banks, unsigned int pri_bits)
{
	u64 implemented[PPI_BANKS], level[PPI_BANKS], ppis[PPI_BANKS];
	int b, i;

	memset(&hw, 0, sizeof(hw));
	for (b = 0; b < PPI_BANKS; b++) {
		implemented[b] = b < banks || !below(4) ? word() : 0;
		level[b] = word();
		ppis[b] = b < banks ? word() : 0;
		hw.input[b] = word();
	}
	if (below(8))
		implemented[0] |= 1ULL << PPI_SW;

	ppi_host_init(&host, implemented, level, pri_bits);
	ppi_vm_init(&vm, &host);
	ppi_vm_expose(&vm, ppis);

	/* No more room than the host asks for: the sanitizer watches its end */
	free(cpu);
	cpu = calloc(1, sizeof(*cpu) + host.nr_prio_regs * sizeof(u64));
	if (!cpu)
		exit(1);

	memset(&model, 0, sizeof(model));
	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		p->implemented = implemented[i / 64] >> i % 64 & 1;
		p->edge = p->implemented && !(level[i / 64] >> i % 64 & 1);
		p->exposed = p->implemented &&
			     (ppis[i / 64] >> i % 64 & 1 || i == PPI_SW);
		/* What the host gives away are the level inputs of timers */
		p->direct = p->implemented && !p->edge && !below(8);
		p->input = hw.input[i / 64] >> i % 64 & 1;
		if (p->direct)
			cpu->direct[i / 64] |= 1ULL << i % 64;
	}
	ppi_cpu_reset(cpu, &vm);
	counts[WORLDS]++;
}

static void compare(void)
{
	struct ppi_image now_hw = hw.img;
	unsigned int n, ppi, i;
	bool any = false;

	for (n = 0; n < PPI_BANKS; n++) {
		if (model.resident) {
			same("pending", n, hw.img.pending[n], model_word(n, is_pending));
			same("active", n, hw.img.active[n], model_word(n, is_active));
			same("enabled", n, hw.img.enabled[n], model_word(n, is_enabled));
			same("direct", n, hw.img.direct[n], model_word(n, is_direct));
		} else {
			same("SPENDR", n, ppi_guest_read(cpu, &vm, PPI_SPENDR, n),
			     model_word(n, model_pending_in_memory));
			same("CPENDR", n, ppi_guest_read(cpu, &vm, PPI_CPENDR, n),
			     ppi_guest_read(cpu, &vm, PPI_SPENDR, n));
			same("SACTIVER", n, ppi_guest_read(cpu, &vm, PPI_SACTIVER, n),
			     model_word(n, is_active));
			same("CACTIVER", n, ppi_guest_read(cpu, &vm, PPI_CACTIVER, n),
			     ppi_guest_read(cpu, &vm, PPI_SACTIVER, n));
		}
		/* These two are right at any time */
		same("ENABLER", n, ppi_guest_read(cpu, &vm, PPI_ENABLER, n),
		     model_word(n, is_enabled));
		same("HMR", n, ppi_guest_read(cpu, &vm, PPI_HMR, n),
		     model_word(n, is_level));
	}

	for (n = 0; n < PPI_PRIORITYRS; n++) {
		u64 want = 0;

		for (i = 8; i--; )
			want = want << 8 | model.ppi[n * 8 + i].prio;
		same("PRIORITYR", n, model.resident ? hw.prio[n] :
		     ppi_guest_read(cpu, &vm, PPI_PRIORITYR, n), want);
	}

	same("APR", 0, model.resident ? hw.img.apr :
	     ppi_guest_read(cpu, &vm, PPI_APR, 0), model_apr());
	same("PCR", 0, model.resident ? hw.img.pcr :
	     ppi_guest_read(cpu, &vm, PPI_PCR, 0), model.mask);
	same("CR0.EN", 0, model.resident ? hw.img.en :
	     ppi_guest_read(cpu, &vm, PPI_CR0, 0), model.enabled);

	for (i = 0; i < PPI_NR; i++)
		any |= model_is_pending(&model.ppi[i]) &&
		       model_could_take(&model.ppi[i]);
	/* Its own thread samples first; what PENDR shows there, who knows */
	for (n = 0; n < PPI_BANKS; n++)
		now_hw.pending[n] |= hw.img.direct[n] & word();
	for (i = 0; i < PPI_NR; i++) {
		if (!model.ppi[i].direct)
			continue;
		model.ppi[i].line = model.ppi[i].input;
		ppi_sample(cpu, i, model.ppi[i].input);
	}
	same("pending", 0, ppi_pending(cpu, &vm,
				       model.resident ? &now_hw : NULL), any);
	if (model.resident)
		return;

	ppi = below(PPI_NR);
	if (model.ppi[ppi].implemented)
		same("deliverable", ppi, ppi_deliverable(cpu, &vm, ppi),
		     model_could_take(&model.ppi[ppi]));
}

/* ICC_CR0_EL1, ICC_PCR_EL1 and ICC_APR_EL1 trap while an SPI or LPI is pending */
static void trapped_masks(void)
{
	u64 more = word();

	leave();
	model_take_back();
	ppi_guest_write(cpu, &vm, PPI_CR0, 0, (more & ~1ULL) | model.enabled);
	ppi_guest_write(cpu, &vm, PPI_PCR, 0, (more & ~31ULL) | model.mask);
	ppi_guest_write(cpu, &vm, PPI_APR, 0, model_apr());
	if (host.pri_bits == 4)
		model.mask &= 30;
	enter();
	model_hand_over(true);
}

/* A guest that runs: the hardware does it, KVM sees nothing of it */
static void guest_runs(void)
{
	unsigned int i, n;
	int ppi;
	u64 val;

	switch (below(6)) {
	case 0:
	case 1:
		now = "acknowledge";
		ppi = model_acknowledge();
		same("interrupt", 0, hw_acknowledge(), ppi);
		counts[ACKNOWLEDGED] += ppi >= 0;
		break;
	case 2:
		now = "priority drop";
		i = model_running();
		if (i < 32)
			model.running[i] = false;
		hw.img.apr &= hw.img.apr - 1;
		break;
	case 3:
		now = "deactivate";
		for (i = 0; i < PPI_NR; i++) {
			if (!model.ppi[i].active || below(2))
				continue;
			model.ppi[i].active = false;
			hw.img.active[i / 64] &= ~(1ULL << i % 64);
		}
		break;
	case 4:
		now = "guest sets masks";
		model.enabled = below(8);
		model.mask = below(2) ? 31 : below(32);
		if (below(2)) {
			trapped_masks();
			break;
		}
		if (host.pri_bits == 4)
			model.mask &= 30;
		hw.img.en = model.enabled;
		hw.img.pcr = model.mask;
		break;
	case 5:
		now = "guest sets pending";
		n = below(PPI_BANKS);
		val = word();
		hw.img.pending[n] |= val & host.edge[n] & vm.exposed[n];
		for (i = 0; i < 64; i++) {
			struct model_ppi *p = &model.ppi[n * 64 + i];

			if (val >> i & 1 && p->edge && p->exposed)
				p->pending = true;
		}
		break;
	}
}

/* A register of PPIs is written: the guest has trapped, or has been stopped */
static void guest_writes(void)
{
	enum ppi_reg reg = below(PPI_PRIORITYR + 1);
	unsigned int n = below(reg == PPI_PRIORITYR ? PPI_PRIORITYRS : PPI_BANKS);
	bool resident = model.resident;
	u64 val = word();

	now = "register write";
	counts[WRITTEN]++;
	if (resident && (reg == PPI_ENABLER || reg == PPI_PRIORITYR)) {
		ppi_guest_write(cpu, &vm, reg, n, val);
		if (reg == PPI_ENABLER)
			hw.img.enabled[n] = cpu->enabled[n];
		else
			hw.prio[n] = ppi_guest_read(cpu, &vm, reg, n);
		model_write(reg, n, val, host.pri_bits);
		return;
	}

	if (resident) {
		leave();
		model_take_back();
	}
	ppi_guest_write(cpu, &vm, reg, n, val);
	model_write(reg, n, val, host.pri_bits);
	if (resident) {
		enter();
		model_hand_over(true);
	}
}

static void device(void)
{
	unsigned int ppi = below(4) ? below(PPI_NR) : below(32);
	bool level = below(3), kick = false, wanted;

	now = "injection";
	counts[INJECTED]++;
	wanted = model_inject(ppi, level);
	if (level)
		kick = ppi_needs_kick(cpu, &vm, ppi, ppi_raise(cpu, &vm, ppi));
	else
		ppi_lower(cpu, &vm, ppi);
	/* Nobody owns the others, so nobody asks whether to kick */
	if (model.ppi[ppi].exposed)
		same("kick", ppi, kick, wanted);
}

static void input(void)
{
	unsigned int i, ppi = below(PPI_NR);

	now = "input of a directly injected PPI";
	hw.input[ppi / 64] ^= 1ULL << ppi % 64;
	model.ppi[ppi].input = !model.ppi[ppi].input;

	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		if (!p->direct)
			continue;
		p->line = p->input;
		ppi_sample(cpu, i, p->input);
	}
}

/* All that a VMM saves */
static const u16 state_regs[] = {
	STATE_ICSR, STATE_ENABLER(0), STATE_ENABLER(1), STATE_SACTIVER(0),
	STATE_SACTIVER(1), STATE_SPENDR(0), STATE_SPENDR(1),
	STATE_PRIORITYR(0), STATE_PRIORITYR(1), STATE_PRIORITYR(2),
	STATE_PRIORITYR(3), STATE_PRIORITYR(4), STATE_PRIORITYR(5),
	STATE_PRIORITYR(6), STATE_PRIORITYR(7), STATE_PRIORITYR(8),
	STATE_PRIORITYR(9), STATE_PRIORITYR(10), STATE_PRIORITYR(11),
	STATE_PRIORITYR(12), STATE_PRIORITYR(13), STATE_PRIORITYR(14),
	STATE_PRIORITYR(15), STATE_APR, STATE_CR0, STATE_PCR,
};

#define STATE_REGS	(sizeof(state_regs) / sizeof(state_regs[0]))

static bool is_saved_pending(const struct model_ppi *p)
{
	return model_pending_in_memory(p) && !p->direct;
}

/* It goes on as another vCPU, of another VM: restored in any order */
static void move(void)
{
	unsigned int first = below(STATE_REGS), i, n;
	struct ppi_cpu *old = cpu;
	u64 image[STATE_REGS], again;
	struct ppi_vm fresh;

	now = "save and restore";
	counts[MOVES]++;
	for (i = 0; i < STATE_REGS; i++)
		same("save ", state_regs[i],
		     ppi_state_get(cpu, &vm, state_regs[i], &image[i]), 0);
	for (n = 0; n < PPI_BANKS; n++) {
		same("saved ENABLER", n, image[1 + n], model_word(n, is_enabled));
		same("saved SACTIVER", n, image[3 + n], model_word(n, is_active));
		same("saved SPENDR", n, image[5 + n],
		     model_word(n, is_saved_pending));
	}
	same("saved APR", 0, image[STATE_REGS - 3], model_apr());
	same("saved CR0", 0, image[STATE_REGS - 2], 6 | model.enabled);
	same("saved PCR", 0, image[STATE_REGS - 1], model.mask);

	ppi_vm_init(&fresh, &host);
	cpu = calloc(1, sizeof(*cpu) + host.nr_prio_regs * sizeof(u64));
	if (!cpu)
		exit(1);
	for (i = 0; i < STATE_REGS; i++) {
		n = (first + i) % STATE_REGS;
		same("restore ", state_regs[n],
		     ppi_state_set(cpu, &fresh, state_regs[n], image[n]), 0);
	}
	for (i = 0; i < STATE_REGS; i++) {
		ppi_state_get(cpu, &fresh, state_regs[i], &again);
		same("saved again ", state_regs[i], again, image[i]);
	}

	ppi_vm_expose(&fresh, vm.exposed);
	vm = fresh;
	ppi_cpu_expose(cpu, &vm);
	memcpy(cpu->direct, old->direct, sizeof(cpu->direct));
	free(old);
	for (i = 0; i < PPI_NR; i++) {
		struct model_ppi *p = &model.ppi[i];

		/* Whoever drives it in the kernel does so anew */
		if (!p->exposed || p->direct || i != PPI_SW)
			p->line = false;
		p->edge_waiting &= p->exposed;
	}
}

static void one_step(void)
{
	unsigned int c = below(100), i;

	if (c < 30) {
		device();
	} else if (c < 35) {
		input();
	} else if (c < 45) {
		guest_writes();
	} else if (model.resident) {
		if (c < 75) {
			guest_runs();
		} else if (c < 90) {
			now = "flush";
			counts[FLUSHED]++;
			flush();
			model_hand_over(false);
		} else {
			now = "leave";
			leave();
			model_take_back();
			model.resident = false;
		}
	} else if (c < 47) {
		now = "reset";
		counts[RESETS]++;
		ppi_cpu_reset(cpu, &vm);
		model_reset();
		if (below(2)) {
			ppi_cpu_drop_edges(cpu);
			for (i = 0; i < PPI_NR; i++)
				model.ppi[i].edge_waiting = false;
		}
	} else if (c < 49) {
		move();
	} else {
		now = "enter";
		counts[ENTERED]++;
		enter();
		model_hand_over(true);
		model.resident = true;
	}
}

/* Banks that are implemented */
static const struct config configs[] = {
	{ "one_bank_5_bits", 1, 5, one_step },
	{ "one_bank_4_bits", 1, 4, one_step },
	{ "two_banks_5_bits", 2, 5, one_step },
	{ "two_banks_4_bits", 2, 4, one_step },
};

#define CONFIGS	(sizeof(configs) / sizeof(configs[0]))

#ifdef FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return compare_fuzz("fuzz", configs, CONFIGS, data, size);
}

#else

int main(void)
{
	static const char * const count_names[COUNTS] = {
		"injections", "entries", "flushes", "acknowledged",
		"register writes", "resets", "saved and restored", "worlds",
	};
	int failed = compare_all("random", configs, CONFIGS, counts, count_names, COUNTS);

	free(cpu);

	return !!failed;
}

#endif
