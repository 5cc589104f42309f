// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job, for a person to look at: which PPIs the host implements, which
 * of them a guest gets and from whom, and a guest that takes SW_PPI and both
 * timers, with the number of exits to the host that each interrupt has cost.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/vmm.h"

#define NR		1000	/* interrupts of each kind */

#define EV_STEP		EV_USER

static __guest void guest_probe(u64 arg)
{
	/* What a guest may enable is what it has. */
	write_reg(ICC_ENABLER0, ~0ul);
	write_reg(ICC_ENABLER1, ~0ul);
	isb();
	cpu()->reg[0] = read_reg(ICC_ENABLER0);
	cpu()->reg[1] = read_reg(ICC_ENABLER1);
	cpu()->reg[2] = read_reg(ICC_HMR0);
}

/* Takes what user space injects, until it has NR. */
static __guest void take_sw_ppi(bool wait)
{
	gic_setup(BIT(SW_PPI));
	cpu()->phase = 1;
	if (wait)
		wfi_until(SW_PPI, NR);
	irq_on();
	while (cpu()->taken[SW_PPI] < NR)
		;
}

static __guest void take_timer(u32 ppi, bool wait)
{
	gic_setup(BIT(ppi));
	event(EV_STEP);
	timer_ticks(ppi, NR, ms(1) / 20);
	if (wait)
		wfi_until(ppi, NR);
	irq_on();
	while (cpu()->ticks_left)
		;
	event(EV_STEP);
}

/* arg: the PPI, and 0x100 to wait in WFI instead of spinning. */
static __guest void guest_takes(u64 arg)
{
	u32 ppi = arg & 0xff;

	if (ppi == SW_PPI)
		take_sw_ppi(arg >> 8);
	else
		take_timer(ppi, arg >> 8);
}

struct result {
	u64 taken, exits, irqs;	/* irqs: the host's own meanwhile */
};

/* From here to ends(): exits of a vCPU on CPU 0, and what explains them. */
static void begins(struct vcpu *vcpu, struct result *r)
{
	r->irqs = host_irqs(0) - host_kicks(0);
	r->exits = vcpu_stat(vcpu, "exits");
}

static void ends(struct vcpu *vcpu, struct result *r)
{
	r->exits = vcpu_stat(vcpu, "exits") - r->exits;
	r->irqs = host_irqs(0) - host_kicks(0) - r->irqs;
}

static bool sw_ppi_run(struct vcpu *vcpu, struct result *r)
{
	u64 i;

	pin_to(host_cpus() - 1);
	vcpu_start(vcpu, 0);
	if (!wait_for(vcpu->g->phase == 1))
		return false;
	begins(vcpu, r);
	for (i = 1; i <= NR; i++) {
		sw_ppi(vcpu);
		if (!wait_for(vcpu->g->taken[SW_PPI] >= i))
			break;
	}
	ends(vcpu, r);
	/* The guest has counted the last one, but still has to report. */
	return vcpu_join(vcpu) == EV_DONE && i > NR;
}

static bool timer_run(struct vcpu *vcpu, struct result *r)
{
	pin_to(0);
	if (vcpu_next(vcpu, WAIT_MS) != EV_STEP)
		return false;
	begins(vcpu, r);
	if (vcpu_next(vcpu, WAIT_MS) != EV_STEP)
		return false;
	ends(vcpu, r);
	/* One exit is the report to us, not a tick's. */
	r->exits--;
	return vcpu_next(vcpu, WAIT_MS) == EV_DONE;
}

static bool show_run(int ppi, bool wait)
{
	static const char * const names[] = {
		[SW_PPI] = "SW_PPI by KVM_IRQ_LINE",
		[CNTV] = "virtual timer", [CNTP] = "physical timer",
	};
	struct vm *vm = vm_ready(1, NULL);
	struct vcpu *vcpu = vm->vcpu[0];
	struct result r = { 0 };
	u64 own;
	bool ok;

	vcpu_entry(vcpu, guest_takes, ppi | wait << 8);
	ok = ppi == SW_PPI ? sw_ppi_run(vcpu, &r) : timer_run(vcpu, &r);
	r.taken = vcpu->g->taken[ppi];
	ok &= r.taken == NR && !vcpu->g->spurious;

	/* One that came while the guest was out anyway has cost no exit. */
	own = r.exits > r.irqs ? r.exits - r.irqs : 0;
	printf("  %-8s %-24s %6lu of %d %8lu.%02lu", wait ? "waits" : "spins",
	       names[ppi], r.taken, NR, r.exits / NR, r.exits % NR / 10);
	if (ppi != SW_PPI)
		printf(" %8lu.%02lu", own / NR, own % NR / 10);
	printf("%s\n", ok ? "" : "   <-- wrong");
	fflush(stdout);
	vm_free(vm);
	return ok;
}

static const char *ppi_name(int ppi)
{
	switch (ppi) {
	case SW_PPI:	return "SW_PPI";
	case PMUIRQ:	return "PMUIRQ";
	case CNTHP:	return "CNTHP";
	case CNTV:	return "CNTV";
	case CNTHV:	return "CNTHV";
	case CNTP:	return "CNTP";
	default:	return "-";
	}
}

/* This VM's vgicv5-state, in KVM's directory named <pid>-<VM descriptor>. */
static FILE *open_state(struct vm *vm)
{
	char path[128];

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/kvm/%d-%d/vgicv5-state", getpid(), vm->fd);
	return fopen(path, "r");
}

static void show_exposed(void)
{
	struct vm *vm = vm_ready(1, guest_probe);
	struct vcpu *vcpu = vm->vcpu[0];
	char line[256], name[32], mode[32], rest[128];
	FILE *f;
	int ppi;

	vcpu_next(vcpu, WAIT_MS);
	f = open_state(vm);
	if (f) {
		printf("Exposed to a guest (debugfs, kvm/*/vgicv5-state):\n");
		while (fgets(line, sizeof(line), f)) {
			if (sscanf(line, "ppi %d: %31s %31s %127[^\n]", &ppi,
				   name, mode, rest) == 4)
				printf("  PPI %3d  %-8s %-6s %s\n", ppi, name,
				       mode, rest);
		}
		fclose(f);
	} else {
		printf("Exposed to a guest, as it finds them itself (no debugfs file tells the owners):\n");
		for (ppi = 0; ppi < NR_PPIS; ppi++) {
			bool level = vcpu->g->reg[2] & BIT(ppi % 64);

			if (vcpu->g->reg[ppi / 64] & BIT(ppi % 64))
				printf("  PPI %3d  %-8s %s\n", ppi,
				       ppi_name(ppi), level ? "level" : "edge");
		}
	}
	vm_free(vm);
}

static void show_host(void)
{
	const char *v = debugfs_host("implemented");
	struct utsname u;

	uname(&u);
	printf("Host: Linux %s, %d CPUs, GICv5", u.release, host_cpus());
	if (v) {
		printf("\nPPIs the host implements: %s\n", v);
		v = debugfs_host("mode");
		printf("State of a loaded vCPU: %s", v ? v : "?");
		v = debugfs_host("priority bits");
		printf("; priority bits: %s\n", v ? v : "?");
	} else {
		printf("\nPPIs the host implements: not known here (no /sys/kernel/debug/vgicv5/host)\n");
	}
}

int main(void)
{
	static const int ppis[] = { SW_PPI, CNTV, CNTP };
	const char *why = need_vgic();
	bool ok = true;
	int i, wait;

	if (why) {
		fprintf(stderr, "demo: %s\n", why);
		return KSFT_SKIP;
	}

	show_host();
	show_exposed();
	printf("\nA guest takes interrupts; exits to the host for each of them:\n");
	printf("  %-8s %-24s %14s %11s %11s\n", "guest", "interrupt", "taken",
	       "all", "its own");
	for (wait = 0; wait < 2; wait++)
		for (i = 0; i < 3; i++)
			ok &= show_run(ppis[i], wait);
	printf("The host's own interrupts, its clock above all, end a run of the guest, too: its own\n"
	       "are what they do not explain.\n"
	       "A waiting guest exits for a timer tick only where KVM traps its WFI.\n");
	printf("%s\n", ok ? "All counts are right." : "Some counts are WRONG.");
	return ok ? KSFT_PASS : KSFT_FAIL;
}
